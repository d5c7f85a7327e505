"""How much is claimed at once, and how fast mails go to one domain."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from core.settings import settings
from notifications.delivery import together
from notifications.lifecycle import Medium, Outcome, Policy, State
from notifications.pacing import GROWTH, MOST_TOGETHER, TOGETHER_SECONDS, Pace, domain_of, next_size
from notifications.recipients import Recipient
from notifications.waiting import Due
from tests.conftest import NOON
from tests.notifications.conftest import Desk
from tests.notifications.sinks import Sink

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("clerk@North-Trust.TEST", "north-trust.test"),
        ('"a@b"@x.test', "x.test"),
        ("none", "none"),
        ("", ""),
        (None, ""),
    ],
)
def test_the_domain_is_what_stands_after_the_last_at(address: str | None, domain: str) -> None:
    """Turns red if case tells two domains apart."""
    assert domain_of(address) == domain


def test_what_is_beyond_the_pace_is_told_its_minute() -> None:
    """
    Two a minute, one begun half a minute ago: one goes, two get the minute in which that one is forgotten, the next two
    the one after.

    Turns red if `Pace.later` forgets what was begun before, or those who were told to wait.
    """
    pace = Pace(2)
    pace.renew({"x.test": [NOON - 30 * SECOND, NOON - 61 * SECOND]})
    free = NOON + 30 * SECOND

    assert [pace.later("x.test", NOON) for _ in range(5)] == [None, free, free, free + MINUTE, free + MINUTE]
    assert pace.later("y.test", NOON) is None


def test_no_pace_is_no_limit() -> None:
    """Turns red if 0 is taken for a limit."""
    pace = Pace(0)

    assert [pace.later("x.test", NOON) for _ in range(1000)] == [None] * 1000


@pytest.mark.parametrize(
    ("size", "seconds_each", "wanted"),
    [
        (1, 0.0, GROWTH),
        (1, 0.001, GROWTH),
        (4, 0.001, 16),
        (64, 0.001, MOST_TOGETHER),
        (MOST_TOGETHER, 0.001, MOST_TOGETHER),
        (64, TOGETHER_SECONDS / 10, 10),
        (64, TOGETHER_SECONDS, 1),
        (64, 30.0, 1),
    ],
)
def test_a_batch_grows_while_it_is_quick(size: int, seconds_each: float, wanted: int) -> None:
    """A slow relay is given one at a time: what is claimed must be handed over before its lease ends."""
    assert next_size(size, seconds_each) == wanted


def test_what_must_not_be_repeated_goes_alone() -> None:
    """Turns red if a kill could leave two payment decisions in doubt."""
    due = [
        Due(uuid.UUID(int=number), Medium.MAIL, Policy.HOLD if number in {3, 4} else Policy.RESEND)
        for number in range(8)
    ]
    sizes, left = [], due
    while left:
        batch = together(left, 5)
        sizes.append(len(batch))
        left = left[len(batch) :]

    assert sizes == [3, 1, 1, 3]


def test_mails_beyond_the_pace_of_a_domain_wait_without_an_attempt(
    mail_desk: Desk, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Five to one domain at two a minute take three minutes; another domain is not kept waiting by them.

    Turns red if `claims.claim_all` claims them all the same, or leaves out what was begun before.
    """
    monkeypatch.setenv("MANDATE_MAILS_A_MINUTE", "2")
    settings.cache_clear()
    slow = [
        mail_desk.queue("ballot_result_members", to=Recipient(f"member:{number}", "Kim", f"kim{number}@slow.test"))
        for number in range(5)
    ]
    quick = mail_desk.queue("ballot_result_members", to=Recipient("member:9", "Kim", "kim@quick.test"))

    report = mail_desk.sweep()
    assert (report.accepted, report.paced, report.due) == (3, 3, 6)
    assert mail_desk.state(quick) is State.ACCEPTED
    waiting = [each for each in slow if mail_desk.state(each) is State.QUEUED]
    assert [mail_desk.notice(each).attempts for each in waiting] == [[], [], []]
    assert mail_desk.sweep().due == 0
    assert mail_desk.sweep(30 * SECOND).due == 0
    assert (mail_desk.sweep(30 * SECOND).accepted, mail_desk.sweep(MINUTE).accepted) == (2, 1)
    assert len(sink.taken) == 6
    assert {mail_desk.notice(each).attempts[0].outcome for each in slow} == {Outcome.ACCEPTED}


def test_letters_have_no_pace(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if what is laid in a folder is paced: no domain is at the other end of it."""
    monkeypatch.setenv("MANDATE_MAILS_A_MINUTE", "1")
    settings.cache_clear()
    for number in range(3):
        desk.queue("ballot_result_members", to=Recipient(f"member:{number}", "Kim", f"kim{number}@slow.test"))

    assert desk.sweep().accepted == 3
