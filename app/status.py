"""
Whether everything that should run does run, as one document: for the command, the page, the API and a monitor.

A sweep that never runs looks like one with nothing to do, so each says when it last succeeded; what waits says how long
the oldest has waited. `troubles` are sentences about what a person should see to; none means that all is well. `notes`
are of what may become one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app import prefect_server, relay_status, revisions, webhook_views
from app.serve_state import as_served, is_held, read_state
from ballots.law_relied_on import stale_cases
from casework.deadlines import TURNING_POINTS, Deadline, are_open
from casework.register.models import Officer
from casework.webhooks import addresses, sending
from core import failures, sweeps, workers
from core.clock import Clock
from core.db import Database, assert_durable
from core.errors import ConfigurationError
from core.requests import FlowRequest
from core.settings import Settings
from core.unit_of_work import UnitOfWork, reading
from core.work import PendingWork
from notifications import print_receipts, quarantine, waiting
from notifications.lifecycle import State
from notifications.models import Notice

PERIODS: Mapping[str, timedelta] = {
    "deadline_sweep": timedelta(minutes=15),
    "outbox_delivery": timedelta(minutes=1),
    "service_sweep": timedelta(minutes=5),
}
"""How often each sweep should succeed; a test holds it to the schedules, whose import would need Prefect."""

LONGEST_WAIT = timedelta(minutes=15)
"""Acts are followed in seconds. What has waited for so long waits for a worker."""

WAITING = (State.QUEUED, State.TEMP_WAIT, State.SENDING, State.UNKNOWN)


def document(database: Database, configured: Settings) -> dict[str, Any]:
    """The whole document. `ServiceUnavailable` when the database cannot be reached."""
    found = revisions.standing(database)
    with reading(on=database) as uow:
        told = {
            "at": uow.now,
            "clock_is_simulated": uow.clock.simulated,
            "database": {
                "address": revisions.address_of(database),
                "durable": _is_durable(database),
                "migration": found.found,
                "wanted": found.wanted,
            },
            "serve": _serve(configured),
            "workers": _workers(uow, configured),
            "cases_to_advance": _cases(uow),
            "notices": _notices(uow),
            "overdue_deadlines": _overdue(uow),
            "letters_overdue": len(print_receipts.overdue(uow, configured.print_receipt_days)),
            "runs": _runs(uow),
            "sweeps": [_sweep(uow, name, period) for name, period in PERIODS.items()],
            "failures": [_failure(row) for row in failures.standing(uow)],
            "law": _law(uow),
            "quarantine": _quarantine(uow),
            "nobody_to_tell": _nobody_to_tell(uow, configured),
            "mail": _mail(uow, configured),
            "webhooks": _webhooks(uow),
        }
    served = as_served(configured)
    told["prefect"] = {
        "answers": prefect_server.answers(served),
        "api": prefect_server.api_url(served),
        "password_file": None if configured.prefect_api_url else prefect_server.home(configured) / "password",
    }
    return {**told, "notes": list(_notes(told)), "troubles": list(_troubles(told))}


def _is_durable(database: Database) -> bool:
    try:
        assert_durable(database.engine)
    except ConfigurationError:
        return False
    return True


def _serve(configured: Settings) -> dict[str, Any]:
    """The supervisor of this machine's home and its children, as they stand in its file."""
    running, state = is_held(configured.home), read_state(configured.home)
    children = [{key: each[key] for key in each if key != "started"} for each in state.get("children", [])]
    return {
        "running": running,
        "pid": state.get("pid") if running else None,
        "dashboard": state.get("dashboard") if running else None,
        "children": children if running else [],
    }


def _workers(uow: UnitOfWork, configured: Settings) -> list[dict[str, Any]]:
    """The workers that live; one of this machine that ended may still have its row, until another takes it away."""
    ended = workers.ended_here(workers.workers_folder(configured))
    return [_worker(row) for row in workers.all_workers(uow.session) if row.id not in ended]


def _worker(row: workers.WorkerRow) -> dict[str, Any]:
    seconds = round((Clock().now() - row.seen_at).total_seconds())
    return {"host": row.host, "pid": row.pid, "since": row.since, "seen_seconds_ago": max(seconds, 0)}


def _cases(uow: UnitOfWork) -> dict[str, Any]:
    waiting = select(func.count(), func.min(PendingWork.created_at)).where(PendingWork.done_at.is_(None))
    count, oldest = uow.session.execute(waiting).one()
    return {"count": count, "oldest_asked_at": oldest}


def _notices(uow: UnitOfWork) -> dict[str, Any]:
    oldest = select(func.min(Notice.send_after)).where(Notice.state.in_(WAITING), Notice.send_after <= uow.now)
    return {
        "by_state": {state.value: count for state, count in waiting.counts(uow).items()},
        "oldest_due_at": uow.session.scalar(oldest),
    }


def _overdue(uow: UnitOfWork) -> int:
    """Deadlines past their last good day that somebody could still meet."""
    overdue = (
        select(func.count())
        .select_from(Deadline)
        .where(*are_open(), Deadline.due_on < uow.today, Deadline.kind.not_in(TURNING_POINTS))
    )
    return uow.session.scalar(overdue) or 0


def _law(uow: UnitOfWork) -> dict[str, Any]:
    """How many live cases wait for a value of the law to be read again, and which values those are."""
    waiting = stale_cases(uow)
    return {
        "cases_waiting": len(waiting),
        "stale": sorted({name for names in waiting.values() for name in names}),
    }


def _quarantine(uow: UnitOfWork) -> dict[str, Any] | None:
    stands = quarantine.standing(uow)
    return {"id": stands.id, "began_at": stands.began_at, "found": stands.found} if stands else None


