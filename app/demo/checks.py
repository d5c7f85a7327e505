"""What must hold of every case once the demonstration is over, each in a sentence."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.demo.outcomes import SENT
from app.demo.performance import Part
from ballots import barrister
from ballots import repository as ballots
from ballots.handlers import filed_under
from ballots.models import Action, Ballot
from casework import repository
from casework.lifecycle import Stage
from casework.pay.models import Claim, ClaimState, PaymentBatch
from casework.register.models import Member
from core import history
from core.findings import stops
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import Medium, State
from notifications.models import Notice

CLIMBED = {stage.value for stage in Stage} - {Stage.CLOSED.value}
OFFICE_REMINDER = "deadline_reminder_workplace"
DAY_REMINDER = "strike_day_reminder"
TO_BE_PROVED = ("notice_of_ballot", "sample_voting_paper", "notice_of_action", "ballot_result_employer")
EMPLOYER = "employer:"
AMOUNT = "amount"
LOST = frozenset({"turnout_not_met", "support_not_met", "majority_not_met"})
"""What the linter has to say of a ballot that gave no mandate."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold, in words; `at_the_end`: once everything was played, and not before."""

    what: str
    holds: bool
    at_the_end: bool = False


Row = Mapping[str, Any]


def checks(uow: UnitOfWork, folder: Path, parts: Sequence[Part], rows: Sequence[Row], *, prefect: bool) -> list[Check]:
    """Every check; that of Prefect's database only where Prefect ran the flows."""
    notices = uow.session.scalars(select(Notice)).all()
    states = [(repository.state_of(uow, part.case_id), repository.get(uow, part.case_id)) for part in parts]
    found = [
        Check(
            "every case ended as it was written",
            all(_as_written(*each) for each in zip(parts, rows, strict=True)),
            at_the_end=True,
        ),
        Check(
            "replaying its events gives every case as it is stored",
            all((state.stage, state.entered_on) == (case.stage, case.entered_on) for state, case in states),
        ),
        *_checks_of_the_climb(rows, notices),
        Check(
            "every notice was delivered",
            all(row.state in SENT or _taken_back(row) for row in notices),
            at_the_end=True,
        ),
        Check(
            "every delivered letter and mail lies in the folder, byte for byte",
            _laid_down(notices, folder),
            at_the_end=True,
        ),
        Check("every paper that law wants received is proved to be", _proved(notices), at_the_end=True),
        Check("the employer was told of its own disputes only", _right_employer(uow, parts, notices)),
        Check("the numbers in every notice are the register's", _numbers_agree(uow, notices)),
        Check(
            "the other side's barrister has a stop against a lost vote only",
            _nothing_for_counsel(uow),
            at_the_end=True,
        ),
        Check("no deadline was met late or missed", all(_in_time(row) for row in rows)),
        Check("what was paid is what was approved, pence for pence", _pence_agree(uow, rows)),
        Check("the audit chain is whole", history.verify(uow.session).whole),
    ]
    if prefect:
        found.append(Check("no member's name or number is in Prefect's database", _nobody_named(uow, folder)))
    return found


def _as_written(part: Part, row: Row) -> bool:
    outcome, stage = part.play.ends
    return (row["outcome"], row["stage"]) == (outcome.value, stage.value)


def _checks_of_the_climb(rows: Sequence[Row], notices: Sequence[Notice]) -> list[Check]:
    """What only the whole ladder shows."""
    climbs = [row for row in rows if row["play"] == "full_climb"]
    if not climbs:
        return []
    climbed = {entered["stage"] for row in climbs for entered in row["stages"]}
    reminded = [row for row in notices if row.kind == OFFICE_REMINDER and row.state in SENT]
    return [
        Check("every rung of the ladder was climbed", climbed >= CLIMBED, at_the_end=True),
        Check("a deadline reminder reached the workplace", bool(reminded), at_the_end=True),
    ]


def _in_time(row: Row) -> bool:
    return not row["deadlines"]["late"] and not row["deadlines"]["missed"]


def _taken_back(row: Notice) -> bool:
    """Whether it is the reminder of a strike day that was called off, which nobody was to get."""
    return row.kind == DAY_REMINDER and row.state is State.CANCELLED and not row.epoch


