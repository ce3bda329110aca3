"""Load by wrk: what is asked for, and what came of it."""

import json
import os
import urllib.parse

import people
from engines import ran
from fleet import USERS, fail

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = 50
PEOPLE = 1000
WHAT = {
    "W1": "read by id", "W2": "first page of 50", "W3": "page {page} by cursor", "W4": "search, 3 to 6 letters",
    "W5": "PATCH", "W6": "mixed", "W7": "/health/live", "W8": "/users/me, session checked", "W9": "read by id, 1 000 people, remembered",
}


def lua(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {lua(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "{" + ", ".join(map(lua, value)) + "}"
    return json.dumps(value, ensure_ascii=False)


def deep_page(rows):
    """Which page W3 asks for: the 10 000th, or that in the middle of a smaller table."""
    return max(2, min(10_000, rows // PAGE // 2))


def walked(service, token, rows):
    """Walks to the page by cursor, once, and answers its cursor. What is on the page is known: the newest are first."""
    page, cursor, left = deep_page(rows), "", deep_page(rows) - 1
    connection = service.replica.connection()
    while left:
        # Two pages at a time where they are that many.
        step = 2 if left % 2 == 0 else 1
        got = service.must(200, "GET", f"{USERS}?limit={step * PAGE}{cursor}", token, on=connection)
        cursor, left = "&cursor=" + got["next_cursor"], left - step
    got = service.must(200, "GET", f"{USERS}?limit={PAGE}{cursor}", token, on=connection)
    connection.close()
    want = [people.dashed(people.number_id(rows - (page - 1) * PAGE - n)) for n in range(PAGE)]
    if [item["id"] for item in got["items"]] != want:
        fail(f"page {page} does not hold who should be there")
    return cursor


def plan(service, rows):
    """What the service is asked."""
    reader = people.dashed(people.user_id(0))
    token = service.token(reader, scope="users:read")
    awake = people.sessions_of(rows)
    numbers = sorted({1 + n * 7919 % awake for n in range(min(PEOPLE, awake))})
    return {
        "rows": rows, "users": USERS, "token": token, "writer": service.token(reader, scope="users:write"), "health": "/health/live",
        "first_page": f"{USERS}?limit={PAGE}", "next_page": f"{USERS}?limit={PAGE}{walked(service, token, rows)}",
        "search": f"{USERS}/search?limit=20&q=", "terms": [urllib.parse.quote(term) for term in people.terms(rows)],
        "people": [
            {"n": n, "token": service.token(people.dashed(people.user_id(n)), sid=people.session_name(n))} for n in numbers
        ],
    }


def wrk(base, plan, workload, connections, seconds, seed, home):
    """One run: requests and microseconds, percentiles in microseconds, and how many were refused or lost."""
    path = os.path.join(home, "plan.lua")
    with open(path, "w") as file:
        file.write("return " + lua({**plan, "workload": workload, "seed": seed, "round": str(seed)}))
    how = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", os.path.join(HERE, "load.lua")]
    out = ran(["wrk", *how, base, "--", HERE, path])
    return json.loads(out.splitlines()[-1])
