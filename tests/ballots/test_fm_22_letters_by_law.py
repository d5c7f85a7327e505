"""
FM-22: a letter under the law of the wrong day.

On each side of every commencement that a letter turns on, the letter itself is read. What it must say is written here
by hand from the Acts and SI 2026/3, and then each of those dates is moved by a day to see that somebody notices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from ballots import notices, papers
from ballots.action_notice import NoticeTerms, action_notice_contents
from ballots.constituency import Figures
from ballots.mandate import ActionKind
from ballots.notices import ActionPaperFacts, BallotPaperFacts, Site
from ballots.paper import voting_paper
from ballots.timetable import notice_of_ballot
from ballots.timetable_facts import BallotFacts
from core.law import Consultation, Law, LegalValue, Parameter, current_law
from core.law_changes import with_parameters
from core.nations import Nation
from notifications.messages import message_kind
from notifications.rendering import Page, words_of_letter
from tests.days import day
from tests.notifications.samples import RECIPIENTS

HILL, DALE = UUID(int=1), UUID(int=2)
SITES = [Site(HILL, "Hill School", "900001", "1 Hill"), Site(DALE, "Dale School", "900002", "2 Dale")]
FIGURES = Figures(1_204, {HILL: 1_007, DALE: 197}, {"support staff": 103, "teacher": 1_101})
BALLOT = BallotPaperFacts(
    reference="B-2026-0001-1",
    employer_name="The North Trust",
    opening_day=day("Wed 2026-03-04"),
    closing_day=day("Fri 2026-04-24"),
    questions=[ActionKind.STRIKE],
    caller="General Secretary",
    scrutineer=None,
    return_address="1 Return Road",
)
ACTION = ActionPaperFacts(
    reference="B-2026-0001-1/strike/20260504",
    employer_name="The North Trust",
    kind=ActionKind.STRIKE,
    pattern="discontinuous",
    days=[day("Mon 2026-05-04")],
    instructions=[],
    caller="General Secretary",
    mandate_last_day=day("Fri 2027-04-23"),
)
SUMMARIES = {"summary_of_dispute": "It is about lesson plans.", "asos_types": None, "periods": {"strike": "in March"}}
RESULT: dict[str, Any] = {
    "entitled": 1_204,
    "cast": 811,
    "turnout_met": True,
    "support_required": True,
    "support_met": True,
    "questions": {"strike": {"yes": 602, "no": 205, "spoiled": 4}},
}
BY_CATEGORY, BY_WORKPLACE = "teacher 1,101", "(URN 900001) 1,007"
EXPLAINED = "register of members as it stood"
TWELVE_WEEKS, WHOLE = "fewer than twelve weeks after", "otherwise lawful, the dismissal will be unfair."
SUMMARY = "It is about lesson plans."
HALF, FORTY = "At least half of those entitled to vote did vote", "entitled to vote did vote Yes"

Made = tuple[str, Mapping[str, Any]]


def letter(kind: str, facts: dict[str, Any]) -> str:
    """The words of a letter to the North Trust."""
    found = message_kind(kind)
    return words_of_letter(Page(found, found.check(facts), {}, RECIPIENTS["employer"], date(2026, 2, 18)))


def ballot_notice(received_on: date) -> Callable[[Consultation], str]:
    """The notice of ballot, as it has to read when it is received on a day."""

    def made(law: Consultation) -> str:
        facts = BallotFacts(BALLOT.opening_day, BALLOT.closing_day, ballot_notice_received_on=received_on)
        contents = notice_of_ballot(facts, law).contents
        return letter("notice_of_ballot", notices.notice_of_ballot(BALLOT, FIGURES, SITES, contents, received_on))

    return made


def action_notice(received_on: date, earlier: date | None = None) -> Callable[[Consultation], str]:
    """The notice of action; `earlier` is when this employer had one of the same action."""

    def made(law: Consultation) -> str:
        items = action_notice_contents(received_on, NoticeTerms(earlier_received_on=earlier), law).items
        return letter("notice_of_action", notices.notice_of_action(ACTION, FIGURES, SITES, items, received_on))

    return made


def paper(opened_on: date, sample_received_on: date) -> Callable[[Consultation], str]:
    """The sample voting paper of a ballot that opens on a day."""

    def made(law: Consultation) -> str:
        wanted = voting_paper(opened_on, sample_received_on, law)
        return letter("sample_voting_paper", notices.sample_voting_paper(BALLOT, wanted, SUMMARIES))

    return made


def result(opened_on: date) -> Callable[[Consultation], str]:
    """What the employer is told of the result of a ballot that opened on a day."""

    def made(law: Consultation) -> str:
        told = notices.told_of_result(opened_on, law)
        return letter("ballot_result_employer", notices.ballot_result(BALLOT, RESULT, told))

    return made


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a commencement: what the letter says there, what it does not, and since when its law is the law."""

    name: str
    made: Callable[[Consultation], str]
    says: tuple[str, ...]
    silent: tuple[str, ...]
    rests_on: Mapping[str, str]
    nation: Nation = Nation.ENGLAND

    def faults(self, law: Law) -> list[str]:
        """What a letter under that law has wrong."""
        consulted = Consultation(law, self.nation)
        said = self.made(consulted)
        used = papers.law_used(*consulted.given())
        return [
            *(f"{self.name}: does not say {each!r}" for each in self.says if each not in said),
            *(f"{self.name}: says {each!r}" for each in self.silent if each in said),
            *(f"{self.name}: {each}" for each, since in self.rests_on.items() if used[each]["from"] != since),
        ]


