"""
Whether receipt of a notice can be recorded, and for which days; in plain words why not.

A notice that never went out was not received: what was handed over is then another paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from core.calendar import in_words
from core.errors import BadInput, StageError
from notifications.lifecycle import NEVER_SENT, State, leading_to
from notifications.models import Notice

NOT_SENT = "This notice has not been sent."
WHY_NOT: Mapping[State, str] = MappingProxyType(
    {
        State.RENDERED: f"{NOT_SENT} It waits for a second person to approve it",
        State.APPROVED: f"{NOT_SENT} It is approved and waits to be released. A running worker does that; without one, "
        "run `mandate sweep deadlines`, then `mandate sweep outbox`",
        State.QUEUED: f"{NOT_SENT} It is released and has not left yet. A running worker sends it; without one, run "
        "`mandate sweep outbox`",
        State.CANCELLED: "This notice was taken back before it was sent, so nobody can have received it. Record the "
        "receipt of the notice that was sent in its place",
    }
)
"""For each state of `NEVER_SENT`, what that means and what comes next; without the full stop."""


class NotSent(StageError):
    """Receipt of a notice that never went out. `approve` is the command by which a second person approves it."""

    def __init__(self, notice: Notice, approve: str | None = None) -> None:
        super().__init__(notice.ref, notice.state.value, "receipt", leading_to(State.EVIDENCED))
        how = f": `{approve}`" if approve and notice.state is State.RENDERED else ""
        # A person is told what to do; the stages that the table allows mean nothing outside of it.
        self.args = (f"{WHY_NOT[notice.state]}{how}.",)


def never_sent(notice: Notice) -> bool:
    """Whether no copy can have gone out: one that may have, and is queued again, has an attempt."""
    return notice.state in NEVER_SENT and not notice.epoch


def first_day(*, released_on: date, began_on: date | None, was_carried: bool) -> date:
    """
    The first London day that a receipt may have: of the first attempt, as nothing arrives before it is sent.

    What somebody carried there went by no channel: it may have arrived since the release, whatever else was tried.
    """
    return released_on if began_on is None or was_carried else max(released_on, began_on)


def wrong_day(received_on: date, *, today: date, released_on: date, began_on: date | None) -> BadInput:
    """What is wrong with a day of receipt that lies after today, or before the notice went out."""
    if received_on > today:
        wanted = f"a day that is not in the future: today is {in_words(today)}"
    elif began_on is not None and received_on < began_on:
        wanted = f"a day that is not earlier: the notice was sent on {in_words(began_on)}"
    else:
        wanted = f"a day that is not earlier: the notice was released for sending on {in_words(released_on)}"
    return BadInput(field="received_on", found=in_words(received_on), wanted=wanted)
