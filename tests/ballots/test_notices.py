"""What each statutory paper states under the law of its own key date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots import notices
from ballots.action_notice import NoticeTerms, action_notice_contents
from ballots.constituency import Figures, Voter, figures
from ballots.mandate import ActionKind
from ballots.notices import ActionPaperFacts, BallotPaperFacts, Site
from ballots.paper import voting_paper
from ballots.timetable import notice_of_ballot
from ballots.timetable_facts import BallotFacts, NoticeContents
from core.law import Consultation, current_law
from core.nations import Nation
from notifications.messages import message_kind
from tests.days import day

LAW = Consultation(current_law(), Nation.ENGLAND)
HILL, DALE = UUID(int=1), UUID(int=2)
SITES = [Site(HILL, "Hill School", "100001", "1 Hill"), Site(DALE, "Dale School", "100002", "2 Dale")]
FIGURES = Figures(5, {HILL: 3, DALE: 2}, {"support staff": 1, "teacher": 4})
BALLOT = BallotPaperFacts(
    reference="B-2026-0001-1",
    employer_name="Borough Council",
    opening_day=day("Mon 2026-02-23"),
    closing_day=day("Fri 2026-04-24"),
    questions=[ActionKind.STRIKE, ActionKind.ASOS],
    caller="General Secretary",
    scrutineer=None,
    return_address="1 Return Road",
)
FROZEN = day("Mon 2026-02-02")


def ballot_notice_received(on: date) -> dict[str, object]:
    facts = BallotFacts(BALLOT.opening_day, BALLOT.closing_day, ballot_notice_received_on=on)
    return notices.notice_of_ballot(BALLOT, FIGURES, SITES, notice_of_ballot(facts, LAW).contents, FROZEN)


def test_the_day_before_the_change_every_figure_is_stated() -> None:
    """Turns red if the contents are chosen by the opening day: received on 17 February 2026 (s. 226A as it stood)."""
    stated = ballot_notice_received(day("Tue 2026-02-17"))
    assert stated["contents"] == NoticeContents.FULL_FIGURES
    assert stated["by_category"] == {"support staff": 1, "teacher": 4}
    assert stated["by_workplace"] == {"100001": 3, "100002": 2}
    assert "2 February 2026" in str(stated["explanation"])
    assert "in the category of employee that the register records" in str(stated["explanation"])


def test_from_the_day_of_the_change_only_lists_and_the_total() -> None:
    """Turns red if figures by category are printed regardless: received on 18 February 2026 (ERA 2025, s. 70)."""
    stated = ballot_notice_received(day("Wed 2026-02-18"))
    assert stated["contents"] == NoticeContents.LISTS_AND_TOTAL
    assert (stated["by_category"], stated["by_workplace"], stated["explanation"]) == (None, None, None)
    assert (stated["total"], stated["categories"]) == (5, ["support staff", "teacher"])
    assert [site["urn"] for site in stated["workplaces"]] == ["100001", "100002"]  # type: ignore[attr-defined]


def action_notice_received(on: date, earlier: date | None = None, **changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "reference": "B-2026-0001-1/asos/20260504",
        "employer_name": "Borough Council",
        "kind": ActionKind.ASOS,
        "pattern": "continuous",
        "days": [day("Mon 2026-05-04")],
        "instructions": ["Members attend one meeting a week."],
        "caller": "General Secretary",
        "mandate_last_day": day("Fri 2027-04-23"),
    }
    action = ActionPaperFacts(**{**values, **changes})  # type: ignore[arg-type]
    items = action_notice_contents(on, NoticeTerms(earlier_received_on=earlier), LAW).items
    return notices.notice_of_action(action, FIGURES, SITES, items, FROZEN)


@pytest.mark.parametrize(
    ("on", "earlier", "contents"),
    [
        ("Tue 2026-02-17", None, "full_figures"),
        ("Wed 2026-02-18", None, "workplace_figures"),
        ("Wed 2026-02-18", "Tue 2026-02-17", "full_figures"),
        ("Wed 2026-02-18", "Wed 2026-02-18", "workplace_figures"),
    ],
)
def test_figures_by_category_leave_the_notice_of_action(on: str, earlier: str | None, contents: str) -> None:
    """
    Turns red if the explanation or the figure of each workplace goes too, or the saving of SI 2026/3, Sch. 2,
    para 10 is not asked: an employer that had a notice before the day keeps the older contents.
    """
    stated = action_notice_received(day(on), day(earlier) if earlier else None)
    assert stated["contents"] == contents
    assert (stated["by_category"] is not None) is (contents == "full_figures")
    assert stated["by_workplace"] == {"100001": 3, "100002": 2}
    assert stated["explanation"]
    assert stated["total"] == 5


def test_continuous_action_names_its_first_day_and_no_others() -> None:
    """Turns red if the pattern is not read (s. 234A(3)(b))."""
    stated = action_notice_received(day("Fri 2026-04-24"))
    assert (stated["starts"], stated["dates"]) == ("2026-05-04", None)


def test_discontinuous_action_names_each_day() -> None:
    days: Sequence[date] = [day("Mon 2026-05-04"), day("Wed 2026-05-06")]
    stated = action_notice_received(
        day("Fri 2026-04-24"), kind=ActionKind.STRIKE, pattern="discontinuous", days=days, instructions=[]
    )
    assert (stated["starts"], stated["dates"]) == (None, ["2026-05-04", "2026-05-06"])
    message_kind("notice_of_action").check(stated)


def test_a_second_kind_of_action_keeps_its_own_days() -> None:
    """Turns red if `also` takes the pattern or the days of the first."""
    strike = ActionPaperFacts(
        reference="B-2026-0001-1/asos/20260504",
        employer_name="Borough Council",
        kind=ActionKind.STRIKE,
        pattern="discontinuous",
        days=[day("Wed 2026-05-06")],
        instructions=[],
        caller="General Secretary",
        mandate_last_day=day("Fri 2027-04-23"),
    )
    asos = replace(strike, kind=ActionKind.ASOS, pattern="continuous", days=[day("Mon 2026-05-04")], instructions=["x"])
    items = action_notice_contents(day("Fri 2026-04-24"), NoticeTerms(), LAW).items
    stated = notices.notice_of_action(strike, FIGURES, SITES, items, FROZEN, also=asos)
    assert (stated["kind"], stated["dates"], stated["starts"]) == ("strike", ["2026-05-06"], None)
    second = stated["also"]
    assert (second["kind"], second["dates"], second["starts"]) == ("asos", None, "2026-05-04")
    assert (stated["actions"], second["actions"]) == ([], ["x"])
    message_kind("notice_of_action").check(stated)


RESULT = {
    "entitled": 5,
    "cast": 3,
    "turnout_met": True,
    "support_required": False,
    "support_met": True,
    "questions": {"strike": {"yes": 2, "no": 1, "spoiled": 0}},
}


def wanted(items: list[str], share: Fraction | None = None) -> notices.ToldOfResult:
    """What the law wants told, with the shares of 2017 to 2026 or one of the test's own."""
    return notices.ToldOfResult(items, share or Fraction(1, 2), share or Fraction(2, 5))