T, E, W = "2017-03-01", "2026-02-18", "2017-09-13"
BALLOT_CONTENTS, ACTION_CONTENTS = "ballots.notice_of_ballot_contents", "ballots.action_notice_contents"
SUMMARISED, STATEMENT = "ballots.voting_paper_summaries_required", "ballots.dismissal_warning_statement"
ITEMS, TURNOUT, SUPPORT = "ballots.result_items", "ballots.turnout_fraction", "ballots.support_fraction"
EVE, FIRST = day("Tue 2026-02-17"), day("Wed 2026-02-18")
EVE_2017, FIRST_2017 = day("Tue 2017-02-28"), day("Wed 2017-03-01")
EVE_WALES, FIRST_WALES = day("Tue 2017-09-12"), day("Wed 2017-09-13")
OLD_FIGURES = (BY_CATEGORY, BY_WORKPLACE, EXPLAINED)

SIDES = [
    Side("ballot notice on the eve", ballot_notice(EVE), OLD_FIGURES, (), {BALLOT_CONTENTS: "2005-10-01"}),
    Side("ballot notice from the day", ballot_notice(FIRST), ("1,204",), OLD_FIGURES, {BALLOT_CONTENTS: E}),
    Side("action notice on the eve", action_notice(EVE), OLD_FIGURES, (), {ACTION_CONTENTS: "2005-10-01"}),
    Side(
        "action notice from the day",
        action_notice(FIRST),
        (BY_WORKPLACE, EXPLAINED),
        (BY_CATEGORY,),
        {ACTION_CONTENTS: E},
    ),
    Side(
        "action noticed on the eve before",
        action_notice(day("Mon 2026-03-02"), earlier=EVE),
        OLD_FIGURES,
        (),
        {ACTION_CONTENTS: "2005-10-01"},
    ),
    Side(
        "action noticed on the day before",
        action_notice(day("Mon 2026-03-02"), earlier=FIRST),
        (BY_WORKPLACE,),
        (BY_CATEGORY,),
        {ACTION_CONTENTS: E},
    ),
    Side("paper on the eve of 2017", paper(EVE_2017, EVE_2017), (TWELVE_WEEKS,), (SUMMARY,), {}),
    Side("paper from the day of 2017", paper(FIRST_2017, EVE_2017), (TWELVE_WEEKS, SUMMARY), (), {SUMMARISED: T}),
    Side("paper opened on the eve", paper(EVE, EVE), (TWELVE_WEEKS, SUMMARY), (WHOLE,), {SUMMARISED: T}),
    Side(
        "paper opened after, sample on the eve",
        paper(day("Fri 2026-02-20"), EVE),
        (TWELVE_WEEKS, SUMMARY),
        (WHOLE,),
        {SUMMARISED: T},
    ),
    Side(
        "paper opened after, sample on the day",
        paper(day("Fri 2026-02-20"), FIRST),
        (WHOLE,),
        (TWELVE_WEEKS, SUMMARY),
        {SUMMARISED: E, STATEMENT: E},
    ),
    Side("paper opened on the day", paper(FIRST, FIRST), (WHOLE,), (TWELVE_WEEKS, SUMMARY), {SUMMARISED: E}),
    Side("result on the eve of 2017", result(EVE_2017), ("811", "602"), ("1,204", HALF, FORTY), {}),
    Side(
        "result from the day of 2017",
        result(FIRST_2017),
        ("1,204", HALF, FORTY),
        (),
        {ITEMS: T, TURNOUT: T, SUPPORT: T},
    ),
    Side("result on the eve", result(EVE), ("1,204", HALF, FORTY), (), {ITEMS: T, TURNOUT: T, SUPPORT: T}),
    Side("result from the day", result(FIRST), ("1,204", HALF), (FORTY,), {ITEMS: E, TURNOUT: T, SUPPORT: E}),
    Side("Welsh result on the eve", result(EVE_WALES), (HALF, FORTY), (), {SUPPORT: T}, Nation.WALES),
    Side("Welsh result from the day", result(FIRST_WALES), (HALF,), (FORTY,), {SUPPORT: W}, Nation.WALES),
]
TURNED_ON = (BALLOT_CONTENTS, ACTION_CONTENTS, SUMMARISED, STATEMENT, ITEMS, TURNOUT, SUPPORT)
COMMENCED = frozenset({FIRST_2017, FIRST_WALES, FIRST})


