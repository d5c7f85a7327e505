"""
Serving: the database brought up to date, then the dashboard, the worker and Prefect's server as supervised children.

Dashboard and worker are up at once; Prefect's server takes longer, and while it is away the worker runs the same steps
plainly, so that nothing waits for it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from typing import Any

from pydantic import SecretStr

from app import prefect_server, tether
from app.dashboard import require_free
from app.links import LOOPBACK, dashboard_at, welcome_url
from app.revisions import address_of, bring_up_to_date
from app.serve_state import held, read_state, write_state
from app.supervisor import Child, Duty, Supervisor, end_left_behind
from casework.pay import journalled
from casework.people import accounts
from core.clock import Clock
from core.db import Database
from core.folders import private_folder
from core.settings import PREFIX, Settings
from core.unit_of_work import unit_of_work
from core.workers import touched, workers_folder

LEFT_BEHIND_SECONDS = 10.0
WORKER_STUCK_SECONDS = 300.0
"""A worker that has ended no transaction for so long is taken for hung. It looks four times a second."""
DASHBOARD_SILENT_SECONDS = 30.0
PREFECT_SILENT_SECONDS = 60.0
ANSWER_SECONDS = 2.0
INTERRUPTED = 130
PREFECT = "prefect"


def serve_all(configured: Settings, *, prefect: bool, port: int | None = None) -> None:
    """
    Serve until asked to stop (SIGINT, SIGTERM, SIGHUP); asked twice, end at once with status 130.

    What would keep the dashboard from answering is found before anything is started.
    """
    chosen = port or configured.dashboard_port
    configured = configured.model_copy(update={"dashboard_port": chosen})
    with held(configured.home):
        end_left_behind(read_state(configured.home).get("children", []), LEFT_BEHIND_SECONDS)
        require_free(chosen)
        _prepare(Database(configured.effective_database_url), dashboard_at(configured, chosen))
        supervised = duties(configured, chosen, prefect=prefect)
        address = prefect_server.api_url(configured) if PREFECT in {each.name for each in supervised} else None
        told = Told(
            {
                "dashboard": f"The dashboard is at {dashboard_at(configured, chosen)} (Ctrl-C ends it)",
                "worker": "The worker is at work.",
                PREFECT: f"Prefect's server answers at {address}",
            }
        )

        def note(children: Sequence[Child]) -> None:
            write_state(configured.home, chosen, children, prefect=address)
            told.note(children)

        supervisor = Supervisor(supervised, note)
        with _answering_signals(supervisor):
            supervisor.run()
        if supervisor.in_a_hurry:
            raise SystemExit(INTERRUPTED)


class Told:
    """What a person is told when a child is up for the first time: `sentences` by the child's name, each said once."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        self._unsaid = dict(sentences)
        self._lock = threading.Lock()

    def note(self, children: Sequence[Child]) -> None:
        """Say on standard error what is new; called from two threads."""
        with self._lock:
            new = [self._unsaid.pop(each.duty.name, None) for each in children if each.state == "up"]
        for sentence in filter(None, new):
            sys.stderr.write(f"{sentence}\n")
            sys.stderr.flush()


def duties(configured: Settings, port: int, *, prefect: bool) -> list[Duty]:
    """What is run, in the order in which it is stopped: nobody asks any more, then nothing is done, then Prefect."""
    ours = {**os.environ, **as_variables(configured)}
    return [
        Duty(
            "dashboard",
            lambda handle: tether.command(handle, "serve", "--dashboard-only", "--port", str(port)),
            ours,
            lambda _: _answers(port),
            patience=DASHBOARD_SILENT_SECONDS,
            start_patience=2 * DASHBOARD_SILENT_SECONDS,
            stop_seconds=8.0,
        ),
        Duty(
            "worker",
            lambda handle: tether.command(handle, "worker"),
            ours,
            lambda pid: touched(workers_folder(configured), pid),
            patience=WORKER_STUCK_SECONDS,
            start_patience=WORKER_STUCK_SECONDS,
            stop_seconds=20.0,
        ),
        *([_prefects_server(configured)] if prefect and not configured.prefect_api_url else []),
    ]


def _prefects_server(configured: Settings) -> Duty:
    return Duty(
        PREFECT,
        lambda handle: tether.module_command(handle, "prefect", prefect_server.words(configured)),
        prefect_server.server_environment(configured),
        lambda _: Clock().now() if prefect_server.answers(configured) else None,
        patience=PREFECT_SILENT_SECONDS,
        start_patience=prefect_server.START_SECONDS,
        stop_seconds=5.0,
        folder=private_folder(prefect_server.home(configured)),
        output=prefect_server.log_path(configured),
        obstacle=lambda: prefect_server.obstacle(configured),
    )


def as_variables(configured: Settings) -> dict[str, str]:
    """What was set, as the variables of a child that is to have the same settings."""
    given = {"home", "database_url", "prefect_port"} | configured.model_fields_set
    values = {name: getattr(configured, name) for name in given}
    values["database_url"] = configured.effective_database_url
    return {
        f"{PREFIX}{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values.items()
        if value is not None
    }


def _answers(port: int) -> object:
    # Any answer is a sign of life: a database that is away is no reason to start the dashboard anew.
    connection = HTTPConnection(LOOPBACK, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
    return Clock().now()


def _prepare(database: Database, dashboard: str) -> None:
    found = bring_up_to_date(database)
    if found.empty:
        sys.stderr.write(f"The database {address_of(database)} is made.\n")
    elif found.behind:
        sys.stderr.write(
            f"The database {address_of(database)} is brought up to date, from migration {found.found} to "
            f"{found.wanted}.\n"
        )
    else:
        sys.stderr.write(f"The database {address_of(database)} is up to date.\n")
    if journalled.look(database) is not None:
        sys.stderr.write("Nothing is sent or paid since a restore: see `mandate restore status`.\n")
    sys.stderr.write(_how_to_begin(database, dashboard))
    sys.stderr.flush()
    database.engine.dispose()


def _how_to_begin(database: Database, dashboard: str) -> str:
    """How the first account is made; nothing once somebody has one. The link is for a person, not for a log."""
    with unit_of_work("staff:serve", on=database) as uow:
        if not accounts.nobody_has_an_account(uow):
            return ""
        if not sys.stderr.isatty():
            return "Nobody has an account yet. `mandate user set-up` prints the link that makes the first one.\n"
        where = welcome_url(dashboard, accounts.first_link(uow, Clock().now()))
    return f"Nobody has an account yet. This link makes the first one, once, within a day:\n  {where}\n"


@contextmanager
def _answering_signals(supervisor: Supervisor) -> Iterator[None]:
    """The signals that end a program stop the supervisor; one that was ignored (`nohup`) stays ignored."""

    def stop(_signal: int, _frame: Any) -> None:
        supervisor.ask_to_stop()

    before = {}
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(each) is not signal.SIG_IGN:
            before[each] = signal.signal(each, stop)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
