"""What the scrutineer of a ballot is told: the instruction, and that a ballot is cancelled."""

from __future__ import annotations

from ballots import notices, papers, repository
from ballots.models import Ballot
from core.settings import settings
from core.unit_of_work import UnitOfWork
from notifications import outbox
from notifications.lifecycle import Medium, State
from notifications.messages import Message
from notifications.models import Notice
from notifications.recipients import Recipient

INSTRUCTION = "scrutineer_instruction"
REPORT_DUE = "Your report due not later than"


def instruct(uow: UnitOfWork, ballot: Ballot) -> None:
    """Instruct the scrutineer of a ballot that has one, once."""
    dates = papers.timetable_of(uow, ballot)
    if dates.scrutineer is None or ballot.scrutineer is None or _instructions(uow, ballot):
        return
    report = notices.Reckoned(REPORT_DUE, dates.scrutineer.report_due, dates.scrutineer.why)
    facts = notices.scrutineer_instruction(papers.common_facts(ballot, ballot.legs[0]), ballot.entitled, report)
    _write(uow, ballot, ballot.scrutineer, Message(INSTRUCTION, facts))


def stand_down(uow: UnitOfWork, ballot: Ballot) -> None:
    """Tell the scrutineer that a ballot is cancelled, if the instruction went out; one taken back was never given."""
    given = [notice for notice in _instructions(uow, ballot) if notice.state is not State.CANCELLED]
    if ballot.scrutineer is None or not given:
        return
    facts = {
        "scrutineer": ballot.scrutineer,
        "employer_name": ballot.legs[0].employer.name,
        "reason": ballot.cancelled_reason,
        "reference": ballot.ref,
    }
    _write(uow, ballot, ballot.scrutineer, Message("scrutineer_stood_down", facts))


def _instructions(uow: UnitOfWork, ballot: Ballot) -> list[Notice]:
    return repository.papers(uow, papers.ballot_ref(ballot.id), INSTRUCTION)


def addressed_to(scrutineer: str) -> Recipient:
    """The appointed scrutineer, at the address to which voting papers return."""
    address = tuple(line.strip() for line in settings().voting_paper_return_address.split(","))
    return Recipient("scrutineer:appointed", scrutineer, None, address)


def _write(uow: UnitOfWork, ballot: Ballot, scrutineer: str, message: Message) -> None:
    to = addressed_to(scrutineer)
    outbox.enqueue(uow, message, to, medium=Medium.LETTER, subject_ref=papers.ballot_ref(ballot.id))