@pytest.mark.parametrize(
    ("items", "told"),
    [
        (["cast", "yes", "no", "spoiled"], {"entitled": None, "turnout_statement": None, "support_statement": None}),
        (
            ["entitled", "cast", "yes", "no", "spoiled", "turnout_met"],
            {"entitled": 5, "turnout_statement": "At least half of those entitled to vote did vote."},
        ),
    ],
)
def test_the_result_tells_what_the_law_of_the_ballot_wants(items: list[str], told: dict[str, object]) -> None:
    """Turns red if an item is told whatever the list says (s. 231)."""
    stated = notices.ballot_result(BALLOT, RESULT, wanted(items))
    assert {name: stated[name] for name in told} == told
    assert stated["questions"] == [{"kind": "strike", "label": "Strike action", "yes": 2, "no": 1, "spoiled": 0}]


def test_support_is_told_only_where_it_was_required() -> None:
    items = ["entitled", "cast", "turnout_met", "support_met"]
    assert notices.ballot_result(BALLOT, RESULT, wanted(items))["support_statement"] is None
    missed = {**RESULT, "support_required": True, "support_met": False}
    assert notices.ballot_result(BALLOT, missed, wanted(items))["support_statement"] == (
        "At least 40 per cent of those entitled to vote did not vote Yes."
    )


@pytest.mark.parametrize(
    ("share", "words"), [(Fraction(1, 2), "half"), (Fraction(2, 5), "40 per cent"), (Fraction(1, 3), "1/3")]
)
def test_the_shares_of_a_result_are_those_of_the_law(share: Fraction, words: str) -> None:
    """Turns red if a share stands written in the sentence instead of being taken from the law of the ballot."""
    result = {**RESULT, "support_required": True}
    stated = notices.ballot_result(BALLOT, result, wanted(["turnout_met", "support_met"], share))
    assert stated["turnout_statement"] == f"At least {words} of those entitled to vote did vote."
    assert stated["support_statement"] == f"At least {words} of those entitled to vote did vote Yes."


@pytest.mark.parametrize(("received", "summarised"), [("Tue 2026-02-17", True), ("Wed 2026-02-18", False)])
def test_summaries_stand_on_the_paper_only_where_the_law_wants_them(received: str, summarised: bool) -> None:
    """Turns red if the summaries are printed whenever there are any (s. 229(2B)-(2D), repealed for later papers)."""
    paper = voting_paper(BALLOT.opening_day, day(received), LAW)
    stated = notices.sample_voting_paper(BALLOT, paper, {"summary_of_dispute": "Meetings."})
    assert (stated["summaries"] is not None) is summarised
    assert stated["statement"] == paper.statement
    assert [question["kind"] for question in stated["questions"]] == ["strike", "asos"]


def voters(counts: dict[tuple[int, str], int]) -> list[Voter]:
    number, listed = 0, []
    for (place, category), many in counts.items():
        for _ in range(many):
            number += 1
            listed.append(Voter(UUID(int=100 + number), HILL, UUID(int=place), category, FROZEN, None))
    return listed


@given(
    st.dictionaries(
        st.tuples(st.sampled_from([1, 2]), st.sampled_from(["teacher", "head teacher", "support staff"])),
        st.integers(1, 20),
        min_size=1,
    )
)
def test_whatever_the_register_holds_the_notice_says_the_same(register: dict[tuple[int, str], int]) -> None:
    """Turns red if a figure is taken from anything but the counted list."""
    counted = figures(voters(register))
    stated = notices.notice_of_ballot(BALLOT, counted, SITES, NoticeContents.FULL_FIGURES, FROZEN)
    assert stated["total"] == sum(register.values())
    assert sum(stated["by_category"].values()) == sum(stated["by_workplace"].values()) == stated["total"]
    assert set(stated["categories"]) == {category for _, category in register}
