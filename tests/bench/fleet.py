"""Replicas of the service on a PostgreSQL database of their own, and Redis: what the benches share.

Python's standard library alone. The program is USER_SERVICE_BIN, else the release build, else the debug build;
PostgreSQL is at TEST_POSTGRES_URL, else at the standard port of this machine. Everything that is started or
made here is gone at the end.
"""

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
POSTGRES = os.environ.get("TEST_POSTGRES_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
USERS = "/api/v1/users"


def fail(why):
    sys.exit(f"{os.path.basename(sys.argv[0])}: {why}")


def program():
    """The program to measure."""
    target = os.environ.get("CARGO_TARGET_DIR") or os.path.join(ROOT, "target")
    named = os.environ.get("USER_SERVICE_BIN")
    places = [named] if named else [os.path.join(target, kind, "user-service") for kind in ("release", "debug")]
    for path in places:
        if os.path.isfile(path):
            return os.path.abspath(path)
    fail("no program: cargo build --release -p user-service --features full, or USER_SERVICE_BIN")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def psql(url, sql):
    """The rows of the last statement, as text."""
    done = subprocess.run(
        ["psql", "-X", "-w", "-q", "-At", "-v", "ON_ERROR_STOP=1", url, "-c", sql],
        capture_output=True, text=True,
    )
    if done.returncode:
        fail(done.stderr.strip())
    return done.stdout.strip()


def percentile(values, share):
    """The nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


class Redis:
    """A private server that keeps nothing."""

    def __init__(self):
        self.port, self.process = free_port(), None
        self.url = f"redis://127.0.0.1:{self.port}"

    def start(self):
        if not shutil.which("redis-server"):
            fail("redis-server is not installed")
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL, cwd=tempfile.gettempdir(),
        )
        for _ in range(500):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as stream:
                stream.sendall(b"PING\r\n")
                if stream.recv(5) == b"+PONG":
                    return
            time.sleep(0.02)
        fail("Redis does not answer")

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


class Replica:
    """A process of the service, at PORT or wherever there is room."""

    def __init__(self, fleet, settings):
        self.fleet, self.port = fleet, int(settings.get("PORT") or free_port())
        self.log = open(os.path.join(fleet.home, f"{self.port}.log"), "ab")
        environment = {**fleet.settings, **settings, "PORT": str(self.port), "PATH": os.environ["PATH"]}
        self.process = subprocess.Popen(
            [fleet.program, "serve"], env=environment, cwd=fleet.home, stdout=self.log, stderr=self.log
        )
        for _ in range(1000):
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                if self.ask("GET", "/health/ready")[0] == 200:
                    return
            time.sleep(0.02)
        with open(self.log.name, errors="replace") as log:
            fail("the service did not start:\n" + log.read())

    def connection(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def ask(self, method, path, token=None, body=None, on=None):
        """Status and body; over a connection that is kept where one is given."""
        connection = on or self.connection()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            if on is None:
                connection.close()
        return answer.status, json.loads(text) if text.startswith((b"{", b"[")) else text

    def must(self, status, *asked, **more):
        got, body = self.ask(*asked, **more)
        if got != status:
            fail(f"{asked[0]} {asked[1]}: {got}, not {status}: {body}")
        return body

    def stop(self):
        """Lets it finish what it has to."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
        self.log.close()


class Fleet(contextlib.ExitStack):
    """A database, a signing key, and the replicas that share them."""

    def __enter__(self):
        super().__enter__()
        self.program = program()
        self.home = self.enter_context(tempfile.TemporaryDirectory())
        name = f"user_service_bench_{os.getpid()}"
        self.url = POSTGRES.rsplit("/", 1)[0] + "/" + name
        psql(POSTGRES, f"CREATE DATABASE {name}")
        self.callback(psql, POSTGRES, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.key = secrets.token_hex(32)
        self.settings = {
            "DATABASE_URL": self.url, "JWT_SECRET_KEY": self.key, "HOST": "127.0.0.1", "LOG_LEVEL": "warn",
            "RATE_LIMITS": "false",
        }
        environment = {**self.settings, "PATH": os.environ["PATH"]}
        subprocess.run([self.program, "migrate", "up"], env=environment, cwd=self.home, check=True, stdout=subprocess.DEVNULL)
        return self

    def replica(self, **settings):
        replica = Replica(self, settings)
        self.callback(replica.stop)
        return replica

    def redis(self):
        redis = Redis()
        redis.start()
        self.callback(redis.kill)
        return redis

    def token(self, sub, **claims):
        now = int(time.time())
        part = lambda value: base64.urlsafe_b64encode(value).rstrip(b"=")
        claims = {"sub": sub, "iat": now, "exp": now + 86400, **claims}
        message = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
        signature = hmac.new(self.key.encode(), message, hashlib.sha256).digest()
        return (message + b"." + part(signature)).decode()

    def admin(self):
        return self.token(str(uuid.uuid4()), roles=["admin"])

    def person(self, replica):
        """The user id and the profile id of somebody new."""
        sub = str(uuid.uuid4())
        body = {"user_id": sub, "display_name": "Bench"}
        return sub, replica.must(201, "POST", USERS, self.admin(), body)["id"]


def setting():
    """One line about what was measured, and on what."""
    model = ""
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as cpus:
        model = next((line.split(":", 1)[1].strip() for line in cpus if line.startswith("model name")), "")
    version = psql(POSTGRES, "SHOW server_version")
    return f"{os.path.relpath(program())}; {os.cpu_count()} cores, {model}; PostgreSQL {version}"
