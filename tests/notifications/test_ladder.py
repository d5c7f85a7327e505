"""The evidence ladder as a rule: the next channel while there is time, then a person, in time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import midnight_ending, shift, working_day_on_or_before
from core.nations import Nation
from notifications.ladder import (
    FAILED,
    Copy,
    Do,
    Paper,
    Practice,
    Rung,
    act_by,
    ask_by,
    is_proved,
    next_step,
    rung,
)
from notifications.lifecycle import EvidenceClass, Medium, State
from notifications.proof import WORTH, ReceiptKind

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PRACTICE = Practice(ask_before=DAY, patience=2 * DAY, silence=3 * DAY, look_ahead=HOUR)
QUEUED = datetime(2026, 9, 1, 9, tzinfo=UTC)
LIMIT = date(2026, 9, 14)
A, B, C = EvidenceClass


def working_day(day: date) -> date:
    """On or before a day, in England."""
    return working_day_on_or_before(day, Nation.ENGLAND)


def mail(state: State = State.ACCEPTED, **changes: object) -> Copy:
    """A mail that was handed over an hour after it was queued."""
    return replace(Copy(Medium.MAIL, state, QUEUED, attempted=True, accepted_at=QUEUED + HOUR), **changes)  # type: ignore[arg-type]


def letter(state: State = State.ACCEPTED) -> Copy:
    """A letter that was laid down when the mail was."""
    return Copy(Medium.LETTER, state, QUEUED, attempted=True, accepted_at=QUEUED + HOUR)


def paper(*copies: Copy, enough: EvidenceClass | None = B, limit: date | None = LIMIT, **changes: object) -> Paper:
    """A paper that a recipient with both addresses has to be shown to have."""
    return replace(Paper(enough, copies, has_letter=True, latest_receipt_on=limit), **changes)


def step_at(what: Paper, after: timedelta) -> Do:
    """What to do so long after it was queued."""
    return next_step(what, PRACTICE, QUEUED + after, working_day).do


@pytest.mark.parametrize(
    ("what", "after", "does"),
    [
        (paper(mail()), 2 * DAY, Do.NOTHING),
        (paper(mail()), 3 * DAY + 2 * HOUR, Do.NOTHING),
        (paper(mail()), 6 * DAY, Do.TRY),
        (paper(mail(), letter()), 6 * DAY, Do.NOTHING),
        (paper(mail(), enough=A), DAY, Do.NOTHING),
        (paper(mail(), enough=A), 2 * DAY + 2 * HOUR, Do.TRY),
        (paper(mail(State.REVOKED)), HOUR, Do.TRY),
        (paper(mail(State.FAILED_PERMANENT)), HOUR, Do.TRY),
        (paper(mail(State.HELD)), HOUR, Do.TRY),
        (paper(mail(State.TEMP_WAIT, accepted_at=None)), DAY, Do.NOTHING),
        (paper(mail(State.TEMP_WAIT, accepted_at=None)), 2 * DAY, Do.TRY),
        (paper(mail(State.REVOKED), has_letter=False), HOUR, Do.ASK),
        (paper(mail(State.REVOKED), letter(State.FAILED_PERMANENT)), HOUR, Do.ASK),
        (paper(mail(State.REVOKED), limit=None), HOUR, Do.TRY),
        (paper(mail(State.REVOKED), letter(), limit=None), 3 * DAY, Do.ASK),
        (paper(mail(), limit=date(2026, 9, 4)), HOUR, Do.TRY),
        (paper(mail(), letter(), limit=date(2026, 9, 4)), HOUR, Do.NOTHING),
        (paper(mail(), letter(), limit=date(2026, 9, 2)), HOUR, Do.NOTHING),
        (paper(mail(), letter(), limit=date(2026, 9, 2)), 7 * HOUR, Do.ASK),
        (paper(mail(), limit=date(2026, 9, 1)), timedelta(), Do.ASK),
        (paper(mail(State.CANCELLED)), 13 * DAY, Do.NOTHING),
        (paper(mail(State.APPROVED, queued_at=None)), 13 * DAY, Do.NOTHING),
        (paper(mail(), enough=None), 20 * DAY, Do.NOTHING),
        (paper(mail(), proved=B, received_on=LIMIT), 12 * DAY, Do.NOTHING),
        (paper(mail(), proved=B, received_on=shift(LIMIT, 1)), 13 * DAY, Do.ASK),
        (paper(mail(), enough=A, proved=B, received_on=LIMIT), 13 * DAY, Do.ASK),
        (paper(mail(), proved=A, received_on=LIMIT), 13 * DAY, Do.NOTHING),
    ],
)
def test_what_follows(what: Paper, after: timedelta, does: Do) -> None:
    """
    A channel has its time; one that failed has none; a person is asked before the limit, whatever is under way.

    Turns red if `next_step` leaves out the moment to ask by, `_may_still_show` what failed, or `is_proved` the class.
    """
    assert step_at(what, after) == does


@pytest.mark.parametrize(("early", "does"), [(HOUR, Do.ASK), (HOUR + timedelta(minutes=1), Do.NOTHING)])
def test_a_person_is_asked_by_the_last_look_before_the_moment(early: timedelta, does: Do) -> None:
    """
    The next look may come as late as the moment itself, or after it.

    Turns red if `next_step` leaves out `look_ahead`.
    """
    now = ask_by(LIMIT, PRACTICE, working_day) - early

    assert next_step(paper(mail(), letter()), PRACTICE, now, working_day).do is does


def test_silence_that_is_no_proof_leaves_a_mail_the_time_of_any_channel() -> None:
    """
    Where the union's practice takes no silence for receipt, nobody waits for it.
    """
    never = replace(PRACTICE, silence=timedelta())

    assert next_step(paper(mail()), never, QUEUED + 2 * DAY + 2 * HOUR, working_day).do is Do.TRY


@pytest.mark.parametrize(
    ("limit", "last", "asked"),
    [
        (date(2026, 9, 14), datetime(2026, 9, 14, 16, tzinfo=UTC), datetime(2026, 9, 13, 16, tzinfo=UTC)),
        (date(2026, 9, 13), datetime(2026, 9, 11, 16, tzinfo=UTC), datetime(2026, 9, 10, 16, tzinfo=UTC)),
        (date(2026, 8, 31), datetime(2026, 8, 28, 16, tzinfo=UTC), datetime(2026, 8, 27, 16, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 23, 16, tzinfo=UTC), datetime(2026, 10, 22, 16, tzinfo=UTC)),
        (date(2027, 3, 29), datetime(2027, 3, 25, 17, tzinfo=UTC), datetime(2027, 3, 24, 17, tzinfo=UTC)),
    ],
)
def test_a_person_is_asked_a_day_before_offices_close_for_the_last_time(
    limit: date, last: datetime, asked: datetime
) -> None:
    """
    A Monday, a Sunday, a bank holiday, the night the clocks go back, Easter Monday.

    Turns red if `act_by` takes the limit itself for a working day.
    """
    assert (act_by(limit, working_day), ask_by(limit, PRACTICE, working_day)) == (last, asked)


@given(st.dates(date(2024, 1, 1), date(2032, 12, 31)))
def test_there_are_24_real_hours_before_every_limit(limit: date) -> None:
    """
    Also over the nights on which the clocks change.

    Turns red if `ask_by` reckons in London's time of day.
    """
    assert midnight_ending(limit).astimezone(UTC) - ask_by(limit, PRACTICE, working_day) >= DAY


@pytest.mark.parametrize(
    ("copies", "reached"),
    [
        ((), Rung.PREPARED),
        ((Copy(Medium.MAIL, State.APPROVED, None),), Rung.PREPARED),
        ((Copy(Medium.MAIL, State.QUEUED, QUEUED),), Rung.QUEUED),
        ((Copy(Medium.MAIL, State.SENDING, QUEUED, attempted=True),), Rung.SENT),
        ((mail(),), Rung.ACCEPTED),
        ((mail(evidence=("posted",)),), Rung.ACCEPTED),
        ((mail(evidence=("automatic_reply",)),), Rung.ACCEPTED),
        ((mail(evidence=("no_bounce",)),), Rung.DELIVERED),
        ((mail(evidence=("read_receipt", "delivery_report")),), Rung.OPENED),
        ((mail(), replace(letter(), evidence=("handed_over",))), Rung.HAND_SIGNED),
        ((mail(evidence=("acknowledged", "bounced")),), Rung.ACKNOWLEDGED),
        ((mail(evidence=("bounced", "delayed")),), Rung.ACCEPTED),
    ],
)
def test_the_rung_is_the_highest_that_a_copy_reached(copies: tuple[Copy, ...], reached: Rung) -> None:
    """
    What a server says against receipt is no rung.
    """
    assert rung(copies) is reached


@pytest.mark.parametrize("kind", ReceiptKind)
def test_fm_07_every_kind_of_receipt_has_its_rung_and_only_its_class_is_proof(kind: ReceiptKind) -> None:
    """
    Opened is a higher rung than delivered, and proves nothing.

    Turns red if `is_proved` goes by the rung.
    """
    shown = paper(mail(evidence=(kind.value,)), proved=None if WORTH[kind] is C else WORTH[kind], received_on=LIMIT)

    assert rung(shown.copies) is not Rung.PREPARED
    assert is_proved(shown) is (WORTH[kind] in {A, B})
    assert is_proved(replace(shown, enough=A)) is (WORTH[kind] is A)


@dataclass
class History:
    """One paper's history: what was done for it, and when."""

    paper: Paper
    asked_at: datetime | None = None
    fell_late: bool = False
    letters: int = 0


