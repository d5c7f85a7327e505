"""
The evidence ladder: how far a notice has come, and what to do when the proof it needs has not. Pure.

Each kind of notice names the class of evidence that suffices. While there is time, a channel that does not show receipt
is followed by the next: mail, then a letter. Before the time is up a person is asked to hand the notice over, at least
`ask_before` ahead of the end of the last working day there is. Hours here are the union's practice, not law.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from core.calendar import LONDON
from notifications.lifecycle import NEVER_SENT, EvidenceClass, Medium, State

WorkingDay = Callable[[date], date]
"""The working day on or before a day."""

OFFICES_CLOSE = time(17)
"""What reaches an office later is planned for as reaching it on the next day. Practice: no statute has an hour."""
FAILED = frozenset({State.FAILED_PERMANENT, State.REVOKED, State.HELD, State.RE_SERVED, State.CANCELLED})
"""States in which a copy shows nothing any more by itself."""


class Rung(StrEnum):
    """How far a notice has come. Only what its kind asks for is proof; the rungs below it say how it went."""

    PREPARED = "prepared"
    QUEUED = "queued"
    SENT = "sent"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    HAND_SIGNED = "hand_signed"


RUNG_OF_EVIDENCE = {
    "posted": Rung.ACCEPTED,
    "automatic_reply": Rung.ACCEPTED,
    "delivered": Rung.DELIVERED,
    "no_bounce": Rung.DELIVERED,
    "delivery_report": Rung.DELIVERED,
    "read_receipt": Rung.OPENED,
    "acknowledged": Rung.ACKNOWLEDGED,
    "courier": Rung.HAND_SIGNED,
    "signed_for": Rung.HAND_SIGNED,
    "handed_over": Rung.HAND_SIGNED,
}
"""The rung that each kind of standing evidence reaches."""


@dataclass(frozen=True, slots=True)
class Practice:
    """
    The union's hours: how long before the limit a person is asked, how long one channel has, how long a silence shows
    receipt (zero: none does). `look_ahead` is how long it may be until somebody looks again.
    """

    ask_before: timedelta
    patience: timedelta
    silence: timedelta
    look_ahead: timedelta


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a paper by one medium. `accepted_at` is when its channel took it; `evidence` the kinds that stand."""

    medium: Medium
    state: State
    queued_at: datetime | None
    attempted: bool = False
    accepted_at: datetime | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """
    A notice with all its copies. `enough` is the class that suffices, `proved` the best that stands, with its day;
    `has_letter` says that a letter may follow: its recipient has a postal address, and no letter is kept back.
    """

    enough: EvidenceClass | None
    copies: Sequence[Copy]
    has_letter: bool
    latest_receipt_on: date | None
    proved: EvidenceClass | None = None
    received_on: date | None = None


class Do(StrEnum):
    """What follows. To try is to send the letter."""

    NOTHING = "nothing"
    TRY = "try"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Step:
    """What to do for a paper now, and why."""

    do: Do
    because: str = ""


def rung(copies: Sequence[Copy]) -> Rung:
    """The highest rung that any copy has reached."""
    return max(reached(copies), key=list(Rung).index)


def reached(copies: Sequence[Copy]) -> frozenset[Rung]:
    """Every rung that something shows: what was handed over by hand need not have been opened as a mail."""
    order, found = list(Rung), {Rung.PREPARED}
    for copy in copies:
        found.update(order[: order.index(_sent_rung(copy)) + 1])
        found.update(RUNG_OF_EVIDENCE[kind] for kind in copy.evidence if kind in RUNG_OF_EVIDENCE)
    return frozenset(found)


def is_proved(paper: Paper) -> bool:
    """Whether what stands suffices, for a day that is in time."""
    if paper.enough is None:
        return True
    if paper.proved is None or paper.received_on is None or paper.proved > paper.enough:
        return False
    return paper.latest_receipt_on is None or paper.received_on <= paper.latest_receipt_on


def act_by(latest_receipt_on: date, working_day: WorkingDay) -> datetime:
    """The latest moment at which handing a notice over is of use: offices close on the last working day there is."""
    return datetime.combine(working_day(latest_receipt_on), OFFICES_CLOSE, tzinfo=LONDON).astimezone(UTC)


def ask_by(latest_receipt_on: date, practice: Practice, working_day: WorkingDay) -> datetime:
    """The moment by which a person is asked."""
    return act_by(latest_receipt_on, working_day) - practice.ask_before


def next_step(paper: Paper, practice: Practice, now: datetime, working_day: WorkingDay) -> Step:
    """What to do for a paper that is on its way. What is proved, not yet released or called off needs nothing."""
    live = [copy for copy in paper.copies if copy.queued_at is not None and copy.state is not State.CANCELLED]
    if is_proved(paper) or not live:
        return Step(Do.NOTHING)
    limit = paper.latest_receipt_on
    by = ask_by(limit, practice, working_day) if limit is not None else None
    if by is not None and now + practice.look_ahead >= by:
        return Step(Do.ASK, "nothing shows yet that it was received, and its last day is near")
    if any(_may_still_show(copy, paper, practice, now, by) for copy in live):
        return Step(Do.NOTHING)
    letters = [copy for copy in live if copy.medium is Medium.LETTER]
    if paper.has_letter and not letters:
        return Step(Do.TRY, "nothing shows yet that it was received")
    if by is not None and any(copy.state not in FAILED for copy in letters):
        return Step(Do.NOTHING)
    return Step(Do.ASK, "no channel is left to try, and nothing shows that it was received")


def _may_still_show(copy: Copy, paper: Paper, practice: Practice, now: datetime, by: datetime | None) -> bool:
    """Whether a copy may yet bring the proof by itself, before a person is asked."""
    if copy.state in FAILED or copy.queued_at is None:
        return False
    if copy.medium is not Medium.MAIL or paper.enough is not EvidenceClass.B or not practice.silence:
        return now < (copy.accepted_at or copy.queued_at) + practice.patience
    if copy.accepted_at is None:
        return now < copy.queued_at + practice.patience and (by is None or now + practice.silence <= by)
    heard = copy.accepted_at + practice.silence
    # The mailbox is read some time after the silence is over.
    return (by is None or heard <= by) and now < heard + practice.patience


def _sent_rung(copy: Copy) -> Rung:
    if copy.accepted_at is not None:
        return Rung.ACCEPTED
    if copy.attempted:
        return Rung.SENT
    if copy.state in NEVER_SENT and copy.queued_at is None:
        return Rung.PREPARED
    return Rung.QUEUED