def _nobody_to_tell(uow: UnitOfWork, configured: Settings) -> bool:
    """Whether deadlines are open, and nobody could be told that one comes near."""
    if configured.duty_email or uow.session.scalar(select(Officer.id).where(Officer.active).limit(1)) is not None:
        return False
    return uow.session.scalar(select(Deadline.id).where(*are_open()).limit(1)) is not None


def _mail(uow: UnitOfWork, configured: Settings) -> dict[str, Any]:
    """Where mail goes: to a relay and what it refused, or else as files into a folder, which tells nobody anything."""
    relay = f"{configured.smtp_host}:{configured.smtp_port}" if configured.smtp_host else None
    return {
        "relay": relay,
        "folder": None if relay else str(configured.effective_letters_folder),
        "refusals": relay_status.refusals(uow, configured) if relay else None,
    }


def _webhooks(uow: UnitOfWork) -> dict[str, Any]:
    """How many addresses are told, how many of them are told nothing now, and when a round went well."""
    row = uow.session.get(sweeps.SweepRun, sending.SWEEP)
    return {
        "count": len(addresses.standing(uow)),
        "failing": webhook_views.count_failing(uow),
        "last_success_at": row.last_success_at if row else None,
        "late": sending.is_late(uow),
    }


def _runs(uow: UnitOfWork) -> dict[str, int]:
    counted = select(FlowRequest.state, func.count()).group_by(FlowRequest.state)
    return {state.value: count for state, count in uow.session.execute(counted)}


def _sweep(uow: UnitOfWork, name: str, period: timedelta) -> dict[str, Any]:
    row = uow.session.get(sweeps.SweepRun, name)
    return {
        "name": name,
        "every_minutes": period // timedelta(minutes=1),
        "last_success_at": row.last_success_at if row else None,
        "counts": row.counts if row else None,
        "late": row is None or row.is_late(uow.now, period),
    }


def _failure(row: failures.StandingFailure) -> dict[str, Any]:
    names = ("flow", "subject", "error", "place", "times", "first_at", "last_at")
    return {name: getattr(row, name) for name in names}


def _notes(told: Mapping[str, Any]) -> Iterator[str]:
    if told["mail"]["refusals"]:
        yield relay_status.note(told["mail"], told["at"])


def _troubles(told: Mapping[str, Any]) -> Iterator[str]:
    database = told["database"]
    if not database["durable"]:
        yield "The database would lose a recorded act on a crash: see docs/operations.md."
    if database["migration"] not in {None, database["wanted"]}:
        yield f"The database stands at migration {database['migration']}; this program wants {database['wanted']}."
    if told["quarantine"]:
        yield "Nothing is sent or paid since a restore: see `mandate restore status`."
    for sweep in told["sweeps"]:
        if sweep["late"]:
            minutes = "minute" if sweep["every_minutes"] == 1 else f"{sweep['every_minutes']} minutes"
            yield f"The {sweep['name'].replace('_', ' ')} is late: it should succeed every {minutes}."
    for child in told["serve"]["children"]:
        if child["state"] == "failing":
            yield f"The {child['name']} keeps dying ({child['last_end']}); it is started again and again."
    yield from _missed(told)
    yield from _stuck(told)
    yield from _silent(told)


def _missed(told: Mapping[str, Any]) -> Iterator[str]:
    law = told["law"]
    if (overdue := told["overdue_deadlines"]) == 1:
        yield "1 deadline is past its last good day and not met."
    elif overdue:
        yield f"{overdue} deadlines are past their last good day and not met."
    if told["nobody_to_tell"]:
        yield "No officer is active and MANDATE_DUTY_EMAIL names nobody: nobody is told of a deadline that comes near."
    if law["cases_waiting"]:
        cases = "1 case waits" if law["cases_waiting"] == 1 else f"{law['cases_waiting']} cases wait"
        yield f"{cases} for a check of the law: see `mandate law check`."
    if (failed := len(told["failures"])) == 1:
        yield "1 thing failed and is tried again; it is listed with where it failed."
    elif failed:
        yield f"{failed} things failed and are tried again; they are listed with where they failed."


def _silent(told: Mapping[str, Any]) -> Iterator[str]:
    hooks = told["webhooks"]
    if hooks["failing"]:
        are = "1 webhook is" if hooks["failing"] == 1 else f"{hooks['failing']} webhooks are"
        yield f"{are} told nothing, for nobody can open the secret: see `mandate webhook list`."
    if hooks["late"]:
        yield "Webhooks are told nothing: no worker does it, or each round fails."
    letters = told["letters_overdue"]
    if letters:
        spoken_of = "1 letter was laid" if letters == 1 else f"{letters} letters were laid"
        yield f"{spoken_of} for the print house and it has not spoken of them: see `mandate letters list`."


def _stuck(told: Mapping[str, Any]) -> Iterator[str]:
    now: datetime = told["at"]
    asked, due = told["cases_to_advance"]["oldest_asked_at"], told["notices"]["oldest_due_at"]
    if asked is not None and now - asked > LONGEST_WAIT:
        yield "Cases wait to be advanced: no worker takes them, or they fail."
    if due is not None and now - due > LONGEST_WAIT:
        yield "Notices that are due do not go out."
    refusals = told["mail"]["refusals"]
    if refusals and refusals["statutory"]:
        yield relay_status.trouble(refusals)
    elif refusals and now - refusals["since"] > LONGEST_WAIT:
        yield "The relay has taken no mail for more than a quarter of an hour."
    held = told["notices"]["by_state"].get(State.HELD.value)
    if held:
        waiting = "1 notice is held and waits" if held == 1 else f"{held} notices are held and wait"
        yield f"{waiting} for a person."
