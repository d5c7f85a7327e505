"""
Reconciling: what the journal knows is written into the attempts of a restored database, and nothing is sent by that.

What the journal says was accepted is accepted. A send whose end no line tells is unknown, and waits for a person. One
that has no row to stand in, its notice having been made or let go after the backup, is noted by its Message-ID, under
which nothing goes out again without a person's word. A second run finds nothing left.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core import history
from core.db import lock_for_append
from core.holding import hold
from core.unit_of_work import UnitOfWork
from notifications import outbox
from notifications.comparing import Comparison, Entry, Send, compare_in
from notifications.journal import Journal
from notifications.lifecycle import BY_JOURNAL, OUTCOME_STATES, Outcome, State, may_follow, settled
from notifications.models import Attempt, LostSend, Notice
from notifications.quarantine import NOTICE, OPEN_LOCK

RECONCILED = "notifications:notice:reconciled"
TOLD = "by the journal, after the database was restored"
NOT_LET_GO = frozenset({State.RENDERED, State.APPROVED})


@dataclass
class Reconciled:
    """
    How many sends were taken in as what; of `without_row` the journal alone knows what became of them. `others` are its
    lines of another kind, for their owners.
    """

    accepted: int = 0
    refused: int = 0
    put_off: int = 0
    unknown: int = 0
    without_row: int = 0
    others: Sequence[Entry] = field(default_factory=tuple)

    def count(self, outcome: Outcome) -> None:
        """One more send that ended so."""
        match outcome:
            case Outcome.ACCEPTED:
                self.accepted += 1
            case Outcome.PERM:
                self.refused += 1
            case Outcome.TEMP:
                self.put_off += 1
            case Outcome.UNKNOWN:
                self.unknown += 1


def reconcile(uow: UnitOfWork, journal: Journal) -> Reconciled:
    """Take in every send that the journal knows and the database does not."""
    lock_for_append(uow.session, OPEN_LOCK)
    found = compare_in(uow, journal)
    done = Reconciled(others=tuple(found.others))
    for notice_id, sends in _by_notice(found).items():
        notice = hold(uow.session, Notice, notice_id)
        if notice is None or notice.state in NOT_LET_GO:
            _note_lost(uow, sends)
            done.without_row += len(sends)
        else:
            _take_in(uow, notice, sends, done)
        uow.session.flush()
    return done


def _by_notice(found: Comparison) -> dict[uuid.UUID, list[Send]]:
    grouped: defaultdict[uuid.UUID, list[Send]] = defaultdict(list)
    for send in sorted(found.sends.values(), key=lambda each: (str(each.notice_id), each.epoch)):
        grouped[send.notice_id].append(send)
    return grouped


def _note_lost(uow: UnitOfWork, sends: Iterable[Send]) -> None:
    for send in sends:
        row = LostSend(
            reference=send.message_id,
            epoch=send.epoch,
            kind=NOTICE,
            message_kind=send.kind,
            recipient_sha256=send.recipient,
            sha256=send.sha256,
            outcome=send.outcome,
            began_at=send.began_at,
            noted_by=uow.actor,
            noted_at=uow.now,
        )
        uow.session.add(row)


def _take_in(uow: UnitOfWork, notice: Notice, sends: Sequence[Send], done: Reconciled) -> None:
    outcomes = [send.outcome or Outcome.UNKNOWN for send in sends]
    for send, outcome in zip(sends, outcomes, strict=True):
        uow.session.add(_attempt(uow, send, outcome))
        done.count(outcome)
    outcome = settled(outcomes)
    if may_follow(notice.state, State.SENDING) or notice.state in {State.SENDING, State.HELD, State.UNKNOWN}:
        _settle(uow, notice, outcome, sends[-1])
    notice.epoch = max(notice.epoch, sends[-1].epoch)
    facts = {"epochs": [send.epoch for send in sends], "outcome": outcome}
    history.record(uow, RECONCILED, notice.ref, facts)
    if notice.state is State.FAILED_PERMANENT:
        uow.session.flush()
        outbox.re_serve(uow, notice.id)


def _attempt(uow: UnitOfWork, send: Send, outcome: Outcome) -> Attempt:
    return Attempt(
        notice_id=send.notice_id,
        epoch=send.epoch,
        channel=BY_JOURNAL,
        started_at=send.began_at,
        outcome=outcome,
        finished_at=send.ended_at or uow.now,
        reply_text=TOLD,
    )


def _settle(uow: UnitOfWork, notice: Notice, outcome: Outcome, last: Send) -> None:
    """Walk the notice to where its sends leave it, by the same table as every other change of its state."""
    with uow.session.no_autoflush:
        if notice.state in {State.HELD, State.UNKNOWN}:
            notice.state = State.QUEUED
        if notice.state is not State.SENDING:
            notice.state = State.SENDING
        notice.state, notice.lease_until, notice.held_because = OUTCOME_STATES[outcome], None, None
    if outcome is Outcome.UNKNOWN:
        day = f"{last.began_at:%Y-%m-%d}"
        outbox.keep(uow, notice, f"nobody knows whether it went out on {day}, before the database was restored")
    elif outcome is Outcome.TEMP:
        notice.send_after = max(notice.send_after, uow.now)