fates = st.sampled_from(["accepted", "refused", "bounced", "held", "unknown", "waits", "acknowledged", "delivered"])
moments = st.integers(0, 24 * 21).map(lambda hours: hours * HOUR)


@given(
    enough=st.sampled_from([A, B]),
    days=st.integers(1, 20),
    started=st.sampled_from([(Medium.MAIL,), (Medium.LETTER,), (Medium.MAIL, Medium.LETTER)]),
    postal=st.booleans(),
    events=st.lists(st.tuples(moments, st.integers(0, 1), fates), max_size=8),
    gap=st.integers(15, 60),
)
@settings(max_examples=60)
def test_every_paper_is_proved_in_time_or_a_person_is_asked_a_day_before_the_limit(
    *,
    enough: EvidenceClass,
    days: int,
    started: tuple[Medium, ...],
    postal: bool,
    events: list[tuple[timedelta, int, str]],
    gap: int,
) -> None:
    """
    Whatever happens to its copies, when it was queued early enough; and no second letter goes. A proof that falls on
    the last day leaves less time: then somebody is asked at once.

    Turns red if `next_step` waits for a channel beyond the moment to ask by, or leaves out `look_ahead`.
    """
    limit = shift(QUEUED.date(), days)
    copies = [Copy(medium, State.QUEUED, QUEUED) for medium in started]
    told = History(Paper(enough, copies, has_letter=postal, latest_receipt_on=limit))
    now, left = QUEUED, sorted(events, key=lambda event: event[0])
    while now < midnight_ending(limit) - timedelta(minutes=gap):
        while left and QUEUED + left[0][0] <= now:
            _, which, fate = left.pop(0)
            _befall(told, which, fate, now)
        _sweep(told, now)
        now += gap * timedelta(minutes=1)

    assert told.letters <= (Medium.LETTER not in started)
    queued_in_time = ask_by(limit, PRACTICE, working_day) > QUEUED
    if queued_in_time and not is_proved(told.paper):
        assert told.asked_at is not None
        assert told.fell_late or midnight_ending(limit) - told.asked_at >= DAY


