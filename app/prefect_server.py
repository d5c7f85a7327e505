"""
Prefect's own server, run as a child of ours: on loopback, with a home, a database and a password of its own.

Nothing of a user's own Prefect is read or written: every `PREFECT_` variable of the surroundings is dropped, and the
child works in a folder without project files.
"""

from __future__ import annotations

import os
import secrets
import socket
import ssl
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

import httpx

from app import tether
from core.errors import ConfigurationError, ServiceUnavailable
from core.folders import FILE_MODE, private_folder
from core.settings import Settings

LOOPBACK = "127.0.0.1"
START_SECONDS = 180.0
STOP_SECONDS = 15.0
CHECK_SECONDS = 1.0
ANSWER_SECONDS = 5.0
# Each of these writes to the server's SQLite while a run reports to it, and the server answers the loser of such a race
# with 503, which its client takes for a reason to wait two seconds. None of them does anything for us.
QUIET: Mapping[str, str] = {
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_FOREMAN_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_REPOSSESSOR_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "2",
}
RUNS_KEPT_SECONDS = 7 * 24 * 3600
LOG_TAIL = 2000


def home(configured: Settings) -> Path:
    """The folder of Prefect's files."""
    return configured.home / "prefect"


def api_url(configured: Settings) -> str:
    """Where the server answers: the one elsewhere that the settings name, else our own."""
    return configured.prefect_api_url or f"http://{LOOPBACK}:{configured.prefect_port}/api"


def run_url(configured: Settings, flow_run_id: uuid.UUID) -> str:
    """
    The page of a run in Prefect's own interface, by way of its sign-in: asked for directly, the page would only say
    that it was not found.
    """
    return f"{api_url(configured).removesuffix('/api')}/login?redirect=/runs/flow-run/{flow_run_id}"


def password(configured: Settings) -> str:
    """
    The server's user and password, made once and readable by this user only.

    Prefect knows one password without roles: whoever has it sees every run.
    """
    if configured.prefect_api_url:
        return configured.prefect_api_auth.get_secret_value()
    path = home(configured) / "password"
    private_folder(path.parent)
    if path.exists() and path.stat().st_size == 0:  # cut off by a crash
        path.unlink(missing_ok=True)
    if not path.exists():
        _make_password(path)
    return path.read_text(encoding="ascii").strip()


