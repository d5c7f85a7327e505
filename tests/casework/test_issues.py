"""The catalogue of issues and instructions: complete, consistent, and strict about its own files."""

from __future__ import annotations

import shutil
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from casework.issues import catalogue
from casework.issues.catalogue import Backing, Binds, SetBy
from core.errors import BadInput, NotFound
from core.law import current_law
from core.nations import Nation

A_SCHOOL_YEAR = date(2025, 9, 1)

INSTRUCTIONS_BY_ISSUE = {
    "lesson-planning": (1,),
    "meetings": (2,),
    "mock-inspections": (3,),
    "email": (4,),
    "appraisal": (5,),
    "observation": (6, 7, 8),
    "reports": (9,),
    "ppa": (10, 11),
    "leadership-time": (12, 13),
    "cover": (14,),
    "admin-tasks": (15,),
    "exam-invigilation": (16,),
    "gained-time": (17,),
    "new-initiatives": (18,),
}


def test_the_fourteen_issues_and_the_instructions_that_serve_them():
    """Red when an issue is lost or renamed, or its `instructions` change."""
    assert {row.code: row.instructions for row in catalogue.issues()} == INSTRUCTIONS_BY_ISSUE


def test_the_eighteen_instructions_are_numbered_without_gaps():
    """Red when a number in `instructions.yaml` is dropped."""
    assert [row.number for row in catalogue.instructions()] == list(range(1, 19))


def test_every_instruction_has_exactly_one_issue_and_that_issue_names_it():
    """Red when `_check_references` is taken out and one file changes."""
    for row in catalogue.instructions():
        owners = [issue.code for issue in catalogue.issues() if row.number in issue.instructions]
        assert owners == [row.issue]


@pytest.mark.parametrize(
    ("code", "figure", "set_by"),
    [
        ("meetings", "directed time in a school year: at most 1,265 hours", SetBy.STPCD),
        ("meetings", "after-school meetings on average in a week: at most 1 meeting", SetBy.UNION),
        ("meetings", "length of an after-school meeting: at most 60 minutes", SetBy.UNION),
        ("meetings", "evenings in any week, parents' evenings included: at most 2 evenings", SetBy.UNION),
        ("observation", "observations of one teacher in a year for all purposes: at most 3 observations", SetBy.UNION),
        ("observation", "time for which one teacher is observed in a year: at most 3 hours", SetBy.UNION),
        ("reports", "written reports on one pupil in a year: at most 1 report", SetBy.UNION),
        (
            "ppa",
            "planning, preparation and assessment time: at least 10 per cent of timetabled teaching time",
            SetBy.STPCD,
        ),
    ],
)
def test_the_figures_of_the_limits(code, figure, set_by):
    """Red when a figure, its side or its source changes in `catalogue.yaml`."""
    found = {str(limit): limit.set_by for limit in catalogue.issue(code).limits}

    assert found[figure] is set_by


def test_the_documents_figures_are_those_of_the_law_files():
    """Red when a figure is changed in the catalogue or in `casework/law`, and not in both."""
    law = current_law()
    cap, share = (limit for issue in catalogue.issues() for limit in issue.limits if limit.law_parameter is not None)

    assert cap.value == law.at(cap.law_parameter, A_SCHOOL_YEAR, nation=Nation.ENGLAND).whole
    assert Fraction(share.value, 100) == law.at(share.law_parameter, A_SCHOOL_YEAR, nation=Nation.ENGLAND).fraction


@pytest.mark.parametrize("code", INSTRUCTIONS_BY_ISSUE)
def test_every_issue_can_be_measured_argued_and_asked_for(code):
    """Red when an issue is left without limits, evidence, arguments of two or three sentences, or an ask."""
    issue = catalogue.issue(code)

    assert issue.limits
    assert issue.evidence
    assert issue.ask.endswith(".")
    for arguments in (issue.union_arguments, issue.educational_arguments):
        assert 2 <= arguments.count(".") <= 3


def test_the_issues_that_the_pay_and_conditions_document_stands_behind():
    """Red when the backing of an issue changes, or loses its citation."""
    backed = {row.code: row.stpcd.backing for row in catalogue.issues() if row.stpcd.backing is not Backing.NONE}

    assert backed == {
        "meetings": Backing.PART,
        "ppa": Backing.FULL,
        "leadership-time": Backing.FULL,
        "cover": Backing.FULL,
        "admin-tasks": Backing.FULL,
        "exam-invigilation": Backing.PART,
    }
    for issue in catalogue.issues():
        assert (issue.stpcd.citation is not None) == (issue.code in backed)
        if any(limit.set_by is SetBy.STPCD for limit in issue.limits):
            assert issue.code in backed
    assert catalogue.issue("meetings").stpcd.citation.provision == "paragraph 51"


def test_observing_others_binds_observers_only():
    """Red when instruction 7 is addressed to anyone who does not observe."""
    assert catalogue.instruction(7).binds == (Binds.OBSERVERS,)
    assert [row.number for row in catalogue.instructions() if Binds.OBSERVERS in row.binds] == [7]


