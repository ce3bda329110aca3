"""The three engines: a database for the bench, its bulk load, its version, and what it uses of the processors.

PostgreSQL is at TEST_POSTGRES_URL, else at postgres@127.0.0.1:5432; MariaDB or MySQL at TEST_MYSQL_URL, else at
root@127.0.0.1:3306; SQLite's file is in BENCH_DIR, else in the folder for temporary files.
"""

import contextlib
import os
import sqlite3
import subprocess
import tempfile
import time
import urllib.parse

import people
from fleet import POSTGRES, fail, program, psql

MARK = "bench_seed"


def ran(command, **more):
    """What a program prints; the bench ends where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode:
        fail(f"{command[0]}: {(done.stderr or done.stdout).strip()[:2000]}")
    return done.stdout.strip()


def poured(command, lines):
    """Gives a program lines to read, 2 000 at a time."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        batch = []
        with contextlib.suppress(BrokenPipeError):
            for line in lines:
                batch.append(line)
                if len(batch) == 2000:
                    process.stdin.write("".join(batch).encode())
                    batch.clear()
            process.stdin.write("".join(batch).encode())
            process.stdin.close()
        why = process.stderr.read().decode(errors="replace")
        if process.wait():
            fail(f"{command[0]}: {why.strip()[:2000]}")


def as_text(moment):
    return moment.isoformat(" ")


def line(row):
    """As COPY and LOAD DATA read it: NULL is \\N, a line break is \\n."""
    return "\t".join("\\N" if value is None else str(value).replace("\n", "\\n") for value in row) + "\n"


def ticks(wanted):
    """Processor time of processes by name, those included that they started and that have ended."""
    total = 0
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{pid}/stat") as stat:
                before, _, after = stat.read().rpartition(")")
                if before.partition("(")[2] in wanted:
                    fields = after.split()
                    total += sum(map(int, fields[11:15]))
    return total / os.sysconf("SC_CLK_TCK")


class Engine:
    """A database with so many people."""

    processes = ()

    def __init__(self, rows, ending=""):
        self.rows = rows
        self.name = f"user_service_million_{rows}{ending}"

    def seconds(self):
        """What the engine's own processes used so far, in seconds; None where it has none."""
        return ticks(self.processes) if self.processes else None


def beside(name):
    """Another database of PostgreSQL's server; reached the same way, encrypted or not."""
    return urllib.parse.urlunsplit(urllib.parse.urlsplit(POSTGRES)._replace(path="/" + name))


