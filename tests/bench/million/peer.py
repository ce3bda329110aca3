"""A peer to hold the service against: a FastAPI application in a folder of its own, on the same rows.

The folder has `app.py`, `requirements.txt`, `schema_pg.sql` and `schema_pg_indexes.sql`; app.py takes its settings
from PEER_DATABASE_URL, PEER_JWT_SECRET, PEER_COUNT and PEER_AUTOCOMMIT. PostgreSQL only.
"""

import contextlib
import http.client
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

import people
from engines import beside
from fleet import POSTGRES, Fleet, free_port, psql
from load import PAGE
from limits import edge

COPIES = {
    "user_profiles": (
        "id, user_id, display_name, bio, location, website, phone_number, is_verified, is_active, created_at, updated_at",
    ) * 2,
    "user_preferences": (
        "id, profile_id, language, timezone, theme, date_format, time_format, email_notifications, push_notifications, "
        "sms_notifications, newsletter, marketing, created_at, updated_at",
    ) * 2,
    "user_sessions": (
        "id, profile_id, encode(token_digest, 'hex'), device_type, device_name, os, ip_address, user_agent, true, "
        "created_at, last_activity_at, expires_at",
        "id, profile_id, session_token, device_type, device_name, os, ip_address, user_agent, is_active, "
        "created_at, last_activity_at, expires_at",
    ),
}


class Missing(Exception):
    """Why there is no peer."""


def quietly(command, why, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode:
        raise Missing(f"{why}: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")


class Peer(contextlib.ExitStack):
    """The running peer. Raises Missing where it cannot be."""

    token = Fleet.token

    def __init__(self, folder, engine, keep):
        super().__init__()
        self.folder, self.engine, self.keep = os.path.abspath(folder), engine, keep
        self.key = secrets.token_hex(32)
        self.name = engine.name + "_peer"
        self.url = beside(self.name)

    def __enter__(self):
        super().__enter__()
        try:
            self.home = self.environment()
            self.fill()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def environment(self):
        """A virtual environment with what the peer needs."""
        home = os.path.join(tempfile.gettempdir(), "user_service_million_peer")
        wanted = os.path.join(self.folder, "requirements.txt")
        if not os.path.isfile(wanted):
            raise Missing(f"no requirements.txt in {self.folder}")
        if not os.path.exists(os.path.join(home, "done")):
            shutil.rmtree(home, ignore_errors=True)
            quietly([sys.executable, "-m", "venv", home], "no virtual environment")
            quietly([f"{home}/bin/pip", "install", "-q", "--disable-pip-version-check", "-r", wanted], "not installed")
            open(os.path.join(home, "done"), "w").close()
        if not self.keep:
            self.callback(shutil.rmtree, home, ignore_errors=True)
        return home

    def fill(self):
        """The people of the bench in the peer's tables; with a trigram index for its search."""
        if psql(POSTGRES, f"SELECT count(*) FROM pg_database WHERE datname = '{self.name}'") == "1":
            if self.keep and psql(self.url, "SELECT to_regclass('bench_seed') IS NOT NULL") == "t":
                return
            psql(POSTGRES, f"DROP DATABASE {self.name} WITH (FORCE)")
        psql(POSTGRES, f"CREATE DATABASE {self.name}")
        if not self.keep:
            self.callback(psql, POSTGRES, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
        run = ["psql", "-X", "-w", "-q", "-v", "ON_ERROR_STOP=1"]
        quietly([*run, self.url, "-f", f"{self.folder}/schema_pg.sql"], "its schema")
        for table, (ours, theirs) in COPIES.items():
            source = subprocess.Popen(
                [*run, self.engine.url, "-c", f"COPY (SELECT {ours} FROM {table}) TO STDOUT"], stdout=subprocess.PIPE
            )
            quietly([*run, self.url, "-c", f"COPY {table} ({theirs}) FROM STDIN"], "its rows", stdin=source.stdout)
            source.wait()
        quietly([*run, self.url, "-f", f"{self.folder}/schema_pg_indexes.sql"], "its indexes")
        psql(self.url, "CREATE EXTENSION pg_trgm")
        psql(self.url, "CREATE INDEX ON user_profiles USING gin (display_name gin_trgm_ops)")
        psql(self.url, "CREATE TABLE bench_seed AS SELECT 1 AS one")
        psql(self.url, "VACUUM ANALYZE")

    def start(self):
        port = free_port()
        given = {
            # asyncpg's name for it.
            "PEER_DATABASE_URL": "postgresql+asyncpg" + self.url[self.url.index(":"):].replace("sslmode=", "ssl="),
            "PEER_JWT_SECRET": self.key,
            "PEER_COUNT": "0", "PEER_AUTOCOMMIT": "1", "PATH": os.environ["PATH"],
        }
        began = time.monotonic()
        process = subprocess.Popen(
            [
                f"{self.home}/bin/uvicorn", "app:app", "--port", str(port), "--workers", "2", "--loop", "uvloop", "--http",
                "httptools", "--no-access-log", "--log-level", "warning",
            ],
            cwd=self.folder, env={**given, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        self.callback(process.wait)
        self.callback(process.terminate)
        self.pid, self.base = process.pid, f"http://127.0.0.1:{port}"
        while time.monotonic() - began < 30 and process.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    self.cold = (time.monotonic() - began) * 1000
                    return
            time.sleep(0.005)
        raise Missing("it does not start")

    def plan(self, ours):
        """What the peer is asked: the same, as it calls it."""
        rows = self.engine.rows
        cursor = f"{people.born(edge(rows)).isoformat()}+00:00~{people.dashed(people.number_id(edge(rows)))}"
        token = self.token(people.dashed(people.user_id(0)), role="admin")
        users = ours["users"]
        return {
            **ours, "token": token, "writer": token, "health": "/health", "first_page": f"{users}?page_size={PAGE}",
            "next_page": f"{users}?page_size={PAGE}&cursor={urllib.parse.quote(cursor)}",
            "search": f"{users}/search?page_size=20&q=",
            "people": [{"n": one["n"], "token": token} for one in ours["people"]],
        }
