"""
After a restore, for page, API and command line: what stands still and why, taking in what the journal knows, and the
word of a named person that lets sending and paying go on.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pydantic import Field
from sqlalchemy import func, select

from app.templating import date_time
from ballots import law_handlers
from casework.acts import Facts
from casework.pay import restored
from casework.pay.journalled import EVENT, PAYMENT
from core import history
from core.calendar import in_words, london_day
from core.unit_of_work import UnitOfWork
from notifications import comparing, quarantine, reconciling
from notifications.messages import registry
from notifications.models import LostSend, Quarantine
from notifications.reconciling import Reconciled

RECONCILED = "notifications:quarantine:reconciled"
BY = 'A name with a role, such as "Jo Example, head of operations", or officer:<id>'
ENDED_SHOWN = 10
WORDS = {
    comparing.THERE: "The journal is there and whole.",
    comparing.NOT_YET: "There is no journal yet: nothing was sent from here.",
    comparing.MISSING: "There is no journal, although this database has sent before. What went out since it was "
    "saved cannot be told from here.",
    comparing.CHANGED: "The journal is not the one that this database last saw: it was cut off or written over.",
}
"""What is to be said of the journal."""


class Looked(Facts):
    """Who looked at what the journal and the database say."""

    by: str = Field(min_length=3, max_length=80, title="Who has looked", description=BY)


class Ended(Looked):
    """Who lets sending and paying go on, and why that is safe; `which` is the quarantine that this person saw."""

    because: str = Field(
        min_length=5,
        max_length=500,
        title="Why it is safe to go on",
        description="Such as: restored from the backup of last night, every send since is taken in",
    )
    which: uuid.UUID | None = Field(default=None, title="Which quarantine")


def document(uow: UnitOfWork) -> dict[str, Any]:
    """What stands, how journal and database compare now, what was noted as lost, and the quarantines before."""
    journal = quarantine.journal_of(uow)
    found = comparing.compare_afresh(uow, journal)
    stands = quarantine.standing(uow)
    payments = [each for each in found.others if each.get("event") == EVENT]
    ended = select(Quarantine).where(Quarantine.ended_at.is_not(None)).order_by(Quarantine.began_at.desc())
    return {
        "quarantine": _told(stands) if stands else None,
        "journal": journal.path,
        "journal_says": WORDS[found.journal],
        "now": {**found.counts(), "payment_files": [each["batch"] for each in payments]},
        "to_reconcile": bool(found.sends or found.others),
        "alarm": not found.agrees,
        "lost": _lost(uow),
        "before": [_told(row) for row in uow.session.scalars(ended.limit(ENDED_SHOWN))],
    }


def reconcile(uow: UnitOfWork, facts: Looked) -> dict[str, Any]:
    """Take in what the journal knows; a second time there is nothing left. Sends nothing."""
    law_handlers.require_named(uow, facts.by)
    done = reconciling.reconcile(uow, quarantine.journal_of(uow))
    rebuilt, lost = restored.take_in(uow, [*done.others, *restored.lost_files(uow)])
    counts = {**_counts(done), "payment_files": rebuilt, "payment_files_lost": lost}
    if any(counts.values()):
        history.record(uow, RECONCILED, "journal:outbox", {**counts, "by": facts.by})
    return counts


def end(uow: UnitOfWork, facts: Ended) -> dict[str, Any]:
    """Let sending and paying go on; the same again changes nothing."""
    law_handlers.require_named(uow, facts.by)
    journal = quarantine.journal_of(uow)
    return _told(quarantine.end(uow, journal, facts.by, facts.because, facts.which))


def _counts(done: Reconciled) -> dict[str, int]:
    return {name: number for name, number in asdict(done).items() if name != "others"}


def _told(row: Quarantine) -> dict[str, Any]:
    names = ("id", "began_at", "found", "ended_at", "ended_by", "ended_because")
    return {name: getattr(row, name) for name in names}


def _lost(uow: UnitOfWork) -> dict[str, Any]:
    """How many sends and payments have no row to stand in; of the sends, how many of which message, and when."""
    counted = select(LostSend.kind, func.count()).group_by(LostSend.kind)
    by_kind: dict[str, int] = dict(uow.session.execute(counted).tuples().all())
    notices = by_kind.get(quarantine.NOTICE, 0)
    return {"notices": notices, "messages": _lost_messages(uow), "payments": by_kind.get(PAYMENT, 0)}


def _lost_messages(uow: UnitOfWork) -> list[dict[str, Any]]:
    """Of each kind of message that went out and has no row, the first first."""
    first, last = func.min(LostSend.began_at), func.max(LostSend.began_at)
    counted = select(LostSend.message_kind, func.count(), first, last).where(LostSend.kind == quarantine.NOTICE)
    rows = uow.session.execute(counted.group_by(LostSend.message_kind).order_by(first)).tuples()
    return [
        {"kind": kind, "message": _label(kind), "sends": count, "first_at": begins, "last_at": ends}
        for kind, count, begins, ends in rows
    ]


def _label(kind: str | None) -> str:
    known = registry().get(kind or "")
    return known.label if known else "a message of a kind that the journal does not name"


def sentences(told: dict[str, Any]) -> Sequence[str]:
    """What the document comes to, for people: on the page and in a terminal."""
    stands, now, lost = told["quarantine"], told["now"], told["lost"]
    said = [told["journal_says"]]
    if stands is None and (told["to_reconcile"] or told["alarm"]):
        said.insert(0, "No quarantine stands yet: whoever starts next begins one, and nothing is sent or paid.")
    elif stands is None:
        said.insert(0, "No quarantine stands: what is due is sent and paid.")
    else:
        said.insert(0, f"Nothing is sent and no payment file leaves since {date_time(stands['began_at'])}.")
    if now["sends"]:
        said.append(
            f"The journal tells of {now['sends']} sends of {now['notices']} notices that this database does not know; "
            f"{now['accepted']} of them were accepted."
        )
    if now["payment_files"]:
        said.append(f"It tells of payment files that this database did not release: {', '.join(now['payment_files'])}.")
    if lost["notices"]:
        said.append(
            f"{lost['notices']} sends are of notices made or let go after the backup; under their Message-ID nothing "
            "goes out again without a person's word. What led to them is not on record here: record it again. They "
            f"were {'; '.join(map(_spoken, lost['messages']))}."
        )
    if lost["payments"]:
        said.append(
            f"{lost['payments']} payments left in files that cannot be rebuilt; none is paid again unless looked at."
        )
    return said


def _spoken(lost: dict[str, Any]) -> str:
    first, last = (in_words(london_day(lost[name])) for name in ("first_at", "last_at"))
    days = first if first == last else f"{first} to {last}"
    return f"{lost['sends']} × “{lost['message']}” ({days})"
