"""The service on a database of the bench: start, ask, what it uses."""

import contextlib
import os
import secrets
import socket
import subprocess
import tempfile
import time

from fleet import Fleet, Replica, free_port, program


def children(pid):
    """A process and all below it."""
    out = [pid]
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as below:
                out += [one for child in below.read().split() for one in children(int(child))]
    return out


def cpu(pid):
    """Seconds of processor time of a process and all below it."""
    total = 0
    for one in children(pid):
        with contextlib.suppress(OSError), open(f"/proc/{one}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def pss(pid):
    """Memory of a process and all below it in MiB, what is shared divided among those who share it."""
    total = 0
    for one in children(pid):
        with contextlib.suppress(OSError), open(f"/proc/{one}/smaps_rollup") as rollup:
            total += sum(int(row.split()[1]) for row in rollup if row.startswith("Pss:"))
    return total / 1024


class Service(contextlib.ExitStack):
    """A running service; what Replica offers, and tokens."""

    token = Fleet.token

    def __init__(self, engine, pool=16, settings=()):
        super().__init__()
        self.program, self.key = program(), secrets.token_hex(32)
        self.settings = {
            "DATABASE_URL": engine.url, "JWT_SECRET_KEY": self.key, "HOST": "127.0.0.1", "LOG_LEVEL": "warn",
            "RATE_LIMITS": "false",
            "DB_POOL_SIZE": str(pool), **dict(settings),
        }

    def __enter__(self):
        super().__enter__()
        self.home = self.enter_context(tempfile.TemporaryDirectory())
        self.replica = Replica(self, {})
        self.callback(self.replica.stop)
        self.pid, self.base = self.replica.process.pid, f"http://127.0.0.1:{self.replica.port}"
        self.ask, self.must = self.replica.ask, self.replica.must
        return self

    def cold_start(self):
        """Milliseconds from the start of a process to its first 200 for a request that reads the database."""
        port = free_port()
        environment = {**self.settings, "PORT": str(port), "PATH": os.environ["PATH"]}
        request = b"GET /health/ready HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"
        began = time.monotonic()
        process = subprocess.Popen(
            [self.program, "serve"], env=environment, cwd=self.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while time.monotonic() - began < 30:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as stream:
                    stream.sendall(request)
                    if stream.recv(64).startswith(b"HTTP/1.1 200"):
                        return (time.monotonic() - began) * 1000
                time.sleep(0.001)
        finally:
            process.terminate()
            process.wait()
        return None