def _make_password(path: Path) -> None:
    # Written whole before it has its name: a process may be killed, and another may make one at the same time.
    being_made = path.with_name(f".password-{os.getpid()}-{secrets.token_hex(4)}")
    with os.fdopen(os.open(being_made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "w", encoding="ascii") as file:
        file.write(f"mandate:{secrets.token_urlsafe(24)}")
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(being_made, path)
    being_made.unlink()


def variables(configured: Settings) -> dict[str, str]:
    """What both the server and its clients are told through the environment."""
    return {
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": str(home(configured).resolve()),
        "PREFECT_API_URL": api_url(configured),
        "PREFECT_API_AUTH_STRING": password(configured),
        "PREFECT_SERVER_API_AUTH_STRING": password(configured),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        **QUIET,
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(RUNS_KEPT_SECONDS),
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_CLI_PROMPT": "false",
    }


def environment(configured: Settings, surroundings: Mapping[str, str]) -> dict[str, str]:
    """The surroundings without anybody else's Prefect, with ours."""
    own = {name: value for name, value in surroundings.items() if not name.startswith("PREFECT_")}
    return own | variables(configured)


def adopt(configured: Settings) -> None:
    """Make this process a client of our server; call it before Prefect, which reads the environment, is imported."""
    if "prefect" in sys.modules:
        raise ConfigurationError("Prefect was imported before its settings were made; this is a fault of the program.")
    replaced = environment(configured, os.environ)
    os.environ.clear()
    os.environ.update(replaced)


def answers(configured: Settings) -> bool:
    """Whether the server is there and takes our password, within one second."""
    try:
        with _client(configured, CHECK_SECONDS) as client:
            return client.get(f"{api_url(configured)}/admin/version").is_success
    except httpx.HTTPError:
        return False


def flow_runs(configured: Settings) -> int:
    """How many runs of flows the server has recorded. `ServiceUnavailable` when it does not answer."""
    try:
        with _client(configured, ANSWER_SECONDS) as client:
            return int(client.post(f"{api_url(configured)}/flow_runs/count", json={}).raise_for_status().json())
    except httpx.HTTPError as error:
        raise ServiceUnavailable(f"Prefect's server does not answer ({type(error).__name__}).") from None


def _client(configured: Settings, seconds: float) -> httpx.Client:
    return httpx.Client(auth=_credentials(configured), timeout=seconds, trust_env=False, verify=_trusted())


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    # Made anew for every question it would be most of what the question costs, for the certificates are read each time.
    return httpx.create_ssl_context(trust_env=False)


def _credentials(configured: Settings) -> httpx.BasicAuth:
    user, _, secret = password(configured).partition(":")
    return httpx.BasicAuth(user, secret)


def words(configured: Settings) -> list[str]:
    """What Prefect's command line is told in order to be the server."""
    return ["server", "start", "--host", LOOPBACK, "--port", str(configured.prefect_port)]


def server_environment(configured: Settings) -> dict[str, str]:
    """The server's surroundings: the relay's password and the database's address are nothing to Prefect."""
    given = environment(configured, os.environ)
    return {name: value for name, value in given.items() if not name.startswith("MANDATE_")}


def log_path(configured: Settings) -> Path:
    """Where the server's own output goes."""
    return home(configured) / "server.log"


def obstacle(configured: Settings) -> str | None:
    """Why the server cannot be started, in a sentence; None when its port is free."""
    port = configured.prefect_port
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((LOOPBACK, port))
        except OSError:
            return (
                f"Port {port}, where Prefect's server should answer, is held by another program. "
                "Set MANDATE_PREFECT_PORT to a free port."
            )
    return None


class PrefectServer:
    """The child process. A server of the same home that still runs is used as it is, and left running."""

    def __init__(self, configured: Settings) -> None:
        self.configured = configured
        self.child: subprocess.Popen[bytes] | None = None
        self._lifeline: int | None = None

    def start(self) -> None:
        """Start the server and wait until it answers; `ServiceUnavailable` when it does not."""
        if answers(self.configured):
            return
        held_up = obstacle(self.configured)
        if held_up:
            raise ServiceUnavailable(held_up)
        folder = private_folder(home(self.configured))
        tied, self._lifeline = os.pipe()
        with log_path(self.configured).open("wb") as output:
            self.child = subprocess.Popen(  # noqa: S603 - our own interpreter
                tether.module_command(tied, "prefect", words(self.configured)),
                cwd=folder,
                env=server_environment(self.configured),
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is ours to answer: we end the server once its clients are done
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(tied,),
            )
        os.close(tied)
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.alive:
            if answers(self.configured):
                return
            time.sleep(0.2)
        self.stop()
        raise ServiceUnavailable(
            f"Prefect's server did not start on port {self.configured.prefect_port}. "
            f"Its own words are in {log_path(self.configured)}:\n{self._last_words()}"
        )

    def _last_words(self) -> str:
        return log_path(self.configured).read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:]

    @property
    def alive(self) -> bool:
        """Whether the child that we started still runs."""
        return self.child is not None and self.child.poll() is None

    def stop(self) -> None:
        """End the child that we started, gently first."""
        if self.child is None:
            return
        self.child.terminate()
        try:
            self.child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child = None
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None


@contextmanager
def running(configured: Settings) -> Iterator[PrefectServer]:
    """The server for the length of a block."""
    server = PrefectServer(configured)
    server.start()
    try:
        yield server
    finally:
        server.stop()