class Postgres(Engine):
    title, processes = "postgres", ("postgres",)

    def __init__(self, rows, ending=""):
        super().__init__(rows, ending)
        self.url = beside(self.name)

    def exists(self):
        return psql(POSTGRES, f"SELECT count(*) FROM pg_database WHERE datname = '{self.name}'") == "1"

    def marked(self):
        if not self.exists() or psql(self.url, f"SELECT to_regclass('{MARK}') IS NOT NULL") != "t":
            return None
        return int(psql(self.url, f"SELECT people FROM {MARK}"))

    def create(self):
        self.drop()
        psql(POSTGRES, f"CREATE DATABASE {self.name}")

    def drop(self):
        psql(POSTGRES, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def load(self):
        # The rows are known to belong together: the foreign keys need not be looked up for each.
        options = "-c timezone=UTC -c synchronous_commit=off -c session_replication_role=replica"
        for table, columns, rows in people.TABLES:
            copy = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
            digest = columns.index("token_digest") if "token_digest" in columns else None
            lines = (
                line(row) if digest is None else line((*row[:digest], "\\\\x" + row[digest], *row[digest + 1:]))
                for row in rows(self.rows, as_text)
            )
            command = ["psql", "-X", "-w", "-q", "-v", "ON_ERROR_STOP=1", self.url, "-c", copy]
            poured(["env", f"PGOPTIONS={options}", *command], lines)
        psql(self.url, f"CREATE TABLE {MARK} AS SELECT {self.rows} AS people")

    def settle(self):
        psql(self.url, "VACUUM ANALYZE")
        psql(POSTGRES, "CHECKPOINT")

    def version(self):
        encrypted = psql(POSTGRES, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == "t"
        version = psql(POSTGRES, "SHOW server_version").split()[0]
        return f"PostgreSQL {version} ({'TLS' if encrypted else 'plain'} connections)"

    def column(self, sql):
        return psql(self.url, sql).split("\n")


class MySql(Engine):
    title, processes = "mysql", ("mariadbd", "mysqld")

    def __init__(self, rows, ending=""):
        super().__init__(rows, ending)
        server = urllib.parse.urlsplit(os.environ.get("TEST_MYSQL_URL") or "mysql://root@127.0.0.1:3306/mysql")
        self.server = server
        self.url = urllib.parse.urlunsplit(server._replace(path="/" + self.name))

    def client(self, *more):
        password = [f"--password={urllib.parse.unquote(self.server.password)}"] if self.server.password else []
        return [
            "mariadb", f"--host={self.server.hostname}", f"--port={self.server.port or 3306}",
            f"--user={self.server.username or 'root'}", *password, "--default-character-set=utf8mb4", *more,
        ]

    def sql(self, statement, on=True):
        return ran(self.client("-N", "-B", "-e", statement, *([self.name] if on else [])))

    def marked(self):
        known = "SELECT count(*) FROM information_schema.tables WHERE table_schema = '%s' AND table_name = '%s'"
        if self.sql(known % (self.name, MARK), on=False) != "1":
            return None
        return int(self.sql(f"SELECT people FROM {MARK}"))

    def create(self):
        self.drop()
        self.sql(f"CREATE DATABASE {self.name} CHARACTER SET utf8mb4", on=False)

    def drop(self):
        self.sql(f"DROP DATABASE IF EXISTS {self.name}", on=False)

    def load(self):
        for table, columns, rows in people.TABLES:
            read = ", ".join(f"@{name}" if name in people.BINARY else name for name in columns)
            made = ", ".join(f"{name} = UNHEX(@{name})" for name in columns if name in people.BINARY)
            load = (
                "SET SESSION unique_checks = 0, foreign_key_checks = 0, time_zone = '+00:00'; "
                f"LOAD DATA LOCAL INFILE '/dev/stdin' INTO TABLE {table} CHARACTER SET utf8mb4 ({read}) SET {made}"
            )
            poured(self.client("--local-infile=1", "-e", load, self.name), map(line, rows(self.rows, as_text)))
            found = self.sql(f"SELECT count(*) FROM {table}")
            if table == "user_profiles" and int(found) != self.rows:
                fail(f"{table} has {found} rows: is local_infile allowed?")
        self.sql(f"CREATE TABLE {MARK} AS SELECT {self.rows} AS people")

    def settle(self):
        self.sql("ANALYZE TABLE user_profiles, user_preferences, user_sessions")

    def version(self):
        version = self.sql("SELECT version()", on=False)
        return ("MariaDB " if "MariaDB" in version else "MySQL ") + version.split("-")[0]

    def column(self, sql):
        return ran(self.client("-N", "-B", "--raw", "-e", sql, self.name)).split("\n")


class Sqlite(Engine):
    title = "sqlite"

    def __init__(self, rows, ending=""):
        super().__init__(rows, ending)
        self.path = os.path.join(os.environ.get("BENCH_DIR") or tempfile.gettempdir(), self.name + ".db")
        self.url = f"sqlite://{self.path}?mode=rwc"

    @contextlib.contextmanager
    def open(self):
        connection = sqlite3.connect(self.path, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()

    def marked(self):
        if not os.path.exists(self.path):
            return None
        with self.open() as connection, contextlib.suppress(sqlite3.OperationalError):
            return connection.execute(f"SELECT people FROM {MARK}").fetchone()[0]
        return None

    def create(self):
        self.drop()

    def drop(self):
        for end in ("", "-wal", "-shm", ".migrate-lock"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(self.path + end)

    def load(self):
        def moment(at):
            return at.isoformat() + "+00:00"

        with self.open() as connection:
            # Older libraries than the service's take json_valid(NULL) for false: the checks are left out.
            for pragma in (
                "foreign_keys = OFF", "ignore_check_constraints = ON", "synchronous = OFF", "cache_size = -400000",
                "temp_store = MEMORY",
            ):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("BEGIN")
            for table, columns, rows in people.TABLES:
                places = [n for n, name in enumerate(columns) if name in people.BINARY]

                def bound(row):
                    row = list(row)
                    for n in places:
                        row[n] = bytes.fromhex(row[n])
                    return row

                marks = ", ".join("?" * len(columns))
                connection.executemany(
                    f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", map(bound, rows(self.rows, moment))
                )
            connection.execute(f"CREATE TABLE {MARK} AS SELECT {self.rows} AS people")
            connection.execute("COMMIT")

    def settle(self):
        with self.open() as connection:
            connection.execute("ANALYZE")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def version(self):
        return "SQLite " + sqlite3.sqlite_version + " (Python's; the service has its own)"

    def column(self, sql):
        with self.open() as connection:
            return [str(row[0]) for row in connection.execute(sql)]


ENGINES = {engine.title: engine for engine in (Postgres, MySql, Sqlite)}


def reach(engine, *arguments):
    """Runs the service's program on the engine's database."""
    environment = {
        "DATABASE_URL": engine.url, "JWT_SECRET_KEY": os.urandom(32).hex(), "LOG_LEVEL": "warn",
        "PATH": os.environ["PATH"],
    }
    return subprocess.run(
        [program(), *arguments], env=environment, cwd=tempfile.gettempdir(), capture_output=True, text=True
    )


def seeded(engine, say):
    """Makes and fills the database unless it is there already; brings an older one up to date."""
    fresh = engine.marked() != engine.rows
    if fresh:
        engine.create()
    done = reach(engine, "migrate", "up")
    if done.returncode:
        fail(f"migrate up: {done.stderr.strip()}")
    if fresh:
        began = time.monotonic()
        engine.load()
        took = time.monotonic() - began
        say(f"{engine.title}: {engine.rows} people loaded in {took:.1f} s")
    # Where a search has an index of its own, it is made from the rows.
    if (fresh or "applied" in done.stdout) and reach(engine, "search", "--help").returncode == 0:
        began = time.monotonic()
        done = reach(engine, "search", "reindex")
        if done.returncode:
            fail(f"search reindex: {done.stderr.strip()}")
        say(f"{engine.title}: search index made in {time.monotonic() - began:.1f} s")
    began = time.monotonic()
    engine.settle()
    say(f"{engine.title}: statistics taken in {time.monotonic() - began:.1f} s")
