"""
The life of a notice, as a table: which state may follow which. Pure; `models.Notice` consults it on every change.

rendered → approved → queued → sending → accepted → evidenced → closed is the way a notice should go. The other states
are where it waits (`temp_wait`), where nobody knows (`unknown`), where a person must look (`held`, `failed_permanent`,
`revoked`) and where it ends otherwise (`re_served`, `cancelled`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from core.errors import Conflict, StageError


class State(StrEnum):
    """Where a notice stands."""

    RENDERED = "rendered"
    APPROVED = "approved"
    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    EVIDENCED = "evidenced"
    CLOSED = "closed"
    TEMP_WAIT = "temp_wait"
    UNKNOWN = "unknown"
    HELD = "held"
    FAILED_PERMANENT = "failed_permanent"
    RE_SERVED = "re_served"
    REVOKED = "revoked"
    CANCELLED = "cancelled"


class Medium(StrEnum):
    """How a notice travels."""

    MAIL = "mail"
    LETTER = "letter"
    SMS = "sms"
    WEBHOOK = "webhook"


class Policy(StrEnum):
    """What happens when nobody knows whether a copy went out: send the same bytes again, or ask a person."""

    RESEND = "resend"
    HOLD = "hold"


class Outcome(StrEnum):
    """What a channel said of one attempt. `unknown`: it may have gone out."""

    ACCEPTED = "accepted"
    TEMP = "temp"
    PERM = "perm"
    UNKNOWN = "unknown"


class EvidenceClass(StrEnum):
    """
    How much a receipt proves. A: a person or courier signed or answered. B: a formal delivery report, or a hand-over
    with no bounce for three days. C: anything a machine says by itself; never proof.
    """

    A = "A"
    B = "B"
    C = "C"


TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.RENDERED: frozenset({State.APPROVED, State.CANCELLED}),
        State.APPROVED: frozenset({State.QUEUED, State.CANCELLED}),
        State.QUEUED: frozenset({State.SENDING, State.HELD, State.CANCELLED}),
        State.SENDING: frozenset({State.ACCEPTED, State.TEMP_WAIT, State.UNKNOWN, State.FAILED_PERMANENT}),
        State.TEMP_WAIT: frozenset({State.SENDING, State.HELD, State.CANCELLED}),
        State.UNKNOWN: frozenset({State.QUEUED, State.HELD, State.EVIDENCED}),
        State.HELD: frozenset({State.QUEUED, State.RE_SERVED, State.EVIDENCED, State.CANCELLED}),
        State.FAILED_PERMANENT: frozenset({State.RE_SERVED, State.EVIDENCED}),
        State.RE_SERVED: frozenset({State.EVIDENCED, State.CLOSED}),
        State.ACCEPTED: frozenset({State.EVIDENCED, State.REVOKED, State.CLOSED}),
        State.EVIDENCED: frozenset({State.REVOKED, State.CLOSED}),
        State.REVOKED: frozenset({State.RE_SERVED, State.EVIDENCED}),
        State.CLOSED: frozenset({State.REVOKED}),
        State.CANCELLED: frozenset(),
    }
)

OUTCOME_STATES: Mapping[Outcome, State] = MappingProxyType(
    {
        Outcome.ACCEPTED: State.ACCEPTED,
        Outcome.TEMP: State.TEMP_WAIT,
        Outcome.PERM: State.FAILED_PERMANENT,
        Outcome.UNKNOWN: State.UNKNOWN,
    }
)

BY_JOURNAL = "journal"
"""The channel of attempts that a restored database learned of from the journal."""

NEVER_SENT = frozenset({State.RENDERED, State.APPROVED, State.QUEUED, State.CANCELLED})
"""States of a notice that was never sent, unless it has an attempt: one that may have gone out is queued again, too."""


def settled(outcomes: Sequence[Outcome]) -> Outcome:
    """What several attempts come to, the last one last: one that was accepted settles it, then one nobody knows of."""
    return next((each for each in (Outcome.ACCEPTED, Outcome.UNKNOWN) if each in outcomes), outcomes[-1])


def may_follow(now: State, wanted: State) -> bool:
    """Whether the table allows the step."""
    return wanted in TRANSITIONS[now]


def leading_to(wanted: State) -> tuple[State, ...]:
    """The states from which `wanted` may be reached in one step, in the order of the table."""
    return tuple(state for state, nexts in TRANSITIONS.items() if wanted in nexts)


def require_step(subject: str, now: State, wanted: State) -> None:
    """Raise `StageError` unless the table allows the step."""
    if not may_follow(now, wanted):
        raise StageError(subject, now.value, wanted.value, tuple(sorted(TRANSITIONS[now])))


INSTEAD: Mapping[State, str] = MappingProxyType(
    {
        State.RENDERED: "nobody has approved it yet",
        State.APPROVED: "it is approved, and goes out with the others of its case",
        State.QUEUED: "it waits to be sent already",
        State.SENDING: "it is being sent now",
        State.TEMP_WAIT: "it is tried again by itself",
        State.UNKNOWN: "nobody knows yet whether it went; Mandate asks, and holds it if nothing tells",
        State.ACCEPTED: "it has gone out, and waits for proof of its receipt",
        State.EVIDENCED: "its receipt is proved",
        State.CLOSED: "it is closed",
        State.FAILED_PERMANENT: "it could not be delivered, and has to be served another way",
        State.RE_SERVED: "it was served again by letter",
        State.REVOKED: "its proof was withdrawn; record a receipt, or serve it another way",
        State.CANCELLED: "it was taken back, and does not go out",
    }
)
"""How a notice stands that is not held, and what comes of it."""


class NotHeld(Conflict):
    """Only what is held for a person can be let go."""

    def __init__(self, state: State) -> None:
        super().__init__(f"This notice is not held for a person, so there is nothing to let go: {INSTEAD[state]}.")
        self.state = state
