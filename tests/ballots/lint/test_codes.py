"""Every code that the linter can find is on the page about it, with its weights; every code there can be found."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from core.law import ROOT
from tests.ballots.lint.packs import GONE, NORTH, found, two_employers

PAGE = (ROOT / "docs" / "lint.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([a-z_]+)` \| ([a-z, ]+) \|", PAGE, re.MULTILINE))
ELSEWHERE = {"law_may_change", "law_unconfirmed", "mandate_agreement_too_long", "agreement_rests_on_saving"}
"""Codes of the law itself and of agreements, which the rules over those are tested for."""
AN, NB, VP = "action_notices.0", "ballot_notices.0", "voting_paper"
LOST = {"strike": {"yes": 20, "no": 21}, "asos": {"yes": 20, "no": 21}}
CLOSE = {"strike": {"yes": 40, "no": 39, "spoiled": 1}, "asos": {"yes": 70, "no": 9}}

DEFECTS: dict[str, tuple[str, dict[str, Any]]] = {
    "unsupported_jurisdiction": ("now", {"dispute.nation": "northern-ireland"}),
    "no_law_in_force": ("now", {"ballot.opens": date(1990, 1, 1)}),
    "method_not_permitted": ("now", {"ballot.method": "electronic"}),
    "dispute_matters_missing": ("now", {"dispute.matters": []}),
    "workplaces_missing": ("now", {"dispute.workplaces": GONE}),
    "dispute_settled": ("now", {"dispute.settled_on": date(2026, 11, 3)}),
    "employer_wrong": ("now", {f"{NB}.employer": "Hill School"}),
    "electorate_mixes_employers": ("now", two_employers() | {"ballot.scope": "single"}),
    "scrutineer_missing": ("now", {"ballot.scrutineer": ""}),
    "ballot_window_short": ("now", {"ballot.opens": date(2026, 10, 12)}),
    "ballot_notice_missing": ("now", {"ballot_notices": []}),
    "ballot_notice_late": ("now", {f"{NB}.received": date(2026, 9, 15)}),
    "ballot_notice_opening_day_missing": ("now", {f"{NB}.opening_day": GONE}),
    "ballot_notice_opening_day_differs": ("now", {f"{NB}.opening_day": date(2026, 9, 22)}),
    "ballot_notice_total_missing": ("now", {f"{NB}.total": GONE}),
    "ballot_notice_lists_missing": ("now", {f"{NB}.categories": [" "]}),
    "ballot_notice_figures_missing": ("middle", {f"{NB}.by_category": {}}),
    "ballot_notice_explanation_missing": ("middle", {f"{NB}.explanation": ""}),
    "sample_paper_missing": ("now", {"sample_papers": []}),
    "sample_paper_late": ("now", {"sample_papers.0.received": date(2026, 9, 19)}),
    "figures_disagree": ("now", {f"{NB}.total": 119}),
    "category_vague": ("now", {f"{NB}.categories": ["teacher", "other staff"]}),
    "voting_paper_question_missing": ("now", {f"{VP}.questions": ["asos"]}),
    "voting_paper_scrutineer_missing": ("now", {f"{VP}.scrutineer": GONE}),
    "voting_paper_caller_missing": ("now", {f"{VP}.caller": GONE}),
    "voting_paper_caller_differs": ("now", {f"{VP}.caller": "The Executive"}),
    "voting_paper_return_missing": ("now", {f"{VP}.return_by": GONE}),
    "voting_paper_return_differs": ("now", {f"{VP}.return_by": date(2026, 10, 18)}),
    "voting_paper_unnumbered": ("now", {f"{VP}.numbered": False}),
    "voting_paper_statement_wrong": ("now", {f"{VP}.statement": "You may be in breach of contract."}),
    "voting_paper_summary_missing": ("middle", {f"{VP}.summary_of_dispute": GONE}),
    "voting_paper_asos_types_missing": ("middle", {f"{VP}.asos_types": [""]}),
    "voting_paper_period_missing": ("middle", {f"{VP}.periods.strike": "until the issues are resolved"}),
    "result_arithmetic": ("now", {"result.cast": 79}),
    "result_incomplete": (
        "now",
        {"result.questions": {"asos": {"yes": 70, "no": 9}}, "action_notices": [], "action": []},
    ),
    "turnout_not_met": ("now", {"result.cast": 59, "result.questions": LOST}),
    "support_not_met": ("middle", {"result.cast": 60, "result.questions": LOST}),
    "majority_not_met": ("now", {"result.cast": 60, "result.questions": LOST}),
    "majority_contested": ("now", {"result.questions": CLOSE}),
    "left_out_could_change_result": (
        "now",
        {"ballot.scrutineer_file.total": 100, "result.entitled": 100, "result.questions.strike": {"yes": 45, "no": 34}},
    ),
    "result_not_told_employer": ("now", {"result.told_employers": {}}),
    "result_not_told_members": ("now", {"result.told_members": GONE}),
    "result_told_late": ("now", {"result.told_members": date(2026, 10, 21)}),
    "action_notice_missing": ("now", {"action_notices": []}),
    "action_notice_late": ("now", {f"{AN}.received": date(2026, 10, 25)}),
    "action_notice_before_result_told": ("now", {f"{AN}.received": date(2026, 10, 19)}),
    "action_notice_kind_missing": ("now", {f"{AN}.kind": GONE}),
    "action_notice_pattern_missing": ("now", {f"{AN}.pattern": GONE}),
    "action_notice_dates_missing": ("now", {f"{AN}.dates": []}),
    "action_notice_figures_missing": ("now", {f"{AN}.workplaces": []}),
    "action_notice_explanation_missing": ("now", {f"{AN}.explanation": GONE}),
    "agreement_without_effect": ("now", {"dispute.employers": {NORTH: {"agrees_shorter_notice": True}}}),
    "action_kind_not_balloted": ("now", {"ballot.questions": ["asos"]}),
    "action_not_notified": ("now", {f"{AN}.dates": [date(2026, 11, 4)]}),
    "called_before_ballot_date": ("now", {"call.on": date(2026, 10, 18)}),
    "call_date_missing": ("now", {"call.on": GONE}),
    "caller_not_specified": ("now", {"call.by": "A branch"}),
    "mandate_expired": ("now", {f"{AN}.dates": [date(2027, 10, 19)]}),
    "restart_without_notice": (
        "now",
        {
            f"{AN}.pattern": "continuous",
            f"{AN}.starts": date(2026, 11, 3),
            "action": [
                {
                    "kind": "strike",
                    "starts": datetime(2026, 11, day, 0, 0),  # noqa: DTZ001 - London time, as packs have it
                    "ends": datetime(2026, 11, day, 23, 59),  # noqa: DTZ001
                }
                for day in (3, 10)
            ],
        },
    ),
}


@pytest.mark.parametrize("code", DEFECTS)
def test_every_code_of_the_page_is_found(code: str) -> None:
    """Turns red if a rule is dropped from the examination, or finds with a weight the page does not give it."""
    base, changes = DEFECTS[code]
    weights = {each.severity.value for each in found(base, changes) if each.code == code}
    assert weights
    assert weights <= set(ROWS[code].split(", "))


@pytest.mark.parametrize("code", sorted(set(DEFECTS) - {"no_law_in_force"}))
def test_every_finding_says_what_to_do_and_where_it_stands(code: str) -> None:
    """Turns red if a finding has no cure or cites a section that its address is not of."""
    base, changes = DEFECTS[code]
    for each in found(base, changes):
        assert each.sentence
        assert each.cure
        assert each.citation is not None
        section = each.citation.url.rsplit("/", 1)[1]
        assert section in each.citation.provision or each.code == "ballot_window_short"


def test_the_page_has_every_code_and_no_other() -> None:
    """Turns red if a code is added to the rules and not to docs/lint.md, or stays there when its rule is gone."""
    assert set(ROWS) == {*DEFECTS, *ELSEWHERE}
    sources = "\n".join(path.read_text(encoding="utf-8") for path in Path(ROOT / "ballots" / "lint").glob("*.py"))
    literal = set(re.findall(r"(?:stop|warn|note|finding|missing)\(\s*\"([a-z_]+_[a-z_]+)\"", sources))
    assert len(literal) > 40
    assert literal <= set(ROWS)
