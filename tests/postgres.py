"""
A PostgreSQL server for the tests: one of their own, or the one that MANDATE_TEST_POSTGRES_URL names.

Their own server answers on a socket in a private temporary folder, runs as somebody who is not root, and belongs to a
keeper process. The keeper waits for the end of its standard input: however the tests end, even killed, it stops the
server and removes the folder.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

GIVEN = "MANDATE_TEST_POSTGRES_URL"
MISSING = f"PostgreSQL is missing: install it (on Debian: apt-get install postgresql) or set {GIVEN}"
USUAL_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/usr/local/pgsql/bin",
)
UNPRIVILEGED = ("postgres", "nobody")
MEMORY = Path("/dev/shm")
ROOM_IN_MEMORY = 1 << 30
SERVER_OPTIONS = {
    "listen_addresses": "''",
    "autovacuum": "off",  # nothing lives long enough to need it, and its worker would sit in a template
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "dynamic_shared_memory_type": "mmap",  # in the folder too, so that nothing stays behind
    "deadlock_timeout": "100ms",  # until then two transactions that wait for each other go on waiting
    "unix_socket_permissions": "0700",
}
READY = "ready"


class Absent(Exception):
    """No server is named, and no program to start one is found."""


class Server:
    """A server that makes databases; every one it made is gone at the end."""

    def __init__(self, address: URL, *, in_memory: bool = False) -> None:
        self.address = address
        self._prefix = f"mandate_test_{secrets.token_hex(4)}_"
        self._made: set[str] = set()
        self._numbered = 0
        self._admin = psycopg.connect(plain(address), autocommit=True)
        # Copying a template's files is the faster way where nothing waits for a disk, and the slower one where it does.
        copied = in_memory and self._admin.info.server_version >= 150_000
        self._strategy = sql.SQL("STRATEGY file_copy" if copied else "")

    def create(self, template: str | None = None) -> str:
        """A fresh database's URL: empty, or a copy of the one at the URL `template`, to which nobody is connected."""
        self._numbered += 1
        name = f"{self._prefix}{self._numbered}"
        source = make_url(template).database if template else "template0"
        self._admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} {}").format(
                sql.Identifier(name), sql.Identifier(str(source)), self._strategy
            )
        )
        self._made.add(name)
        return self.address.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop a database made here, with whoever is still connected to it."""
        name = str(make_url(url).database)
        if name not in self._made:
            raise ValueError(f"the database {name} was not made by this server")
        self._admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self._made.discard(name)

    def leave(self, url: str) -> None:
        """End every session of a database: one that somebody is connected to cannot be copied."""
        name = str(make_url(url).database)
        self._admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name])

    def close(self) -> None:
        """Drop every database that still stands."""
        for name in sorted(self._made):
            self.drop(self.address.set(database=name).render_as_string(hide_password=False))
        self._admin.close()


def plain(address: URL) -> str:
    """An address as psycopg itself, without SQLAlchemy, takes it."""
    return address.set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def running(*, on_disk: bool = False) -> Iterator[Server]:
    """A server until the block ends, in memory where there is room. Raise `Absent` when there is none to be had."""
    given = os.environ.get(GIVEN)
    if given:
        server = Server(make_url(given))
        try:
            yield server
        finally:
            server.close()
        return
    with started(on_disk=on_disk) as folder:
        address = URL.create("postgresql+psycopg", "mandate", database="postgres", query={"host": str(folder)})
        yield Server(address, in_memory=folder.is_relative_to(MEMORY))


@contextmanager
def started(*, on_disk: bool = False) -> Iterator[Path]:
    """Start a server of our own; the folder that its socket lies in."""
    programs = found()
    if programs is None:
        raise Absent(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="mandate-postgres-", dir=None if on_disk else _where()))
    keeper = subprocess.Popen(
        [sys.executable, __file__, str(folder), str(programs)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # an interrupt from the terminal ends the tests first, then the server
    )
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    try:
        if keeper.stdout.readline().strip() != READY:
            raise RuntimeError(f"PostgreSQL of {programs} did not start: {keeper.stdout.read()}")
        yield folder
    finally:
        keeper.stdin.close()
        keeper.wait(60)
        keeper.stdout.close()


def found() -> Path | None:
    """The folder of `initdb`, `pg_ctl` and `postgres`: on the path, or the newest in the usual places."""
    on_path = shutil.which("initdb")
    if on_path and shutil.which("pg_ctl") and shutil.which("postgres"):
        return Path(on_path).resolve().parent
    folders = (folder for pattern in USUAL_FOLDERS for folder in Path("/").glob(pattern.lstrip("/")))
    complete = [each for each in folders if all((each / name).exists() for name in ("initdb", "pg_ctl", "postgres"))]
    return max(complete, key=_version, default=None)


def _version(folder: Path) -> tuple[int, ...]:
    digits = "".join(character if character.isdigit() else " " for character in str(folder.parent.name))
    return tuple(int(part) for part in digits.split())


def _where() -> str | None:
    # In memory a server that waits for the disk, as the program demands, waits for nothing.
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM_IN_MEMORY
    return str(MEMORY) if roomy else None


def _unprivileged() -> dict[str, object]:
    """What `subprocess` is told so that the server is not root's."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next((known[name] for name in UNPRIVILEGED if name in known), None)
    if entry is None:
        raise RuntimeError(f"PostgreSQL does not run as root, and there is no user {' or '.join(UNPRIVILEGED)}")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _collation(programs: Path) -> list[str]:
    # A server of a union in Britain sorts as people do, not by code points as SQLite does; tests must bear that.
    asked = subprocess.run([str(programs / "initdb"), "--help"], stdout=subprocess.PIPE, text=True, check=True)
    known = "--icu-locale" in asked.stdout
    return ["--locale=C", *(["--locale-provider=icu", "--icu-locale=en-GB"] if known else [])]


def _start(folder: Path, programs: Path) -> None:
    nobody = _unprivileged()
    if nobody:
        os.chown(folder, int(str(nobody["user"])), int(str(nobody["group"])))
    data = folder / "data"
    options = " ".join(f"-c {name}={value}" for name, value in SERVER_OPTIONS.items())
    for arguments in (
        ["initdb", "-D", data, "-U", "mandate", "-A", "trust", "-E", "UTF8", *_collation(programs), "--no-sync"],
        ["pg_ctl", "-D", data, "-l", folder / "log", "-o", f"-k {folder} {options}", "-w", "-s", "start"],
    ):
        told = [str(programs / str(arguments[0])), *map(str, arguments[1:])]
        done = subprocess.run(  # type: ignore[call-overload]
            told, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **nobody
        )
        if done.returncode:
            raise RuntimeError(done.stdout.decode(errors="replace"))


def _stop(folder: Path, programs: Path) -> None:
    stop = [str(programs / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "-w", "-s", "stop"]
    subprocess.run(stop, cwd=folder, stderr=subprocess.DEVNULL, **_unprivileged())  # type: ignore[call-overload]
    shutil.rmtree(folder, ignore_errors=True)


def keep(folder: Path, programs: Path) -> None:
    """The keeper: start the server, say so, wait until nobody holds our standard input, stop it."""
    try:
        _start(folder, programs)
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        sys.stdin.read()
    except (OSError, RuntimeError) as error:
        sys.stdout.write(f"failed\n{error}\n")
    finally:
        _stop(folder, programs)


if __name__ == "__main__":
    keep(Path(sys.argv[1]), Path(sys.argv[2]))
