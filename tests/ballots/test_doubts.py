"""A bounce after the last day of receipt: the next stage stays shut for that employer, and new days are proposed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from app.case_views import case_page
from ballots import doubts
from ballots.gate import against
from ballots.lifecycle import BallotStage
from ballots.models import ActionStage
from ballots.steps import readiness_of
from casework.handlers import ADVANCE_CASE
from core import work
from core.calendar import midnight_ending
from core.clock import Clock
from core.findings import stops
from core.work import PendingWork
from notifications import inbox, listing, proof, tasks
from notifications.inbox import Reading
from notifications.lifecycle import Medium, State
from notifications.models import Notice
from notifications.proof import ReceiptKind
from notifications.tasks import TaskKind
from tests.ballots.scenes import OPENS, SECOND, WON, Ladder
from tests.days import day

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

Climb = Callable[[str], Ladder]
LATE = (timedelta(minutes=1), timedelta(hours=72))
DELIVERED = ReceiptKind.DELIVERY_REPORT


def mail_of(ladder: Ladder, kind: str, subject: str | None = None) -> Notice:
    """The copy that went by mail."""
    return next(each for each in ladder.papers(kind, subject) if each.medium is Medium.MAIL)


def delivered(ladder: Ladder, mail: Notice) -> Ladder:
    """A report of delivery is the only proof of a paper."""
    return ladder.act("notice_received", notice=mail.id, received_on=ladder.uow.today, how=DELIVERED)


def bounces(ladder: Ladder, mail: Notice, at: datetime) -> Ladder:
    """The mail comes back at that moment; the worker does what follows."""
    ladder.uow = replace(ladder.uow, clock=Clock(at))
    content = (
        f"From: MAILER-DAEMON@relay.test\r\nTo: disputes@union.test\r\nMessage-ID: <{uuid.uuid4()}@relay.test>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay.test\r\n\r\n"
        f"Final-Recipient: rfc822; {mail.recipient_email}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {mail.message_id}\r\n--b--\r\n"
    ).encode()
    taken = inbox.take(ladder.uow, content)
    assert (taken.reading, taken.notice) == (Reading.BOUNCED, mail)
    doubts.look_at_cases_of(ladder.uow, mail)
    return ladder.work()


def served_by_mail(climb: Climb) -> Ladder:
    """Papers approved on the 7th; all that shows receipt of the notice of ballot is a report of delivery on the 8th."""
    ladder = climb("planned").on("Wed 2026-10-07").act("ballot_notices_approved", by=SECOND)
    ladder.on("Thu 2026-10-08")
    delivered(ladder, mail_of(ladder, "notice_of_ballot"))
    return ladder.arrives("sample_voting_paper")


def end_of(mail: Notice) -> datetime:
    """The midnight that ends the last day of receipt."""
    assert mail.latest_receipt_on is not None
    return midnight_ending(mail.latest_receipt_on)


@pytest.mark.parametrize("after", LATE)
def test_fm_06_a_ballot_whose_notice_bounced_too_late_does_not_open(climb: Climb, after: timedelta) -> None:
    """
    The proof is withdrawn, nothing is sent again as if it were in time, and the finding proposes days that are lawful.

    Turns red if `inbox._serve_again` leaves out the date, `open_ballot` the stops, or `in_doubt` finds nothing.
    """
    ladder = served_by_mail(climb)
    mail = mail_of(ladder, "notice_of_ballot")
    assert ladder.ballot.stage is BallotStage.NOTICED
    papers_before = {each.id for each in listing.about(ladder.uow, f"ballot:{ladder.ballot.id}")}
    bounces(ladder, mail, end_of(mail) + after)

    assert mail.state is State.REVOKED
    assert {each.id for each in listing.about(ladder.uow, f"ballot:{ladder.ballot.id}")} == papers_before
    codes = {each.code for each in stops(readiness_of(ladder.uow, ladder.ballot))}
    assert codes == {"ballot_notice_missing", "ballot_notice_late"}
    (found,) = doubts.in_doubt(ladder.uow, ladder.case_id)
    assert (found.code, found.severity) == ("service_in_doubt", "stop")
    assert "cancel this ballot and authorise it again" in found.cure
    [task] = tasks.open_tasks(ladder.uow, TaskKind.IN_DOUBT)
    assert task.notice_id == mail.id
    ladder.on(OPENS, work=True)
    assert ladder.ballot.stage is BallotStage.NOTICED


def test_fm_06_the_days_proposed_are_the_earliest_that_the_law_allows(climb: Climb) -> None:
    """
    Seven days before the opening for a notice received on 14 October; ten days after the close for action.

    Turns red if `_earliest_opening` stops a day short.
    """
    ladder = served_by_mail(climb)
    mail = mail_of(ladder, "notice_of_ballot")
    bounces(ladder, mail, end_of(mail) + timedelta(minutes=1))
    (found,) = doubts.in_doubt(ladder.uow, ladder.case_id)

    assert ladder.uow.today == date(2026, 10, 14)
    assert "an opening on Wednesday 21 October 2026" in found.cure


def test_fm_06_another_employers_copy_or_an_answer_opens_it_again(climb: Climb) -> None:
    """
    Whoever acknowledges the notice had it, by the letter or by the mail, if on a day in time.

    Turns red if `_doubtful` looks at one copy only.
    """
    ladder = served_by_mail(climb)
    mail = mail_of(ladder, "notice_of_ballot")
    bounces(ladder, mail, end_of(mail) + timedelta(minutes=1))
    letter = ladder.papers("notice_of_ballot")[0]
    ladder.act("notice_received", notice=letter.id, received_on=date(2026, 10, 9), how=ReceiptKind.SIGNED_FOR)

    assert doubts.in_doubt(ladder.uow, ladder.case_id) == ()
    assert tasks.open_tasks(ladder.uow, TaskKind.IN_DOUBT) == []
    ladder.on(OPENS, work=True)
    assert ladder.ballot.stage is BallotStage.OPEN


def test_fm_06_an_answer_on_the_day_after_the_last_ends_no_task(climb: Climb) -> None:
    """
    The notice was received, and too late: the days still have to be named again.

    Turns red if `proof._nobody_need_serve` leaves out the last day.
    """
    ladder = served_by_mail(climb)
    mail = mail_of(ladder, "notice_of_ballot")
    bounces(ladder, mail, end_of(mail) + timedelta(minutes=1))
    ladder.act("notice_received", notice=mail.id, received_on=ladder.uow.today, how=ReceiptKind.ACKNOWLEDGED)

    assert mail.latest_receipt_on == ladder.uow.today - timedelta(days=1)
    assert proof.received_on(ladder.uow, mail.id) == ladder.uow.today
    assert [task.notice_id for task in tasks.open_tasks(ladder.uow, TaskKind.IN_DOUBT)] == [mail.id]
    ladder.on(OPENS, work=True)
    assert ladder.ballot.stage is BallotStage.NOTICED


@pytest.mark.parametrize("after", LATE)
def test_fm_06_nobody_is_called_to_action_whose_notice_bounced_too_late(climb: Climb, after: timedelta) -> None:
    """
    Notified action does not begin, and no member is given its instructions.

    Turns red if `begin_action` or `send_instruction_sheets` leaves out the proof, or `_of_action` proposes nothing.
    """
    ladder = climb("won").on("Fri 2026-11-20")
    ladder.act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07"))
    ladder.on("Tue 2026-11-24").act("action_notices_approved", by=SECOND)
    subject = f"action:{ladder.actions[-1].id}"
    mail = mail_of(ladder, "notice_of_action", subject)
    bounced_at = end_of(mail) + after
    ladder.on("Thu 2026-11-26")
    delivered(ladder, mail)
    assert ladder.actions[-1].stage is ActionStage.NOTIFIED
    bounces(ladder, mail, bounced_at)

    (found,) = doubts.in_doubt(ladder.uow, ladder.case_id)
    assert "Call nobody to this action" in found.cure
    assert "received today, it allows action from" in found.cure
    ladder.on("Mon 2026-12-07", work=True)
    assert ladder.actions[-1].stage is ActionStage.NOTIFIED


def test_fm_06_no_notice_of_action_leaves_once_the_result_is_not_shown_to_be_told(climb: Climb) -> None:
    """
    The employer has to be told the result first; the gate is asked at each hand-over.

    Turns red if `issues_beside` leaves out the result.
    """
    ladder = climb("closed")
    ladder.act("result_declared", **WON)
    mail = mail_of(ladder, "ballot_result_employer")
    ladder.on("Thu 2026-11-19")
    delivered(ladder, mail)
    ladder.on("Fri 2026-11-20").act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07"))
    notice = ladder.notice_of_action()
    assert not against(ladder.uow, notice)
    bounces(ladder, mail, ladder.uow.now + timedelta(hours=1))

    assert [each.code for each in against(ladder.uow, notice)] == ["action_notice_before_result_told"]
    assert [each.code for each in doubts.in_doubt(ladder.uow, ladder.case_id)] == ["service_in_doubt"]


def test_a_bounce_in_time_is_no_doubt_but_another_channel(climb: Climb) -> None:
    """
    The letter that was approved goes or has gone; what it proves counts.
    """
    ladder = served_by_mail(climb)
    mail = mail_of(ladder, "notice_of_ballot")
    bounces(ladder, mail, ladder.uow.now + timedelta(hours=1))

    assert mail.state is State.RE_SERVED
    assert tasks.open_tasks(ladder.uow, TaskKind.IN_DOUBT) == []
    (found,) = doubts.in_doubt(ladder.uow, ladder.case_id)
    assert found.cure == "Serve it again and record its receipt."


def test_what_changes_the_proof_of_a_paper_makes_its_cases_look_again(climb: Climb) -> None:
    """
    A case waits for a paper's receipt, and for its loss.

    Turns red if `cases_of` does not know a kind of subject.
    """
    ladder = climb("in_force")
    subjects = {each.subject_ref for each in ladder.uow.session.query(Notice).all()}
    assert {each.partition(":")[0] for each in subjects} >= {"case", "ballot", "action"}
    for subject in subjects:
        expected = [] if subject.startswith("ballot_") else [ladder.case_id]
        assert doubts.cases_of(ladder.uow, subject) == expected, subject
    assert doubts.cases_of(ladder.uow, "scrutineer:1") == []

    work.take_all(ladder.uow, ADVANCE_CASE)
    doubts.look_at_cases_of(ladder.uow, mail_of(ladder, "ballot_result_employer"))
    assert ladder.uow.session.query(PendingWork).filter(PendingWork.done_at.is_(None)).count() >= 1


def test_the_page_of_the_dispute_says_whose_service_is_in_doubt(climb: Climb) -> None:
    """
    Turns red if `in_question` finds nothing, or `_school` leaves out `in_doubt`.
    """
    ladder = served_by_mail(climb)
    mail = mail_of(ladder, "notice_of_ballot")
    assert doubts.in_question(ladder.uow) == frozenset()
    bounces(ladder, mail, end_of(mail) + timedelta(minutes=1))

    assert doubts.in_question(ladder.uow) == {ladder.case_id}
    shown = case_page(ladder.uow, ladder.case.ref)
    assert shown.dispute is not None
    assert [each.in_doubt for each in shown.dispute.schools] == [True]
    assert "service_in_doubt" in {each.code for each in shown.findings}


def test_no_proof_is_in_doubt_where_none_was(climb: Climb) -> None:
    """
    A paper that was never shown to arrive waits for proof; that is another finding.
    """
    ladder = climb("planned").act("ballot_notices_approved", by=SECOND)

    assert doubts.in_doubt(ladder.uow, ladder.case_id) == ()
    status = proof.receipt_status(ladder.uow, [mail_of(ladder, "notice_of_ballot").id])
    assert not next(iter(status.values())).in_doubt