def _laid_down(rows: Sequence[Notice], folder: Path) -> bool:
    letters = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "letters").glob("*.pdf")}
    mails = {path.stem for path in (folder / "mail").glob("*.eml")}
    return all(
        row.sha256 in letters if row.medium is Medium.LETTER else row.message_id.strip("<>").partition("@")[0] in mails
        for row in rows
        if not _taken_back(row)
    )


def _proved(notices: Sequence[Notice]) -> bool:
    """Of every paper that an employer must have received, one copy is shown to have arrived."""
    copies: dict[tuple[str, str], list[State]] = {}
    for row in notices:
        if row.kind in TO_BE_PROVED and row.state in SENT:
            copies.setdefault((row.subject_ref, row.kind), []).append(row.state)
    return all(State.EVIDENCED in states for states in copies.values())


def _right_employer(uow: UnitOfWork, parts: Sequence[Part], notices: Sequence[Notice]) -> bool:
    """Nothing about a case went to an employer other than its school's, nor to an address that is not that one's."""
    for part in parts:
        own = repository.get(uow, part.case_id).workplace.employer
        about = filed_under(uow, part.case_id)
        for notice in notices:
            if notice.subject_ref in about and notice.recipient_key.startswith(EMPLOYER):
                told = (notice.recipient_key, notice.recipient_email)
                if told != (f"{EMPLOYER}{own.id}", part.school.employer_email):
                    return False
    return True


def _numbers_agree(uow: UnitOfWork, notices: Sequence[Notice]) -> bool:
    """Ballot papers and results state the frozen list, notices of action the members of the school."""
    frozen = {f"ballot:{each}": ballots.entitled_count(uow, each) for each in uow.session.scalars(select(Ballot.id))}
    at_work = {
        f"action:{action.id}": len(repository.members_at(uow, action.case.workplace_id, action.authorised_on))
        for action in uow.session.scalars(select(Action))
    }
    numbers = frozen | at_work
    stated = [
        (row.facts[name], numbers[row.subject_ref])
        for row in notices
        for name in ("total", "entitled")
        if row.subject_ref in numbers and row.facts.get(name) is not None
    ]
    return all(told == number for told, number in stated) and all(
        each.entitled == frozen[f"ballot:{each.id}"] for each in uow.session.scalars(select(Ballot))
    )


def _nothing_for_counsel(uow: UnitOfWork) -> bool:
    """Every paper, call and day stands as it was served; of a ballot that was lost, that it was."""
    for ballot in uow.session.scalars(select(Ballot)):
        found = {each.code for each in stops(barrister.against_ballot(uow, ballot).findings)}
        if found - (frozenset() if ballots.mandates_of(uow, ballot.id) else LOST):
            return False
    actions = uow.session.scalars(select(Action))
    return not any(stops(barrister.against_action(uow, action).findings) for action in actions)


def _pence_agree(uow: UnitOfWork, rows: Sequence[Row]) -> bool:
    """The claims' approved pence, the rows of the files as a bank would read them, and the table, are one sum."""
    claims = uow.session.scalars(select(Claim).where(Claim.state == ClaimState.PAID)).all()
    approved = sum(claim.payable_pence or 0 for claim in claims)
    released = uow.session.scalars(select(PaymentBatch).where(PaymentBatch.released_on.is_not(None))).all()
    in_files = sum(_pence_in(batch.content) for batch in released)
    return bool(approved == in_files == sum(row["reimbursed_pence"] for row in rows))


def _pence_in(content: bytes) -> int:
    """The amounts of a payment file, read as text and without the program's own classes."""
    rows = csv.DictReader(io.StringIO(content.decode(), newline=""))
    return int(sum((Decimal(row[AMOUNT]) for row in rows), Decimal(0)) * 100)


def _nobody_named(uow: UnitOfWork, folder: Path) -> bool:
    members = uow.session.execute(select(Member.name, Member.email, Member.membership_number)).all()
    wanted = {str(value).encode() for row in members for value in row if value}
    stored = b"".join(path.read_bytes() for path in sorted((folder / "prefect").glob("*.db*")))
    return bool(stored) and not any(each in stored for each in wanted)
