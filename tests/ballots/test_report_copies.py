"""Who asks for the scrutineer's report within six months is sent a copy, word for word; nobody else is (s. 231B)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ballots.report_copies import may_ask
from ballots.repository import entitled
from casework.register.models import Member
from core.errors import BadInput, Conflict, RuleViolation
from notifications.lifecycle import Medium
from notifications.models import Notice
from tests.ballots.scenes import Ladder
from tests.builders import a_member
from tests.days import day

pytestmark = pytest.mark.engines("sqlite")

Climb = Callable[[str], Ladder]
WORDS = "We are satisfied that there was no contravention.\n\nNobody interfered with our work."
LAST = "Mon 2027-05-17"
"""Six months from the date of the ballot, 17 November 2026."""


def reported(climb: Climb, **facts: Any) -> Ladder:
    """A ballot whose scrutineer has reported."""
    ladder = climb("won").on("Fri 2026-11-20")
    return ladder.act("scrutineer_reported", received_on=ladder.uow.today, clean=True, **facts)


def copies(ladder: Ladder) -> list[Notice]:
    """The copies that were sent."""
    found = ladder.uow.session.query(Notice).filter_by(kind="scrutineer_report_copy")
    return sorted(found, key=lambda each: (each.recipient_key, each.medium.value))


def voter(ladder: Ladder) -> str:
    """The membership number of somebody on the frozen list."""
    row = next(iter(entitled(ladder.uow, ladder.ballot.id)))
    return ladder.uow.session.get_one(Member, row.member_id).membership_number


def test_the_employer_is_sent_the_report_by_letter_and_mail(climb: Climb) -> None:
    """Turns red if the words are not those that were recorded, or the same request sends twice."""
    ladder = reported(climb, text=WORDS).on("Mon 2026-11-30")
    for _ in range(2):
        ladder.act("report_copy_asked", asked_on=ladder.uow.today)
    sent = copies(ladder)
    assert {each.medium for each in sent} <= {Medium.LETTER, Medium.MAIL}
    assert len(sent) == len({each.medium for each in sent})
    assert {each.recipient_key for each in sent} == {f"employer:{ladder.case.workplace.employer_id}"}
    assert {each.facts["report"] for each in sent} == {WORDS}
    assert sent[0].law["ballots.scrutineer_copy_months"]["value"] == "6"


def test_a_voter_is_sent_the_report(climb: Climb) -> None:
    """Turns red if the voter is taken for the employer."""
    ladder = reported(climb, text=WORDS)
    ladder.act("report_copy_asked", asked_on=ladder.uow.today, membership_number=voter(ladder))
    (copy,) = copies(ladder)
    assert copy.recipient_key.startswith("member:")
    assert WORDS.split("\n", maxsplit=1)[0] in copy.body.decode()


@pytest.mark.parametrize(("asked", "owed"), [(LAST, True), ("Tue 2027-05-18", False)])
def test_a_copy_is_owed_for_six_months_from_the_date_of_the_ballot(climb: Climb, asked: str, owed: bool) -> None:
    """Turns red if the months are counted from the report, or the last day is shut out."""
    ladder = reported(climb, text=WORDS)
    assert ladder.ballot.closes_on == day("Tue 2026-11-17")
    ladder.on(asked)
    assert may_ask(ladder.uow, ladder.case_id) is owed
    if owed:
        ladder.act("report_copy_asked", asked_on=ladder.uow.today)
        assert copies(ladder)
    else:
        with pytest.raises(RuleViolation, match="not owed") as refused:
            ladder.act("report_copy_asked", asked_on=ladder.uow.today)
        assert "17 May 2027" in refused.value.findings[0].sentence


def test_who_asked_in_time_is_answered_later(climb: Climb) -> None:
    """Turns red if the day of sending is compared in place of the day of asking."""
    ladder = reported(climb, text=WORDS).on("Tue 2027-05-18")
    ladder.act("report_copy_asked", asked_on=day(LAST))
    assert copies(ladder)


def test_nobody_else_is_sent_one(climb: Climb) -> None:
    """Turns red if a member who was not entitled to vote is taken for a voter."""
    ladder = reported(climb, text=WORDS)
    stranger = a_member(ladder.uow, ladder.case.workplace, joined_on=ladder.uow.today)
    with pytest.raises(BadInput, match="nobody on the frozen list") as refused:
        ladder.act("report_copy_asked", asked_on=ladder.uow.today, membership_number=stranger.membership_number)
    assert stranger.membership_number not in str(refused.value)
    assert not copies(ladder)


def test_a_report_without_its_words_cannot_be_copied(climb: Climb) -> None:
    """Turns red if an empty report would go out."""
    ladder = reported(climb)
    assert not may_ask(ladder.uow, ladder.case_id)
    with pytest.raises(Conflict, match="No words of a scrutineer's report"):
        ladder.act("report_copy_asked", asked_on=ladder.uow.today)


@pytest.mark.parametrize("asked", ["Mon 2026-11-16", "Sat 2026-11-21"])
def test_nobody_asks_before_the_ballot_or_in_the_future(climb: Climb, asked: str) -> None:
    """Turns red if the day of asking is taken as it is given."""
    ladder = reported(climb, text=WORDS)
    with pytest.raises(BadInput, match="asked_on"):
        ladder.act("report_copy_asked", asked_on=day(asked))
