"""
What the demonstration leaves to be seen: a document for programs, and the checks that it must pass.

`mandate demo --json` prints the document. Its `cases` holds one object a case, by reference; days are ISO dates:

- `ref`, `play` (the play's name, such as `full_climb`; the three cases of the trust share one), `title`
- `urn`, `workplace`, `employer`: the school's number and name, the legal employer's name
- `dispute`: the reference of its latest dispute, or null; `workplaces`: the URNs of every school with a case in that
  dispute, its own first; its own alone where there is none
- `outcome`: `settled_by_head`, `settled_by_officer`, `settled_at_the_threat`, `settled`, `ballot_lost`, `reopened`,
  `resting` or `open`; `stage`: where it stands at the end; `rests_until`: a day, or null
- `raised_on`; `stages`: `[{"stage", "entered_on"}]`, one each time that the case came to another stage, `raised` first
- `ballots`: `[{"ref", "opens_on", "closes_on", "entitled", "cast", "turnout_percent", "turnout_met", "questions",
  "mandates", "mandate_ends_on"}]` by opening day. `questions` is kind to `{"yes", "no", "spoiled"}`, `mandates` the
  kinds won; what a result would tell is null before there is one
- `asos_from`: the days on which action short of a strike began; `strike_days`: `[{"on", "took_part"}]` for every day
  the employer was notified of, `took_part` null where it was not held
- `deadlines`: `{"met", "late", "missed", "open", "no_longer_due"}`, counts. Met and late have a `met_on`, up to or
  after `due_on`; a missed one is neither met nor cancelled, and due before the last day; no longer due is cancelled
- `notices`: `{"sent", "proved"}`, counts over the case and its deadlines, agreements, claims, disputes, ballots and
  action; what went out over several cases together counts for each. Sent: accepted, evidenced or closed. Proved:
  evidenced
- `reimbursed_pence`: of payment files released; `settled_on`: the last day on which terms were agreed, or null;
  `reopened_on`: the last such day, or null
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.sentences import by_whom, sentence
from ballots import repository as ballots
from ballots.models import Ballot
from casework import lifecycle, repository
from casework.cases import Case, CaseEvent
from casework.deadlines import TURNING_POINTS, Deadline
from casework.lifecycle import Stage
from casework.pay.models import Claim, ClaimState, PaymentBatch
from core import history
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import Medium, State
from notifications.models import Notice

DELIVERED = frozenset({State.ACCEPTED, State.EVIDENCED, State.CLOSED})
CLIMBED = frozenset(Stage) - {Stage.CLOSED}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold, in words."""

    what: str
    holds: bool


def document(uow: UnitOfWork, folder: Path, schools: int) -> dict[str, Any]:
    """Everything that the command prints."""
    case = uow.session.scalars(select(Case)).one()
    found = history.verify(uow.session)
    batches = uow.session.scalars(select(PaymentBatch)).all()
    checks = _checks(uow, case, folder)
    return {
        "case": case.ref,
        "workplace": case.workplace.name,
        "stage": case.stage.value,
        "schools_imported": schools,
        "events": _events(uow, case),
        "deadlines": _deadlines(uow, case),
        "notices": _notices(uow),
        "reimbursed_pence": sum(batch.total_pence for batch in batches if batch.released_on),
        "claims_paid": len(uow.session.scalars(select(Claim.id).where(Claim.state == ClaimState.PAID)).all()),
        "audit": {"entries": found.entries, "head": found.head, "whole": found.whole, "sentence": found.sentence},
        "checks": [{"what": check.what, "holds": check.holds} for check in checks],
        "folder": str(folder),
    }


def _events(uow: UnitOfWork, case: Case) -> list[dict[str, Any]]:
    rows = uow.session.scalars(select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.seq)).all()
    told = []
    state = None
    for row in rows:
        event = row.as_event()
        state = lifecycle.begin(event) if state is None else lifecycle.apply(state, event)
        told.append(
            {
                "on": row.happened_on.isoformat(),
                "stage": state.stage.value,
                "event": row.kind.value,
                "sentence": sentence(row.kind, row.facts),
                "by": by_whom(row.actor),
            }
        )
    return told


