"""What stands in a case's history besides its events: approvals, receipts, proofs taken back, stand-downs."""

from __future__ import annotations

from sqlalchemy import event

from app.case_views import case_page
from core.unit_of_work import UnitOfWork
from tests.ballots.scenes import OFFICER, SECOND, Ladder, disputed, in_force, noticed, planned
from tests.builders import acting


def told(ladder: Ladder) -> list[tuple[str, str]]:
    """Each sentence of the history with who did it, newest first."""
    return [(line.title, line.by) for line in case_page(ladder.uow, ladder.case.ref).events]


def test_an_approval_stands_in_the_history_with_who_and_what(uow: UnitOfWork) -> None:
    """Turns red if the history leaves out approvals, or says one sentence for each copy."""
    ladder = planned(disputed(uow)).on("Wed 2026-10-07").act("ballot_notices_approved", by=SECOND)
    approved = [line for line in told(ladder) if line[0].startswith("Approved")]
    assert len(approved) == 1
    assert approved[0][1] == "the officer"
    assert "“Notice of ballot” by" in approved[0][0]
    assert "“Sample voting paper” by" in approved[0][0]
    days = {line.title: line.happened_on for line in case_page(ladder.uow, ladder.case.ref).events}
    assert days[approved[0][0]] == ladder.uow.today


def test_a_receipt_and_its_withdrawal_stand_in_the_history(uow: UnitOfWork) -> None:
    """Turns red if a receipt that was recorded, or the reason why its proof was taken back, is left out."""
    ladder = noticed(disputed(uow))
    papers = "“Notice of ballot” by letter and “Sample voting paper” by letter"
    assert (f"Receipt of {papers} was recorded for 8 October 2026: handed over.", "the officer") in told(ladder)
    letter = ladder.papers("notice_of_ballot")[0]
    ladder.act("receipt_withdrawn", proved=letter.id, reason="It was another letter.")
    taken_back = "The proof that “Notice of ballot” by letter was received was taken back: It was another letter."
    assert (taken_back, "the officer") in told(ladder)


def test_a_stand_down_and_its_end_stand_in_the_history(uow: UnitOfWork) -> None:
    """Turns red if the history of a case leaves out that its action stood down, or that this was lifted."""
    ladder = in_force(disputed(uow))
    ladder.act("dispute_stood_down", by=OFFICER, reason="injunction", note="The High Court granted an injunction.")
    titles = [title for title, _ in told(ladder)]
    assert "All action of the dispute was stood down, at 1 school: an injunction." in titles
    ladder.act("stand_down_lifted", by=SECOND, reason="The order was discharged.")
    assert ("The stand-down of all action of the dispute was lifted.", "the officer") in told(ladder)


def test_the_history_takes_one_query_however_many_papers_there_are(uow: UnitOfWork) -> None:
    """Turns red if the history is read once for each notice."""
    ladder = noticed(disputed(uow))
    asked: list[str] = []
    connection = ladder.uow.session.connection()

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(connection, "before_cursor_execute", note)
    case_page(acting(ladder.uow, OFFICER), ladder.case.ref)
    event.remove(connection, "before_cursor_execute", note)
    assert sum("history_entries.action IN" in each for each in asked) == 1
