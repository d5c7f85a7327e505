"""Proof of service: what counts, from which day, and what a bounce takes back."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from core.errors import BadInput, Conflict, StageError
from notifications import listing, proof
from notifications.delivery import Sweep
from notifications.journal import Journal
from notifications.lifecycle import NEVER_SENT, EvidenceClass, State
from notifications.models import Notice
from notifications.proof import TOLD, WORTH, ReceiptKind, Sign
from notifications.receivable import WHY_NOT
from tests.notifications.conftest import Desk
from tests.notifications.sinks import Sink, say

SENT_ON = date(2026, 9, 1)
LATEST = date(2026, 9, 14)


def record(
    desk: Desk,
    notice_id: uuid.UUID,
    evidence_class: str = "A",
    kind: str = "acknowledged",
    received_on: date = SENT_ON,
) -> None:
    """A receipt, as a member of staff records it."""
    with desk.work() as uow:
        proof.record_receipt(
            uow,
            notice_id,
            evidence_class=evidence_class,
            kind=kind,
            received_on=received_on,
            recorded_by="staff:test",
        )


def silent(desk: Desk, notice_id: uuid.UUID) -> bool:
    """Whether its silence shows receipt, of a mailbox that was just read."""
    with desk.work() as uow:
        return proof.record_silence(uow, notice_id, heard_at=desk.now, recorded_by="flow:test") is not None


def received(desk: Desk, notice_id: uuid.UUID) -> date | None:
    """The day that counts."""
    with desk.work() as uow:
        return proof.received_on(uow, notice_id)


@pytest.fixture
def sent(desk: Desk) -> uuid.UUID:
    """A notice of ballot that has gone out."""
    notice_id = desk.queue("notice_of_ballot", latest_receipt_on=LATEST)
    desk.sweep()
    return notice_id


@pytest.mark.parametrize(
    ("kind", "evidence_class", "counts"),
    [
        ("acknowledged", "A", True),
        ("signed_for", "A", True),
        ("courier", "A", True),
        ("handed_over", "A", True),
        ("delivery_report", "B", True),
        ("delivered", "C", False),
        ("automatic_reply", "C", False),
        ("read_receipt", "C", False),
        ("posted", "C", False),
        ("acknowledged", "C", False),
    ],
)
def test_fm_07_only_class_a_and_b_prove_receipt(
    desk: Desk, sent: uuid.UUID, kind: str, evidence_class: str, *, counts: bool
) -> None:
    """
    What a machine says by itself is kept and never counted.

    Turns red if `proof.receipt_status` leaves out the class.
    """
    record(desk, sent, evidence_class, kind)

    assert received(desk, sent) == (SENT_ON if counts else None)
    assert desk.state(sent) is (State.EVIDENCED if counts else State.ACCEPTED)
    assert len(desk.notice(sent).evidence) == 1


@pytest.mark.parametrize(
    ("kind", "claimed"),
    [("automatic_reply", "A"), ("automatic_reply", "B"), ("delivered", "B"), ("delivery_report", "A")],
)
def test_fm_07_no_kind_of_receipt_proves_more_than_it_can(desk: Desk, sent: uuid.UUID, kind: str, claimed: str) -> None:
    """
    Turns red if `proof._check` leaves out the comparison with WORTH.
    """
    with pytest.raises(BadInput, match=f"the most that {kind} can prove"):
        record(desk, sent, claimed, kind)


def test_fm_07_hand_over_without_a_bounce_counts_after_three_days(mail_desk: Desk) -> None:
    """
    Providers try for 72 hours, so a bounce may come until then.

    Turns red if `proof.record_silence` takes less than the 72 hours.
    """
    notice_id = mail_desk.queue("notice_of_ballot", latest_receipt_on=LATEST)
    mail_desk.sweep()

    mail_desk.now += timedelta(hours=71, minutes=59)
    assert not silent(mail_desk, notice_id)
    mail_desk.now += timedelta(minutes=1)
    assert silent(mail_desk, notice_id)
    assert received(mail_desk, notice_id) == SENT_ON


@pytest.mark.parametrize("bounces", [True, False])
def test_fm_07_nobody_tells_that_no_bounce_came(mail_desk: Desk, *, bounces: bool) -> None:
    """
    Neither before the bounce nor after it, however long ago the mail was handed over.

    Turns red if `proof.TOLD` has every kind of receipt.
    """
    notice_id = mail_desk.queue("notice_of_ballot", latest_receipt_on=LATEST)
    mail_desk.sweep()
    mail_desk.now += timedelta(hours=100)
    if bounces:
        with mail_desk.work() as uow:
            proof.sign_against(uow, notice_id, Sign.BOUNCED, sha256="0" * 64, recorded_by="staff:test")

    with pytest.raises(BadInput, match="found 'no_bounce', wanted one of handed_over"):
        record(mail_desk, notice_id, "B", "no_bounce")
    assert received(mail_desk, notice_id) is None


def test_every_kind_of_receipt_but_silence_can_be_told() -> None:
    """
    A kind that is added is decided about here.
    """
    assert set(ReceiptKind) - set(TOLD) == {ReceiptKind.NO_BOUNCE}


def test_every_kind_of_receipt_has_its_worth() -> None:
    """
    A kind without one would have no upper bound.
    """
    assert set(WORTH) == set(ReceiptKind)


def test_a_kind_nobody_knows_is_refused_with_the_list(desk: Desk, sent: uuid.UUID) -> None:
    """
    The sentence helps whoever types it.
    """
    with pytest.raises(BadInput, match=r"found 'telepathy', wanted one of handed_over, .*automatic_reply"):
        record(desk, sent, kind="telepathy")


@pytest.mark.parametrize("day", [date(2026, 8, 31), date(2026, 9, 2)])
def test_receipt_is_not_before_the_notice_nor_in_the_future(desk: Desk, sent: uuid.UUID, day: date) -> None:
    """
    It was made on 1 September, which is also today.
    """
    with pytest.raises(BadInput, match="received_on"):
        record(desk, sent, received_on=day)


@pytest.mark.parametrize("kind", [each for each in TOLD if each is not ReceiptKind.HANDED_OVER])
def test_no_receipt_is_older_than_the_first_attempt(desk: Desk, kind: ReceiptKind) -> None:
    """
    Let go on the first, and nothing left before the third.

    Turns red if `earliest_on` takes the day of the release.
    """
    notice_id = desk.queue("notice_of_ballot", latest_receipt_on=LATEST)
    desk.sweep(timedelta(days=2))
    with pytest.raises(BadInput, match="received_on"):
        record(desk, notice_id, WORTH[kind], kind, date(2026, 9, 2))
    record(desk, notice_id, WORTH[kind], kind, date(2026, 9, 3))

    assert [each.received_on for each in desk.notice(notice_id).evidence] == [date(2026, 9, 3)]


def test_what_somebody_handed_over_counts_from_its_release(desk: Desk) -> None:
    """
    A person carries a paper while the relay is away, but not before it was let go. Made on the first, let go on the
    second, sent on the third.

    Turns red if `earliest_on` asks of every kind for an attempt, or takes the day on which the notice was made.
    """
    notice_id = desk.queue("notice_of_ballot", latest_receipt_on=LATEST)
    with desk.work() as uow:
        uow.session.get_one(Notice, notice_id).queued_at = desk.now + timedelta(days=1)
    desk.sweep(timedelta(days=2))
    with pytest.raises(BadInput, match="received_on"):
        record(desk, notice_id, "A", "handed_over", date(2026, 9, 1))
    record(desk, notice_id, "A", "handed_over", date(2026, 9, 2))

    assert received(desk, notice_id) == date(2026, 9, 2)


def test_what_never_went_out_was_not_received(desk: Desk) -> None:
    """
    A receipt for it would be for something else. What it waits for is said in words.

    Turns red if the refusal names the stages of the table.
    """
    notice_id = desk.queue("notice_of_ballot")

    with pytest.raises(StageError) as refused:
        record(desk, notice_id)
    assert str(refused.value) == (
        "This notice has not been sent. It is released and has not left yet. A running worker sends it; without one, "
        "run `mandate sweep outbox`."
    )


def test_every_state_of_what_was_never_sent_has_its_words() -> None:
    """Turns red if a state is added to `NEVER_SENT` without words of its own."""
    assert set(WHY_NOT) == NEVER_SENT


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        (date(2026, 9, 2), "a day that is not in the future: today is Tuesday 1 September 2026"),
        (date(2026, 8, 31), "a day that is not earlier: the notice was sent on Tuesday 1 September 2026"),
    ],
)
def test_a_day_too_late_and_a_day_too_early_are_told_apart(desk: Desk, sent: uuid.UUID, on: date, wanted: str) -> None:
    """Turns red if both get one sentence, or the day of sending is not named."""
    with pytest.raises(BadInput) as refused:
        record(desk, sent, "A", "signed_for", on)

    assert (refused.value.field, refused.value.wanted) == ("received_on", wanted)


def test_the_same_receipt_twice_is_one(desk: Desk, sent: uuid.UUID) -> None:
    """
    A receipt file may be read twice.
    """
    record(desk, sent)
    record(desk, sent)

    assert len(desk.notice(sent).evidence) == 1


@pytest.mark.parametrize("first", [0, 1])
def test_proof_of_two_days_is_a_contradiction(desk: Desk, sent: uuid.UUID, first: int) -> None:
    """
    The first stands, whichever day is earlier, until it is withdrawn with a reason.

    Mutation: in `proof.record_receipt`, leave out `_check_agrees`.
    """
    desk.now += timedelta(days=3)
    days = [SENT_ON + timedelta(days=1), SENT_ON + timedelta(days=2)]
    right, wrong = days[1 - first], days[first]
    record(desk, sent, "A", "signed_for", wrong)
    with pytest.raises(Conflict, match="withdraw it with a reason"):
        record(desk, sent, "B", "delivery_report", right)
    assert received(desk, sent) == wrong

    with desk.work() as uow:
        proof.revoke(uow, sent, reason="the wrong day was written down")
    record(desk, sent, "B", "delivery_report", right)
    assert received(desk, sent) == right


def test_proof_of_the_same_day_and_what_proves_nothing_are_kept_beside_it(desk: Desk, sent: uuid.UUID) -> None:
    """
    Mutation: in `proof._check_agrees`, leave out the comparison of the days, or the class.
    """
    desk.now += timedelta(days=3)
    record(desk, sent, "C", "delivered", SENT_ON + timedelta(days=2))
    record(desk, sent, "B", "delivery_report")
    record(desk, sent, "A", "acknowledged")
    record(desk, sent, "C", "read_receipt", SENT_ON + timedelta(days=1))

    assert (received(desk, sent), len(desk.notice(sent).evidence)) == (SENT_ON, 4)


def test_fm_06_a_bounce_after_all_takes_the_proof_back(desk: Desk, sent: uuid.UUID) -> None:
    """
    The notice is in doubt and is not sent again by itself.

    Turns red if `proof._status` counts evidence that was revoked.
    """
    record(desk, sent, "B", "delivery_report")
    desk.now += timedelta(days=20)
    with desk.work() as uow:
        proof.revoke(uow, sent, reason="it bounced after all")
        proof.revoke(uow, sent, reason="it bounced after all")
        status = proof.receipt_status(uow, [sent])[sent]

    assert (status.received_on, status.in_doubt, status.in_time) == (None, True, False)
    assert desk.state(sent) is State.REVOKED
    assert desk.sweep().due == 0


def test_new_proof_after_a_bounce_counts_again(desk: Desk, sent: uuid.UUID) -> None:
    """
    The employer's own acknowledgement, say.
    """
    record(desk, sent, "B", "delivery_report")
    with desk.work() as uow:
        proof.revoke(uow, sent, reason="it bounced after all")
    record(desk, sent)

    assert received(desk, sent) == SENT_ON
    assert desk.state(sent) is State.EVIDENCED


def test_receipt_of_the_letter_counts_for_the_mail_it_replaced(mail_desk: Desk, sink: Sink) -> None:
    """
    Whoever asks about the first notice learns of the second.
    """
    sink.on_data = say("550 no such user")
    mail = mail_desk.queue("notice_of_ballot", latest_receipt_on=LATEST)
    mail_desk.sweep()
    mail_desk.sweep()
    with mail_desk.work() as uow:
        letter = next(row for row in listing.about(uow, "ballot:1") if row.instead_of_id == mail)
    record(mail_desk, letter.id, "A", "signed_for")

    assert received(mail_desk, mail) == SENT_ON


@pytest.mark.parametrize(("day", "in_time"), [(LATEST, True), (LATEST + timedelta(days=1), False)])
def test_receipt_is_in_time_until_the_last_day(desk: Desk, sent: uuid.UUID, day: date, *, in_time: bool) -> None:
    """
    The last day itself is in time; the day after is not.
    """
    desk.now += timedelta(days=20)
    record(desk, sent, received_on=day)
    with desk.work() as uow:
        status = proof.receipt_status(uow, [sent])[sent]

    assert (status.in_time, status.evidence_class) == (in_time, EvidenceClass.A)


def test_without_a_last_day_there_is_no_being_in_time(desk: Desk) -> None:
    """
    Neither True nor False would be an answer.
    """
    notice_id = desk.queue()
    with desk.work() as uow:
        status = proof.receipt_status(uow, [notice_id])[notice_id]

    assert (status.in_time, status.in_doubt) == (None, False)


def test_fm_20_a_receipt_before_the_result_of_the_send_is_kept(mail_desk: Desk, sink: Sink) -> None:
    """
    The employer may answer before the worker has written down that it sent.

    Turns red if `results._accept` leaves out what is proven.
    """
    notice_id = mail_desk.queue("notice_of_ballot")
    sweep = Sweep(mail_desk.database, mail_desk.channels, mail_desk.now, Journal.beside(mail_desk.database))
    told = sweep.send(sweep.claim([notice_id]))
    record(mail_desk, notice_id)
    assert mail_desk.state(notice_id) is State.SENDING
    sweep.record(told)

    assert mail_desk.state(notice_id) is State.EVIDENCED