def _befall(told: History, which: int, fate: str, now: datetime) -> None:
    """One thing happens to one of the copies."""
    copies = list(told.paper.copies)
    copy = copies[min(which, len(copies) - 1)]
    states = {
        "refused": State.FAILED_PERMANENT,
        "bounced": State.REVOKED,
        "held": State.HELD,
        "unknown": State.UNKNOWN,
        "waits": State.TEMP_WAIT,
    }
    accepted = copy.accepted_at or (None if fate in {"refused", "held", "unknown", "waits"} else now)
    copies[min(which, len(copies) - 1)] = replace(
        copy, state=states.get(fate, State.ACCEPTED), attempted=True, accepted_at=accepted
    )
    told.paper = replace(told.paper, copies=copies)
    if fate == "bounced" and told.paper.proved is B:
        told.paper = replace(told.paper, proved=None, received_on=None)
        told.asked_at = None
        told.fell_late = now + HOUR > ask_by(told.paper.latest_receipt_on or LIMIT, PRACTICE, working_day)
    worth = {"acknowledged": A, "delivered": B}.get(fate)
    if worth is not None and (told.paper.proved is None or worth < told.paper.proved):
        told.paper = replace(told.paper, proved=worth, received_on=now.date())


def _sweep(told: History, now: datetime) -> None:
    step = next_step(told.paper, PRACTICE, now, working_day)
    if step.do is Do.ASK and told.asked_at is None:
        told.asked_at = now
    if step.do is Do.TRY:
        told.letters += 1
        told.paper = replace(told.paper, copies=[*told.paper.copies, Copy(Medium.LETTER, State.QUEUED, now)])


def test_what_failed_shows_nothing_any_more() -> None:
    """
    A state that is added is decided about here.
    """
    alive = {State.RENDERED, State.APPROVED, State.QUEUED, State.SENDING, State.TEMP_WAIT, State.UNKNOWN}

    assert set(State) == FAILED | alive | {State.ACCEPTED, State.EVIDENCED, State.CLOSED}
