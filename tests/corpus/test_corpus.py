"""The linter against the corpus: every planted defect with its section and its place, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable

import pytest
from typer.testing import CliRunner

from app.cli.main import app
from ballots.lint import lint
from ballots.pack_reading import read_pack
from core.findings import Finding, Severity
from core.law import current_law
from tests.corpus.cases import Case, Expected, Findings, cases, every_case
from tests.corpus.listing import README, told
from tests.corpus.moving import moved
from tests.processes import mandate

CODES = frozenset(
    {
        "unsupported_jurisdiction",
        "no_law_in_force",
        "method_not_permitted",
        "dispute_settled",
        "employer_wrong",
        "ballot_notice_missing",
        "sample_paper_missing",
        "electorate_mixes_employers",
        "scrutineer_missing",
        "voting_paper_scrutineer_missing",
        "ballot_notice_late",
        "sample_paper_late",
        "action_notice_late",
        "ballot_notice_opening_day_missing",
        "ballot_notice_total_missing",
        "ballot_notice_lists_missing",
        "ballot_notice_figures_missing",
        "ballot_notice_explanation_missing",
        "voting_paper_question_missing",
        "voting_paper_caller_missing",
        "voting_paper_return_missing",
        "voting_paper_unnumbered",
        "voting_paper_statement_wrong",
        "voting_paper_summary_missing",
        "voting_paper_asos_types_missing",
        "voting_paper_period_missing",
        "figures_disagree",
        "turnout_not_met",
        "support_not_met",
        "majority_not_met",
        "result_arithmetic",
        "result_not_told_employer",
        "action_notice_before_result_told",
        "action_kind_not_balloted",
        "called_before_ballot_date",
        "caller_not_specified",
        "action_notice_missing",
        "action_notice_pattern_missing",
        "action_notice_dates_missing",
        "action_notice_figures_missing",
        "action_notice_explanation_missing",
        "action_not_notified",
        "mandate_expired",
        "restart_without_notice",
    }
)
WARNS = frozenset({"category_vague", "ballot_window_short", "result_told_late", "majority_contested"})
LAW = current_law()
CASES = pytest.mark.parametrize("case", every_case(), ids=lambda case: case.name)
THROUGH_THE_PROGRAM = (
    "defects/strike_a_minute_after_the_period",
    "defects/second_trust_missed",
    "defects/three_joiners",
    "clean/trust_strike_day_2026",
    "edges/midnight_that_ends_the_mandate",
    "edges/everything_on_its_last_day_2026",
)


@CASES
def test_the_pack_as_it_stands(case: Case) -> None:
    """Turns red if any one rule of the linter is taken out, fires twice as wide, or cites another section."""
    found = lint(read_pack(case.mapping(), texts=case.is_json), LAW)
    assert _differences(found, case.here) == []


@CASES
def test_the_pack_on_the_other_side_of_the_change(case: Case) -> None:
    """Turns red if a rule is chosen by the day of another rule, or by one day for all."""
    facts = moved(case.mapping(), case.weeks)
    found = lint(read_pack(facts, texts=case.is_json), LAW)
    assert _differences(found, case.there) == []


@pytest.mark.parametrize("case", every_case()[::4], ids=lambda case: case.name)
def test_the_command_refuses_on_a_stop_and_only_then(case: Case) -> None:
    """Every fourth pack. Turns red if `mandate lint` exits 0 on a stop, 1 on a warn, or prints other than the rules."""
    ran = CliRunner().invoke(app, ["lint", str(case.path), "--json"])
    assert ran.exit_code == (1 if case.here.stops else 0), ran.output
    printed = {(told["code"], told["severity"]) for told in json.loads(ran.stdout)["findings"]}
    found = lint(read_pack(case.mapping(), texts=case.is_json), LAW)
    given = {(finding.code, finding.severity.value) for finding in found}
    assert _weighty(printed) == _weighty(given)


@pytest.mark.parametrize("name", THROUGH_THE_PROGRAM)
def test_the_real_program_says_the_same(name: str) -> None:
    """Turns red if the installed command does not know `lint`, or another exit code reaches the shell."""
    case = next(case for case in every_case() if case.name == name)
    ran = subprocess.run(mandate("lint", str(case.path), "--json"), capture_output=True, text=True, check=False)
    assert ran.returncode == (1 if case.here.stops else 0), ran.stderr
    stops = {told["code"] for told in json.loads(ran.stdout)["findings"] if told["severity"] == "stop"}
    assert stops == {expected.code for expected in case.here.stops}


def test_the_corpus_is_large_enough_and_plants_every_code() -> None:
    """Turns red if a code of the pack's contract has no pack that plants it, or a folder shrinks."""
    planted = [case for case in cases("defects") if case.here.stops]
    assert len(cases("clean")) >= 20
    assert len(cases("edges")) >= 20
    assert len(planted) >= 40
    assert {expected.code for case in planted for expected in case.here.stops} >= CODES
    assert {expected.code for case in cases("defects") for expected in case.here.warns} >= WARNS - {
        "majority_contested"
    }


