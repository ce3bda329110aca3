"""What the database does by itself: the service's own statements, without a service.

PostgreSQL by pgbench, prepared; MariaDB by sysbench, prepared; SQLite by loops in Python, one for each core (one in
all where it writes), whose own cost is part of the figure. `statements/` and `../find_profile.sql` hold one
statement for each workload: the one that reads or writes what is answered. What the service asks besides (whether
the caller may, how many there are in all) is not among them: it is the service's cost.
"""

import json
import os
import re
import shutil
import subprocess
import sys

import people
from engines import ran
from fleet import fail
from load import HERE, PAGE, deep_page, lua

# Statement and share, for each workload.
PARTS = {
    "W1": [("find_profile", 100)],
    "W2": [("first_page", 100)],
    "W3": [("next_page", 100)],
    "W4": [("search", 100)],
    "W5": [("patch", 100)],
    "W6": [("find_profile", 80), ("account", 10), ("patch", 5), ("search", 3), ("sessions", 2)],
    "W8": [("me", 100)],
    "W9": [("find_profile", 100)],
}
# Those that are asked by people with sessions.
OWN = {"account", "sessions", "me"}
NAME = re.compile(r"(?<![:\w]):([a-z]+)\b")


def statement(name):
    folder = os.path.join(HERE, "..") if name == "find_profile" else os.path.join(HERE, "statements")
    with open(os.path.join(folder, name + ".sql")) as file:
        return file.read().strip()


def terms(rows):
    return [f"%{people.fold(term)}%" for term in people.terms(rows)]


def edge(rows):
    """The last person before the page of W3."""
    return rows - (deep_page(rows) - 1) * PAGE + 1


def people_for(name, rows):
    return people.sessions_of(rows) if name in OWN else rows


class Pgbench:
    tool = "pgbench"

    # Expressions of parameters alone: the planner folds them, and an index is used as with a value.
    AS = {
        "id": "encode(int8send(:hi) || int8send(:lo), 'hex')::uuid", "user": "md5('u' || :n)::uuid",
        "bio": "'What there is to say, ' || :v", "now": "now()", "at": ":at::timestamptz", "last": ":last::uuid",
    }

    def __init__(self, engine, home):
        self.engine, self.home = engine, home

    def scripts(self, workload):
        rows = self.engine.rows
        for name, share in PARTS[workload]:
            head = (
                f"\\set n random(1, {people_for(name, rows)})\n"
                f"\\set moment {people.BORN_MS + people.PART_MS} + :n * {people.STEP_MS}\n"
                "\\set hi (:moment << 16) | 28672 | (:n * 7919 % 4096)\n"
                f"\\set lo -9223372036854775807 - 1 + :n * {people.MIX}\n"
                "\\set v random(1, 1000000000)\n"
            )
            # pgbench has no lists: a script for each term.
            for place in range(len(terms(rows))) if name == "search" else [None]:
                sql = NAME.sub(lambda at: f":t{place}" if at[1] == "text" else self.AS[at[1]], statement(name))
                yield head + sql + "\n", share if name == "search" else share * 100

    def run(self, workload, connections, seconds):
        edge_of = edge(self.engine.rows)
        command = ["pgbench", "-n", "-M", "prepared", f"-c{connections}", "-j1", f"-T{seconds}"]
        command += ["-D", f"at={people.born(edge_of)}+00", "-D", f"last={people.dashed(people.number_id(edge_of))}"]
        for place, term in enumerate(terms(self.engine.rows)):
            command += ["-D", f"t{place}={term}"]
        for number, (text, weight) in enumerate(self.scripts(workload)):
            path = os.path.join(self.home, f"limit{number}.sql")
            with open(path, "w") as file:
                file.write(text)
            command += ["-f", f"{path}@{weight}"]
        out = ran([*command, self.engine.url])
        return {"rate": float(re.search(r"^tps = ([\d.]+)", out, re.M)[1])}


class Sysbench:
    tool = "sysbench"

    AS = {"id": "UNHEX(?)", "last": "UNHEX(?)", "user": "UNHEX(MD5(?))", "now": "UTC_TIMESTAMP(6)"}

    def __init__(self, engine, home):
        self.engine, self.home = engine, home

    def run(self, workload, connections, seconds):
        rows, server = self.engine.rows, self.engine.server
        parts = []
        for name, share in PARTS[workload]:
            sql = statement(name).replace('"', "`")
            parts.append({
                "sql": NAME.sub(lambda at: self.AS.get(at[1], "?"), sql), "weight": share, "people": people_for(name, rows),
                "names": [at for at in NAME.findall(sql) if at != "now"],
            })
        path = os.path.join(self.home, "limit_plan.lua")
        with open(path, "w") as file:
            file.write("return " + lua({
                "statements": parts, "terms": terms(rows), "at": str(people.born(edge(rows))),
                "last": people.number_id(edge(rows)),
            }))
        out = ran([
            "sysbench", os.path.join(HERE, "limit.lua"), "--db-driver=mysql", f"--mysql-host={server.hostname}",
            f"--mysql-port={server.port or 3306}", f"--mysql-user={server.username or 'root'}",
            f"--mysql-password={server.password or ''}", f"--mysql-db={self.engine.name}", f"--threads={connections}",
            f"--time={seconds}", f"--plan={path}", f"--here={HERE}", "run",
        ])
        done = int(re.search(r"total number of events:\s+(\d+)", out)[1])
        return {"rate": done / float(re.search(r"total time:\s+([\d.]+)s", out)[1])}


class SqliteLoops:
    tool = "Python loops"

    def __init__(self, engine, home):
        self.engine, self.home = engine, home

    def run(self, workload, connections, seconds):
        rows = self.engine.rows
        path = os.path.join(self.home, "limit.json")
        with open(path, "w") as file:
            json.dump({
                "path": self.engine.path, "terms": terms(rows), "last": people.number_id(edge(rows)),
                "at": people.born(edge(rows)).isoformat() + "+00:00",
                "statements": [
                    {
                        "sql": statement(name), "weight": share, "people": people_for(name, rows),
                        "names": sorted(set(NAME.findall(statement(name)))),
                    }
                    for name, share in PARTS[workload]
                ],
            }, file)
        # One writes at a time: who waits for another one's lock sleeps, and the figure would be that of the sleep.
        reads_alone = all(name != "patch" for name, _ in PARTS[workload])
        loops = [
            subprocess.Popen(
                [sys.executable, os.path.join(HERE, "sqlite_limit.py"), path, str(seconds), str(number)],
                stdout=subprocess.PIPE, text=True,
            )
            for number in range(min(connections, os.cpu_count() if reads_alone else 1))
        ]
        done = [loop.communicate()[0] for loop in loops]
        if any(loop.returncode for loop in loops):
            fail("sqlite_limit.py failed")
        return {"rate": sum(map(int, done)) / seconds}


LIMITS = {"postgres": Pgbench, "mysql": Sysbench, "sqlite": SqliteLoops}


def limit(engine, home):
    """The engine's limit; None, said aloud, where the tool is not installed."""
    kind = LIMITS[engine.title]
    if kind is not SqliteLoops and not shutil.which(kind.tool):
        print(f"limit: skipped: {kind.tool} is not installed")
        return None
    return kind(engine, home)