def _deadlines(uow: UnitOfWork, case: Case) -> list[dict[str, Any]]:
    rows = uow.session.scalars(select(Deadline).where(Deadline.case_id == case.id).order_by(Deadline.due_on)).all()
    return [
        {
            "what": row.label,
            "due_on": row.due_on.isoformat(),
            "met_on": row.met_on.isoformat() if row.met_on else None,
            "days_to_spare": None if row.kind in TURNING_POINTS else row.days_to_spare,
            "state": _state(row),
            "reminded_on": row.reminded_on.isoformat() if row.reminded_on else None,
            "source": f"{row.why['citation']['act']}, {row.why['citation']['provision']}",
        }
        for row in rows
    ]


def _state(row: Deadline) -> str:
    if row.met_on:
        return "met" if row.met_on <= row.due_on else "late"
    return "no longer due" if row.cancelled_on else "open"


def _notices(uow: UnitOfWork) -> list[dict[str, Any]]:
    rows = uow.session.scalars(select(Notice)).all()
    counted = Counter((row.kind, row.medium.value) for row in rows if row.state in DELIVERED)
    received = Counter((row.kind, row.medium.value) for row in rows if row.state is State.EVIDENCED)
    return [
        {"kind": kind, "channel": medium, "sent": count, "received_with_proof": received[kind, medium]}
        for (kind, medium), count in sorted(counted.items())
    ]


def _checks(uow: UnitOfWork, case: Case, folder: Path) -> list[Check]:
    rows = uow.session.scalars(select(Notice)).all()
    replayed = repository.state_of(uow, case.id)
    climbed = {event["stage"] for event in _events(uow, case)}
    reminded = [row for row in rows if row.kind == "deadline_reminder_workplace" and row.state in DELIVERED]
    return [
        Check("every rung of the ladder was climbed", {stage.value for stage in CLIMBED} <= climbed),
        Check("replaying the events gives the stage that is stored", replayed.stage is case.stage),
        Check("every notice was delivered", all(row.state in DELIVERED for row in rows)),
        Check("every delivered letter and mail lies in the folder, byte for byte", _laid_down(rows, folder)),
        Check("the numbers in every notice are the register's", _numbers_agree(uow, case, rows)),
        Check("a deadline reminder reached the workplace", bool(reminded)),
        Check("no deadline was met late", all(each["state"] != "late" for each in _deadlines(uow, case))),
        Check("what was paid is what was approved, pence for pence", _paid_is_approved(uow)),
        Check("the audit chain is whole", history.verify(uow.session).whole),
    ]


def _laid_down(rows: Any, folder: Path) -> bool:
    letters = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "letters").glob("*.pdf")}
    mails = {path.stem for path in (folder / "mail").glob("*.eml")}
    return all(
        row.sha256 in letters if row.medium is Medium.LETTER else row.message_id.strip("<>").partition("@")[0] in mails
        for row in rows
    )


def _numbers_agree(uow: UnitOfWork, case: Case, rows: Any) -> bool:
    ballot = ballots.ballot_of(uow, case.id)
    if ballot is None:
        return False
    frozen = ballots.entitled_count(uow, ballot.id)
    at_work = len(repository.members_at(uow, case.workplace_id))
    wanted = {
        ("notice_of_ballot", "total"): frozen,
        ("scrutineer_instruction", "entitled"): frozen,
        ("ballot_result_employer", "entitled"): frozen,
        ("ballot_result_members", "entitled"): frozen,
        ("notice_of_action", "total"): at_work,
    }
    stated = [(row.facts[fact], number) for (kind, fact), number in wanted.items() for row in rows if row.kind == kind]
    every_kind = {kind for kind, _ in wanted} <= {row.kind for row in rows}
    return every_kind and all(told == number for told, number in stated) and _ballot_agrees(ballot, frozen)


def _ballot_agrees(ballot: Ballot, frozen: int) -> bool:
    return ballot.entitled == frozen and ballot.result is not None and ballot.result["entitled"] == frozen


def _paid_is_approved(uow: UnitOfWork) -> bool:
    batches = uow.session.scalars(select(PaymentBatch)).all()
    lines = sum(line.pence for batch in batches for line in batch.lines)
    claims = uow.session.scalars(select(Claim).where(Claim.state == ClaimState.PAID)).all()
    approved = sum(claim.payable_pence or 0 for claim in claims)
    return lines == approved == sum(batch.total_pence for batch in batches) and approved > 0
