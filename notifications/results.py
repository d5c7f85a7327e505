"""
What became of attempts, and what follows: another try, the letter in its place, a person, or nothing more.

Results count only while the worker still holds the claim it began with. What may have gone out without our knowing is
`unknown`, and is settled by the policy of the notice.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import defer

from core import history, workers
from core.unit_of_work import UnitOfWork
from notifications import outbox, proof
from notifications.channels import Sent
from notifications.claims import WITHOUT_TEXTS, Claim, Stop, Then
from notifications.journal import Journal
from notifications.lifecycle import OUTCOME_STATES, Outcome, Policy, State
from notifications.models import Attempt, Evidence, Notice
from notifications.waits import RESEND_WAIT, RESENDS, next_try, wants_a_second_way

ATTEMPTED = "notifications:notice:attempted"
ENDED = "the worker ended before the result was recorded"
JOURNALLED = f"{ENDED}; the journal has it"


@dataclass(frozen=True, slots=True)
class Result:
    """What a channel said of a claim, or why it was not handed over."""

    claim: Claim
    sent: Sent
    stop: Stop | None = None

    @classmethod
    def not_handed_over(cls, claim: Claim, stop: Stop) -> Result:
        """Nothing has gone out."""
        return cls(claim, Sent(Outcome.TEMP, None, stop.because), stop)


@dataclass
class Recorded:
    """
    What came of recording: which outcomes, and what followed. `again` are results of notices that somebody else just
    holds; they are to be recorded in another transaction. The history grew from `before` to `after`.
    """

    outcomes: Sequence[Outcome] = ()
    again: Sequence[Result] = ()
    before: int = 0
    after: int = 0
    stale: int = 0
    held: int = 0
    called_off: int = 0
    re_served: int = 0


def record_all(uow: UnitOfWork, results: Sequence[Result]) -> Recorded:
    """
    Write the results of those claims that are still this worker's, and do what follows from them.

    The turn to append to the history comes first and no row is waited for: an act that appends and then wants a notice,
    or the other way round, would otherwise stand in our way and we in its.
    """
    before = history.in_turn(uow.session)
    valid, again = _still_ours(uow, results)
    recorded = Recorded([each.sent.outcome for each in valid], again, before)
    recorded.stale = len(results) - len(valid) - len(again)
    if valid:
        _write(uow, valid, recorded)
    recorded.after = history.in_turn(uow.session)
    return recorded


def _write(uow: UnitOfWork, valid: Sequence[Result], recorded: Recorded) -> None:
    _write_attempts(uow, valid)
    _accept(uow, [each.claim.notice_id for each in valid if each.sent.outcome is Outcome.ACCEPTED])
    facts = [(f"notice:{each.claim.notice_id}", _facts(each.claim.parcel.epoch, each.sent)) for each in valid]
    history.record_all(uow, ATTEMPTED, facts)
    others = {each.claim.notice_id: each for each in valid if each.sent.outcome is not Outcome.ACCEPTED}
    for notice in _rows(uow, list(others)):
        result = others[notice.id]
        notice.state, notice.lease_until = OUTCOME_STATES[result.sent.outcome], None
        _follow_up(uow, notice, result.sent, result.stop, recorded)


def recover(uow: UnitOfWork, journal: Journal) -> tuple[int, Recorded]:
    """
    Finish the attempts of workers that are gone: by what the journal has of them, else as `unknown`.

    How many there were, and what followed.
    """
    expired = select(Notice).where(*_expired(uow)).options(*map(defer, WITHOUT_TEXTS))
    notices = uow.session.scalars(expired.with_for_update(skip_locked=True)).all()
    if not notices:
        return 0, Recorded()
    attempts = _open_attempts(uow, notices)
    told = journal.outcomes(min(attempt.started_at for attempt in attempts.values()))
    recorded, outcomes = Recorded(), []
    for notice in notices:
        known = told.get((str(notice.id), notice.epoch))
        sent = Sent(Outcome(known[0]), None, JOURNALLED) if known else Sent(Outcome.UNKNOWN, None, ENDED)
        # Three days without a bounce begin at the hand-over, not when somebody found out about it.
        ended_at = known[1] if known else uow.now
        attempt = attempts[notice.id]
        attempt.outcome, attempt.finished_at, attempt.reply_text = sent.outcome, ended_at, sent.reply_text
        notice.state, notice.lease_until = OUTCOME_STATES[sent.outcome], None
        history.record(uow, ATTEMPTED, notice.ref, _facts(notice.epoch, sent))
        outcomes.append(sent.outcome)
        _follow_up(uow, notice, sent, None, recorded)
    recorded.outcomes = outcomes
    return len(notices), recorded


def anything_left(uow: UnitOfWork) -> bool:
    """Whether there is anything to recover or to settle."""
    left = select(Notice.id).where(or_(and_(*_expired(uow)), Notice.state == State.UNKNOWN)).limit(1)
    return uow.session.scalar(left) is not None


def _expired(uow: UnitOfWork) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Notice.state == State.SENDING, or_(Notice.lease_until < uow.now, workers.is_gone(Notice.taken_by))


def unsettled(uow: UnitOfWork) -> Sequence[Notice]:
    """The notices of which nobody knows whether they went out, locked; those that somebody else holds are left."""
    uow.session.flush()
    unknown = select(Notice).where(Notice.state == State.UNKNOWN).options(*map(defer, WITHOUT_TEXTS))
    return uow.session.scalars(unknown.with_for_update(skip_locked=True)).all()


def settle(uow: UnitOfWork, notice: Notice, *, idempotent: bool) -> bool:
    """Send the same bytes again if the channel knows its copies or the policy allows it; else hold, and say False."""
    unknowns = _count(uow, notice, Outcome.UNKNOWN)
    if notice.called_off is None:
        if idempotent:
            return _requeue(uow, notice, uow.now)
        if notice.policy is Policy.RESEND and unknowns <= RESENDS:
            return _requeue(uow, notice, uow.now + RESEND_WAIT)
    outbox.keep(uow, notice, f"nobody knows whether {unknowns} of its copies went out")
    return False


def _still_ours(uow: UnitOfWork, results: Sequence[Result]) -> tuple[list[Result], list[Result]]:
    """The results that count, their notices held; and those that may count, whose notices somebody else holds."""
    ids = [each.claim.notice_id for each in results]
    taken = select(Notice.id, Notice.epoch).where(Notice.id.in_(ids), Notice.state == State.SENDING)
    held = dict(uow.session.execute(taken.with_for_update(skip_locked=True)).tuples().all())
    valid = [each for each in results if held.get(each.claim.notice_id) == each.claim.parcel.epoch]
    if len(valid) == len(results):
        return valid, []
    there = dict(uow.session.execute(taken).tuples().all())
    others = [each for each in results if each.claim.notice_id not in held]
    return valid, [each for each in others if there.get(each.claim.notice_id) == each.claim.parcel.epoch]


def _write_attempts(uow: UnitOfWork, results: Sequence[Result]) -> None:
    now = uow.now
    rows = [
        {
            "id": each.claim.attempt_id,
            "outcome": each.sent.outcome,
            "finished_at": now,
            "reply_code": each.sent.reply_code,
            "reply_text": each.sent.reply_text,
            "provider_ref": each.sent.provider_ref,
        }
        for each in results
    ]
    uow.session.execute(update(Attempt), rows)


def _accept(uow: UnitOfWork, ids: Sequence[uuid.UUID]) -> None:
    if not ids:
        return
    mine = update(Notice).execution_options(synchronize_session=False).where(Notice.id.in_(ids))
    uow.session.execute(mine.where(Notice.state == State.SENDING).values(state=State.ACCEPTED, lease_until=None))
    proven = _proven(uow, ids)
    if proven:
        # Somebody answered before we had written down that it went out.
        uow.session.execute(mine.where(Notice.id.in_(proven)).values(state=State.EVIDENCED))


def _rows(uow: UnitOfWork, ids: Sequence[uuid.UUID]) -> Sequence[Notice]:
    if not ids:
        return ()
    mine = select(Notice).where(Notice.id.in_(ids)).order_by(Notice.id)
    return uow.session.scalars(mine.options(*map(defer, WITHOUT_TEXTS))).all()


def _open_attempts(uow: UnitOfWork, notices: Sequence[Notice]) -> dict[uuid.UUID, Attempt]:
    theirs = select(Attempt).where(Attempt.notice_id.in_([each.id for each in notices]), Attempt.outcome.is_(None))
    return {attempt.notice_id: attempt for attempt in uow.session.scalars(theirs)}


def _follow_up(uow: UnitOfWork, notice: Notice, sent: Sent, stop: Stop | None, recorded: Recorded) -> None:
    if sent.outcome is Outcome.ACCEPTED and _proven(uow, [notice.id]):
        notice.state = State.EVIDENCED
    elif sent.outcome is Outcome.TEMP and notice.called_off is not None:
        outbox.taken_back(uow, notice, notice.called_off)
        recorded.called_off += 1
    elif sent.outcome is Outcome.TEMP and stop is not None and stop.then is Then.HOLD:
        outbox.keep(uow, notice, stop.because)
        recorded.held += 1
    elif sent.outcome is Outcome.TEMP:
        _wait(uow, notice, sent, recorded)
    elif sent.outcome is Outcome.PERM and notice.called_off is None and outbox.re_serve(uow, notice.id) is not None:
        recorded.re_served += 1


def _wait(uow: UnitOfWork, notice: Notice, sent: Sent, recorded: Recorded) -> None:
    when = next_try(
        _count(uow, notice, Outcome.TEMP),
        now=uow.now,
        first_tried_at=notice.queued_at or notice.created_at,
        latest_receipt_on=notice.latest_receipt_on,
        notice_id=notice.id,
    )
    if wants_a_second_way(uow.today, notice.latest_receipt_on):
        outbox.also_by_letter(uow, notice.id)
    if when is None:
        outbox.keep(uow, notice, "the channel has been refusing for too long")
        recorded.held += 1
    else:
        notice.send_after = max(when, _asked_for(uow, sent))


def _asked_for(uow: UnitOfWork, sent: Sent) -> datetime:
    return uow.now + timedelta(seconds=sent.wait_seconds or 0)


def _requeue(uow: UnitOfWork, notice: Notice, send_after: datetime) -> bool:
    notice.state = State.QUEUED
    notice.send_after = send_after
    history.record(uow, "notifications:notice:requeued", notice.ref, {"epoch": notice.epoch})
    return True


def _facts(epoch: int, sent: Sent) -> dict[str, object]:
    return {"epoch": epoch, "outcome": sent.outcome, "code": sent.reply_code}


def _count(uow: UnitOfWork, notice: Notice, outcome: Outcome) -> int:
    uow.session.flush()
    matching = (
        select(func.count()).select_from(Attempt).where(Attempt.notice_id == notice.id, Attempt.outcome == outcome)
    )
    return uow.session.scalar(matching) or 0


def _proven(uow: UnitOfWork, ids: Sequence[uuid.UUID]) -> Sequence[uuid.UUID]:
    shown = select(Evidence.notice_id).where(Evidence.notice_id.in_(ids), proof.IS_PROOF)
    return uow.session.scalars(shown.distinct()).all()