@pytest.mark.parametrize("case", [*cases("clean"), *cases("edges")], ids=lambda case: case.name)
def test_a_clean_pack_plants_nothing(case: Case) -> None:
    """Turns red if a pack with a stop is counted as clean."""
    assert case.here.stops == ()


def test_one_defect_in_a_pack() -> None:
    """Turns red if a pack plants two defects; three of them have one defect that is two findings by its nature."""
    twice = {case.path.stem for case in cases("defects") if len(case.here.stops) + len(case.here.warns) > 1}
    assert twice == {
        "council_bypassed_to_the_end",
        "fifty_one_and_the_paper_names_none",
        "noticed_the_day_before_it_was_told",
    }


def test_the_corpus_ranges_widely() -> None:
    """Turns red if a nation, a format, a year or a number of employers is no longer among the packs."""
    packs = [case.mapping() for case in every_case()]
    assert {pack["dispute"]["nation"] for pack in packs} >= {"england", "wales", "scotland", "northern-ireland"}
    assert {case.path.suffix for case in every_case()} == {".toml", ".json"}
    years = {str(pack["ballot"]["opens"])[:4] for pack in packs}
    assert years >= {"2015", "2017", "2018", "2024", "2025", "2026", "2027"}
    employers = {len({place["employer"] for place in pack["dispute"]["workplaces"]}) for pack in packs}
    assert employers == {1, 2, 3}


def test_the_readme_lists_the_corpus() -> None:
    """Turns red if the table was not written anew: python -m tests.corpus.listing."""
    assert README.read_text(encoding="utf-8") == told()


def _weighty(found: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """All but the notes: the command adds its own about law that may change."""
    return {(code, severity) for code, severity in found if severity != Severity.NOTE.value}


def _differences(found: Iterable[Finding], expected: Findings) -> list[str]:
    """What is missing and what is too much, in words."""
    listed = tuple(found)
    stops = [finding for finding in listed if finding.severity is Severity.STOP]
    warns = [finding for finding in listed if finding.severity is Severity.WARN and finding.code in CODES | WARNS]
    return _unmatched(stops, expected.stops) + _unmatched(warns, expected.warns)


def _unmatched(found: list[Finding], expected: tuple[Expected, ...]) -> list[str]:
    missing = [f"missing: {one}" for one in expected if not any(_matches(finding, one) for finding in found)]
    extra = [
        f"too much: {finding.severity} {finding.code} at {finding.where} by {finding.citation}: {finding.sentence}"
        for finding in found
        if not any(_matches(finding, one) for one in expected)
    ]
    return missing + extra


def _matches(finding: Finding, expected: Expected) -> bool:
    return (
        finding.code == expected.code
        and (not expected.sections or any(_cites(finding, section) for section in expected.sections))
        and (not expected.places or any(_lies_under(finding.where or "", place) for place in expected.places))
    )


def _cites(finding: Finding, section: str) -> bool:
    """Whether a citation names a section: "s. 226" is in "s. 226(2)(a)", and not in "s. 226A"."""
    number = section.removeprefix("s. ")
    return re.search(rf"(?<![0-9A-Z]){number}(?![0-9A-Z])", str(finding.citation)) is not None


def _lies_under(where: str, place: str) -> bool:
    return where == place or where.startswith((f"{place}.", f"{place}["))
