"""The table of states: every pair is either in it or refused."""

from __future__ import annotations

import pytest

from core.errors import StageError
from notifications.lifecycle import NEVER_SENT, TRANSITIONS, State, leading_to, may_follow, require_step
from notifications.models import Notice


@pytest.mark.parametrize("now", State)
def test_every_pair_of_states_is_in_the_table_or_refused(now: State) -> None:
    """
    A row takes only the steps of the table, whoever asks.
    """
    for wanted in State:
        notice = Notice(state=now)
        if wanted in TRANSITIONS[now]:
            notice.state = wanted
            assert notice.state is wanted
        else:
            with pytest.raises(StageError):
                notice.state = wanted
            assert notice.state is now


@pytest.mark.parametrize(
    ("now", "wanted", "allowed"),
    [
        (State.RENDERED, State.QUEUED, False),
        (State.APPROVED, State.QUEUED, True),
        (State.EVIDENCED, State.REVOKED, True),
        (State.EVIDENCED, State.QUEUED, False),
        (State.REVOKED, State.QUEUED, False),
        (State.ACCEPTED, State.QUEUED, False),
        (State.UNKNOWN, State.ACCEPTED, False),
        (State.UNKNOWN, State.CANCELLED, False),
        (State.CANCELLED, State.QUEUED, False),
    ],
)
def test_the_steps_that_matter_most(now: State, wanted: State, *, allowed: bool) -> None:
    """
    Nothing unapproved is queued; nothing that went out, or may have, goes silently back into the queue.
    """
    assert may_follow(now, wanted) is allowed


def test_a_send_begins_only_from_the_queue_or_a_wait() -> None:
    """
    These are the states that delivery claims from.
    """
    assert leading_to(State.SENDING) == (State.QUEUED, State.TEMP_WAIT)


def test_every_state_but_the_first_can_be_reached() -> None:
    """
    A state that nothing leads to would be a dead word.
    """
    assert {wanted for nexts in TRANSITIONS.values() for wanted in nexts} == set(State) - {State.RENDERED}


def test_a_refusal_names_what_is_allowed() -> None:
    """
    The sentence helps whoever reads it.
    """
    with pytest.raises(StageError, match=r"notice:1 is at the stage approved, .*cancelled, queued"):
        require_step("notice:1", State.APPROVED, State.SENDING)


def test_what_was_never_sent_cannot_have_been_received() -> None:
    """
    Delivery has not touched these.
    """
    assert {State.SENDING, State.ACCEPTED, State.UNKNOWN, State.HELD}.isdisjoint(NEVER_SENT)
