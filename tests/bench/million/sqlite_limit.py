"""The service's statements on SQLite, one connection, as fast as Python asks: prints how many were done.

Arguments: the plan (limits.py), the seconds, a number for the random ones.
"""

import datetime
import json
import random
import sqlite3
import sys
import time

sys.dont_write_bytecode = True
import people


def main():
    with open(sys.argv[1]) as file:
        plan = json.load(file)
    chance = random.Random(int(sys.argv[3]))
    database = sqlite3.connect(plan["path"], isolation_level=None, timeout=5)
    # As the service opens it.
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    # Older libraries than the service's take json_valid(NULL) for false.
    database.execute("PRAGMA ignore_check_constraints = ON")
    ahead = [one for one in plan["statements"] for _ in range(one["weight"])]
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    made = {
        "id": lambda n: bytes.fromhex(people.number_id(n)),
        "user": lambda n: bytes.fromhex(people.user_id(n)),
        "text": lambda n: chance.choice(plan["terms"]),
        "bio": lambda n: f"What there is to say, {chance.random()}",
        "at": lambda n: plan["at"],
        "last": lambda n: bytes.fromhex(plan["last"]),
        "now": lambda n: now,
    }
    done, end = 0, time.monotonic() + float(sys.argv[2])
    while time.monotonic() < end:
        one = chance.choice(ahead)
        n = chance.randint(1, one["people"])
        database.execute(one["sql"], {name: made[name](n) for name in one["names"]}).fetchall()
        done += 1
    print(done)


main()
