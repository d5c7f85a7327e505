"""A deadline that only a receipt had met is open again once nothing proves that receipt, however the proof was lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from ballots.models import ActionStage
from casework.deadlines import REOPENED, Deadline, DeadlineKind, to_remind
from casework.levels import Level
from core.history import HistoryEntry
from notifications.lifecycle import State
from notifications.models import Notice
from notifications.proof import ReceiptKind
from tests.ballots.scenes import STEPS, Ladder, dump
from tests.ballots.test_doubts import bounces, delivered, end_of, mail_of, served_by_mail
from tests.ballots.test_hard_stops import level, told
from tests.builders import an_officer
from tests.days import day

pytestmark = pytest.mark.engines("sqlite")

Climb = Callable[[str], Ladder]
BALLOT, SAMPLE = DeadlineKind.BALLOT_NOTICE_RECEIVED, DeadlineKind.SAMPLE_PAPER_RECEIVED
RESULT, ACTION = DeadlineKind.RESULT_TO_EMPLOYERS, DeadlineKind.ACTION_NOTICE_RECEIVED


def take_back(ladder: Ladder, kind: str, subject: str | None = None) -> Notice:
    """Whoever recorded the receipt of a paper withdraws it."""
    (proved,) = [each for each in ladder.papers(kind, subject) if each.state is State.EVIDENCED]
    ladder.act("receipt_withdrawn", proved=proved.id, reason="the receipt was for another letter")
    return proved


def unmet(ladder: Ladder, kind: DeadlineKind) -> Deadline:
    """The one deadline of a kind that was not cancelled and is open."""
    (row,) = ladder.uow.session.query(Deadline).filter_by(kind=kind, cancelled_on=None, met_on=None)
    return row


@pytest.mark.parametrize(
    ("paper", "kind", "other"), [("notice_of_ballot", BALLOT, SAMPLE), ("sample_voting_paper", SAMPLE, BALLOT)]
)
def test_a_withdrawn_receipt_opens_the_day_of_its_paper_again(
    climb: Climb, paper: str, kind: DeadlineKind, other: DeadlineKind
) -> None:
    """Turns red if `serve_ballot_notices` follows no receipt of a noticed ballot, or opens the day of every paper."""
    ladder = climb("noticed")
    was = {row.kind: row.due_on for row in ladder.uow.session.query(Deadline)}
    take_back(ladder, paper)

    assert (ladder.met(kind), ladder.deadline(kind)) == (None, was[kind])
    assert ladder.met(other) == day("Thu 2026-10-08")
    ladder.on("Fri 2026-10-09").arrives(paper)
    assert (ladder.met(kind), ladder.deadline(kind)) == (day("Fri 2026-10-09"), None)


def test_what_a_withdrawn_receipt_leaves_unmet_warns_and_stops(climb: Climb) -> None:
    """
    On 8 October the day is amber already, and from the 14th it has passed.

    Turns red if `reopen` leaves `remind_on` to `arm`, which tells no level that has begun.
    """
    ladder = climb("noticed")
    officer = an_officer(ladder.uow)
    ladder.case.officer_id, ladder.case.officer = officer.id, officer
    take_back(ladder, "notice_of_ballot")

    assert level(ladder, BALLOT) is Level.AMBER
    assert told(ladder) == {(f"officer:{officer.id}", "amber")}
    assert told(ladder) == set()
    assert {line for _, line in told(ladder.on("Wed 2026-10-14"))} == {"stop"}


def test_a_bounce_after_the_last_day_opens_a_day_that_is_past(climb: Climb) -> None:
    """Turns red if only the act that withdraws a receipt opened the day, or `reopen` moved it."""
    ladder = served_by_mail(climb)
    assert ladder.met(BALLOT) == day("Thu 2026-10-08")
    mail = mail_of(ladder, "notice_of_ballot")
    bounces(ladder, mail, end_of(mail) + timedelta(minutes=1))

    row = unmet(ladder, BALLOT)
    assert row.due_on == mail.latest_receipt_on
    assert row.due_on < ladder.uow.today
    assert level(ladder, BALLOT) is Level.STOP
    assert to_remind(ladder.uow) == [row.id]


def test_another_copy_that_is_proved_keeps_the_day_met(climb: Climb) -> None:
    """Turns red if a proof that was withdrawn opens the day whatever else proves receipt."""
    ladder = climb("noticed")
    letter = ladder.papers("notice_of_ballot")[0]
    delivered(ladder, mail_of(ladder, "notice_of_ballot"))
    ladder.act("receipt_withdrawn", proved=letter.id, reason="the receipt was for another letter")
    assert (ladder.met(BALLOT), ladder.deadline(BALLOT)) == (day("Thu 2026-10-08"), None)


def test_the_result_is_untold_again_and_so_is_an_early_paper(climb: Climb) -> None:
    """Turns red if `tell_result` never opens the day again, or looks at the result only once the ballot is declared."""
    ladder = climb("won")
    take_back(ladder, "ballot_result_employer")
    assert (ladder.met(RESULT), ladder.deadline(RESULT)) == (None, day("Thu 2026-11-19"))
    take_back(ladder, "notice_of_ballot")
    assert ladder.met(BALLOT) is None
    ladder.on("Fri 2026-11-20").arrives("ballot_result_employer", how=ReceiptKind.ACKNOWLEDGED)
    assert (ladder.met(RESULT), ladder.met(BALLOT)) == (day("Fri 2026-11-20"), None)


def test_the_notice_of_action_opens_its_own_day_and_no_other_receipt_meets_it(climb: Climb) -> None:
    """
    Action short of a strike was notified in November, the strike in January; the proof of the former goes.

    Turns red if `follow_action` opens the latest day, or a receipt of the strike's notice meets that of the other.
    """
    ladder = climb("striking")
    (asos, strike) = ladder.actions
    days = {
        each.id: ladder.papers("notice_of_action", f"action:{each.id}")[0].latest_receipt_on for each in (asos, strike)
    }
    take_back(ladder, "notice_of_action", f"action:{asos.id}")
    assert unmet(ladder, ACTION).due_on == days[asos.id]

    take_back(ladder, "notice_of_action", f"action:{strike.id}")
    ladder.arrives("notice_of_action", f"action:{strike.id}")
    assert unmet(ladder, ACTION).due_on == days[asos.id]
    assert strike.stage is ActionStage.NOTIFIED


@pytest.mark.parametrize(
    ("rung", "paper"), [("noticed", "notice_of_ballot"), ("won", "ballot_result_employer"), ("won", "notice_of_ballot")]
)
def test_opening_again_is_done_once_and_history_knows_it(climb: Climb, rung: str, paper: str) -> None:
    """Turns red if a second run opens a day again that is open, or `reopen` leaves history out."""
    ladder = climb(rung)
    take_back(ladder, paper)
    once = dump(ladder.uow)
    for step in STEPS:
        step(ladder.uow, ladder.case_id)
    assert dump(ladder.uow) == once
    assert ladder.uow.session.query(HistoryEntry).filter_by(action=REOPENED).count() == 1


def test_a_called_off_ballots_day_stays_as_it_was(climb: Climb) -> None:
    """Turns red if a receipt that is withdrawn opens a day of a ballot that nobody holds any more."""
    ladder = climb("noticed")
    ladder.act("ballot_cancelled", reason="the employer offers talks")
    take_back(ladder, "notice_of_ballot")
    assert ladder.deadline(BALLOT) is None