def test_headship_time_binds_heads_who_teach_half_the_timetable_or_more():
    """Red when instruction 13 loses its 50, or binds anyone but heads."""
    row = catalogue.instruction(13)

    assert (row.binds, row.minimum_teaching_percent) == ((Binds.HEAD_TEACHERS,), 50)
    assert [other.number for other in catalogue.instructions() if other.minimum_teaching_percent] == [13]


def test_a_mock_counts_only_where_the_timetable_is_rearranged():
    """Red when the condition of instruction 16 is dropped."""
    assert "only where the timetable is rearranged" in catalogue.instruction(16).condition


def test_gained_time_has_six_permitted_activities():
    """Red when one of the six activities is dropped."""
    assert len(set(catalogue.instruction(17).permitted_activities)) == 6
    assert [row.number for row in catalogue.instructions() if row.permitted_activities] == [17]


def test_refusals_that_may_be_a_stoppage_are_marked_with_their_reason():
    """Red when `needs_strike_mandate_review` is dropped from one of these instructions."""
    marked = {row.number: row.review_reason for row in catalogue.instructions() if row.needs_strike_mandate_review}

    assert list(marked) == [2, 13, 14, 16]
    assert all(marked.values())


def test_every_instruction_speaks_to_members_and_to_heads():
    """Red when a text is emptied or one is pasted over the other."""
    for row in catalogue.instructions():
        assert row.text.endswith(".")
        assert row.text_for_heads.endswith(".")
        assert row.text != row.text_for_heads
        assert row.compliance_evidence


@pytest.mark.parametrize(
    ("codes", "numbers"),
    [
        ([], []),
        (["cover"], [14]),
        (["ppa", "observation"], [6, 7, 8, 10, 11]),
        (["cover", "cover"], [14]),
    ],
)
def test_instructions_for_issues_come_once_each_by_number(codes, numbers):
    """Red when `sorted` or the set is taken out of `instructions_for`."""
    assert [row.number for row in catalogue.instructions_for(codes)] == numbers


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda: catalogue.issue("marking"), "There is no workload issue marking."),
        (lambda: catalogue.instruction(0), "There is no instruction 0."),
        (lambda: catalogue.instruction(19), "There is no instruction 19."),
        (lambda: catalogue.instructions_for(["cover", "data"]), "There is no workload issue data."),
    ],
)
def test_what_is_not_in_the_catalogue_is_refused(ask, sentence):
    """Red when an unknown code is answered with nothing."""
    with pytest.raises(NotFound) as refusal:
        ask()
    assert str(refusal.value) == sentence


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A copy of both files to break."""
    for name in (catalogue.CATALOGUE_FILE, catalogue.INSTRUCTIONS_FILE):
        shutil.copy(catalogue.FOLDER / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("catalogue.yaml", "  title: Email\n", "  title: Email\n  colour: red\n", ["3.colour", "only keys"]),
        ("catalogue.yaml", "value: 60,", "value: '60',", ["1.limits.2.value", "'60'", "valid integer"]),
        ("catalogue.yaml", "bound: at-least", "bound: under", ["bound", "'under'", "at-most"]),
        ("catalogue.yaml", "  title: Email\n", "", ["3.title", "no value"]),
        ("catalogue.yaml", "  title: Email\n", "  title: Email\n  title: Mail\n", ["title", "twice", "line "]),
        ("catalogue.yaml", "instructions: [14]", "instructions: []", ["14.issue", "'cover'"]),
        ("catalogue.yaml", "instructions: [14]", "instructions: [14, 19]", ["cover.instructions", "19"]),
        ("catalogue.yaml", "instructions: [14]", "instructions: [14, 15]", ["cover.instructions", "15"]),
        ("catalogue.yaml", "code: cover", "code: email", ["code", "'email'", "2 times"]),
        ("catalogue.yaml", "- code: lesson-planning", "- code: [lesson", ["(file)", "YAML"]),
        ("instructions.yaml", "issue: email", "issue: post", ["email.instructions", "4"]),
        ("instructions.yaml", "- number: 2\n", "- number: 1\n", ["number", "2 times"]),
        ("instructions.yaml", "  minimum_teaching_percent: 50", "  minimum_teaching: 50", ["12.minimum_teaching"]),
        (
            "instructions.yaml",
            "needs_strike_mandate_review: true\n  review_reason: Declining a directed lesson",
            "needs_strike_mandate_review: false\n  review_reason: Declining a directed lesson",
            ["14.review_reason", "exactly where"],
        ),
    ],
)
def test_a_slip_in_a_file_is_refused_by_file_and_key(files, name, old, new, words):
    """Red when the loader stops forbidding unknown keys, converts values, or skips a cross-check."""
    text = (files / name).read_text()
    assert old in text
    (files / name).write_text(text.replace(old, new, 1))

    with pytest.raises(BadInput) as refusal:
        catalogue.load_catalogue(files)
    for word in words:
        assert word in str(refusal.value)
    assert ".yaml: " in str(refusal.value)


def test_the_catalogue_is_read_once(monkeypatch):
    """Red when `@cache` is taken off `_shipped`."""
    catalogue.issues()
    monkeypatch.setattr(catalogue, "load_catalogue", lambda _: pytest.fail("read a second time"))

    assert catalogue.issue("cover") is catalogue.issue("cover")