@pytest.mark.parametrize("side", SIDES, ids=lambda side: side.name)
def test_fm_22_on_each_side_of_a_commencement_the_letter_says_what_the_law_of_its_day_wants(side: Side) -> None:
    """Turns red if any `from`, `to` or `unless` of the seven parameters is moved by a day: the next test does so."""
    assert side.faults(current_law()) == []


def _moved(parameter: Parameter, first: date, days: int) -> Parameter:
    """The value that commences on a day commences so many days later, and what it follows ends so much later."""
    by = timedelta(days=days)

    def move(value: LegalValue) -> LegalValue:
        if value.from_ == first:
            return replace(value, from_=first + by)
        return replace(value, to=value.to + by) if value.to == first - timedelta(days=1) else value

    return replace(parameter, values=tuple(move(each) for each in parameter.values))


def _saved_otherwise(parameter: Parameter, days: int) -> Parameter:
    by = timedelta(days=days)
    return replace(
        parameter,
        values=tuple(
            replace(each, saving=replace(each.saving, before=each.saving.before + by)) if each.saving else each
            for each in parameter.values
        ),
    )


def _mutants() -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    for name in TURNED_ON:
        parameter = current_law().parameter(name)
        firsts = sorted({each.from_ for each in parameter.values if each.from_ in COMMENCED})
        for days in (-1, 1):
            found |= {f"{name} from {first} {days:+}": _moved(parameter, first, days) for first in firsts if first}
            if any(each.saving for each in parameter.values):
                found[f"{name} saving {days:+}"] = _saved_otherwise(parameter, days)
    return found


MUTANTS = _mutants()


@pytest.mark.parametrize("mutant", MUTANTS)
def test_fm_22_a_date_that_is_moved_by_a_day_is_noticed(mutant: str) -> None:
    """Turns red if a side is taken out of SIDES: then the date that only it watches could move unseen."""
    law = with_parameters(current_law(), [MUTANTS[mutant]])
    assert any(side.faults(law) for side in SIDES)


def test_fm_22_every_commencement_of_the_years_is_among_the_mutants() -> None:
    """Turns red if a parameter that letters turn on is left out of TURNED_ON: 2017, Wales, 2026, and three savings."""
    assert len(MUTANTS) == 2 * (1 + 1 + 2 + 1 + 2 + 1 + 3 + 3)
