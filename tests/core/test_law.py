"""The law engine: which value answers for a day, a nation and earlier events."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from core import law_files
from core.errors import LawFileInvalid, NoLawInForce, UnknownParameter
from core.law import Certainty, Consultation, Law, LegalValue, NationNeeded, current_law, load
from core.law_findings import stale, unconfirmed
from core.nations import GREAT_BRITAIN, Nation
from tests.days import day

CHANGE = date(2026, 2, 18)
ONE_DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def law() -> Law:
    return current_law()


def test_a_boundary_belongs_to_the_new_value(law: Law) -> None:
    """Turns red if `covers` leaves out the first day, or keeps the old value's last day too long."""
    at = law.parameter("ballots.mandate_months").at
    assert [at(CHANGE - ONE_DAY).whole, at(CHANGE).whole] == [6, 12]


def test_a_day_before_the_first_value_has_no_law(law: Law) -> None:
    """Turns red if the nearest value is given."""
    with pytest.raises(NoLawInForce) as caught:
        law.at("ballots.notice_of_ballot_days", date(1993, 8, 29))
    assert caught.value.parameter == "ballots.notice_of_ballot_days"
    assert law.at("ballots.notice_of_ballot_days", date(1993, 8, 30)).whole == 7


def test_an_unknown_parameter_is_named(law: Law) -> None:
    """Turns red if a wrong name is answered with nothing."""
    with pytest.raises(UnknownParameter, match=r"ballots\.no_such_days"):
        law.at("ballots.no_such_days", CHANGE)


def test_no_requirement_is_a_value_of_its_own(law: Law) -> None:
    """Turns red if `null` is taken for a missing value."""
    before = law.at("ballots.turnout_fraction", date(2017, 2, 28))
    assert before.fraction is None
    assert law.at("ballots.turnout_fraction", date(2017, 3, 1)).fraction == Fraction(1, 2)


@pytest.mark.parametrize(("sample_on", "required"), [("Tue 2026-02-17", True), ("Wed 2026-02-18", False)])
def test_a_saving_keeps_the_older_value(law: Law, sample_on: str, required: bool) -> None:
    """Turns red if the saving's `before` day is itself saved."""
    value = law.at(
        "ballots.voting_paper_summaries_required",
        day("Mon 2026-02-23"),
        events={"sample_paper_received_on": day(sample_on)},
    )
    assert value.flag is required


def test_a_saving_does_nothing_without_its_event(law: Law) -> None:
    """Turns red if an event that has not happened counts as earlier."""
    for events in ({}, {"sample_paper_received_on": None}):
        assert law.at("ballots.dismissal_warning", CHANGE, events=events).text == "whole_action"


def test_a_saving_never_brings_forward(law: Law) -> None:
    """Turns red if a saving is looked at for a day before its own value."""
    events = {"sample_paper_received_on": date(2017, 1, 1)}
    value = law.at("ballots.voting_paper_summaries_required", date(2017, 2, 28), events=events)
    assert value.flag is False


@pytest.mark.parametrize(
    ("nation", "on", "expected"),
    [
        (Nation.WALES, "Tue 2017-09-12", Fraction(2, 5)),
        (Nation.WALES, "Wed 2017-09-13", None),
        (Nation.ENGLAND, "Wed 2017-09-13", Fraction(2, 5)),
        (Nation.SCOTLAND, "Tue 2026-02-17", Fraction(2, 5)),
        (Nation.SCOTLAND, "Wed 2026-02-18", None),
        (Nation.ENGLAND, "Tue 2017-02-28", None),
    ],
)
def test_nations_have_their_own_values(law: Law, nation: Nation, on: str, expected: Fraction | None) -> None:
    """Turns red if the Welsh carve-out is lost or spreads."""
    assert law.at("ballots.support_fraction", day(on), nation=nation).fraction == expected


def test_a_parameter_that_differs_wants_a_nation(law: Law) -> None:
    """Turns red if one nation's value is given for all."""
    with pytest.raises(NationNeeded, match=r"pay\.strike_deduction_fraction"):
        law.at("pay.strike_deduction_fraction", CHANGE)


@pytest.mark.parametrize(
    ("nation", "on", "expected"),
    [
        (Nation.ENGLAND, "Sat 2000-01-01", Fraction(1, 365)),
        (Nation.WALES, "Tue 2026-12-01", Fraction(1, 365)),
        (Nation.SCOTLAND, "Wed 2011-08-31", Fraction(1, 261)),
        (Nation.SCOTLAND, "Thu 2011-09-01", Fraction(1, 235)),
    ],
)
def test_the_deduction_fraction(law: Law, nation: Nation, on: str, expected: Fraction) -> None:
    """Turns red if a nation's fraction or its first day slips."""
    assert law.at("pay.strike_deduction_fraction", day(on), nation=nation).fraction == expected


@pytest.mark.parametrize("nation", GREAT_BRITAIN)
def test_every_parameter_answers_from_october_2005(law: Law, nation: Nation) -> None:
    """Turns red if any file starts later, or leaves a day out."""
    for parameter in law.parameters():
        on = date(2005, 10, 1)
        while on < date(2033, 1, 1):
            parameter.at(on, nation=nation)
            on += timedelta(days=13)
        for value in parameter.series(nation):
            assert value.from_ is not None
            parameter.at(max(value.from_, date(2005, 10, 1)), nation=nation)


def test_planned_changes_are_listed_and_never_looked_up(law: Law) -> None:
    """Turns red if a change without a date answers for some day."""
    turnout = law.parameter("ballots.turnout_fraction")
    assert [(change.value, change.certainty) for change in turnout.planned] == [(None, Certainty.UNCONFIRMED)]
    assert turnout.at(date(2032, 12, 31)).fraction == Fraction(1, 2)
    assert law.at("ballots.voting_methods", date(2026, 11, 23)).items == ("postal",)
    assert "electronic" in law.parameter("ballots.voting_methods").planned[0].items


@pytest.mark.parametrize("kind", ["whole", "fraction", "flag", "text", "items"])
def test_a_value_is_not_read_as_another_kind(law: Law, kind: str) -> None:
    """Turns red if a reader of one kind lets another through."""
    right = {
        "whole": "ballots.notice_of_ballot_days",
        "fraction": "ballots.majority_fraction",
        "flag": "ballots.picket_supervisor_required",
        "text": "ballots.dismissal_warning",
        "items": "ballots.voting_methods",
    }
    for other, parameter in right.items():
        value = law.at(parameter, CHANGE)
        if other == kind:
            assert getattr(value, kind) == value.value
        else:
            with pytest.raises(TypeError, match=parameter):
                getattr(value, kind)


def test_a_consultation_remembers_what_it_gave(law: Law) -> None:
    """Turns red if a value is listed twice, or under another nation."""
    consultation = Consultation(law, Nation.WALES)
    for _ in range(2):
        consultation.at("ballots.support_fraction", date(2020, 1, 1))
    assert [(value.parameter, value.nations) for value in consultation.given()] == [
        ("ballots.support_fraction", (Nation.WALES,))
    ]


def _value(**changes: object) -> LegalValue:
    from dataclasses import replace

    return replace(current_law().at("ballots.notice_of_ballot_days", CHANGE), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("today", "warns"), [(date(2027, 2, 19), 0), (date(2027, 2, 20), 1)])
def test_a_value_is_fresh_for_ninety_days(today: date, warns: int) -> None:
    """Turns red if ninety-one days are fresh, or ninety are not."""
    found = stale([_value(last_checked=date(2026, 11, 21))], today)
    assert [finding.severity for finding in found] == ["warn"] * warns
    assert stale([_value(last_checked=date(2020, 1, 1))], None) == []


def test_an_unconfirmed_value_is_shown_as_unconfirmed() -> None:
    """Turns red if certainty is dropped on the way to the reader."""
    shown = unconfirmed([_value(certainty=Certainty.UNCONFIRMED), _value()])
    assert [(finding.code, finding.where) for finding in shown] == [
        ("law_unconfirmed", "ballots.notice_of_ballot_days")
    ]


INVALID = sorted((Path(__file__).parent / "test_law_files_invalid").glob("*.yaml"))


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_a_broken_file_is_refused_with_a_sentence(path: Path, tmp_path: Path) -> None:
    """
    Each broken file breaks one rule; its first line says what the error names.

    Turns red if any one check of the format is taken out.
    """
    head, _, body = path.read_text(encoding="utf-8").partition("\n")
    wanted = head.removeprefix("# wants: ").split(" | ")
    copy = tmp_path / "pay.broken_days.yaml"
    copy.write_text(body, encoding="utf-8")
    with pytest.raises(LawFileInvalid) as caught:
        load(tmp_path)
    assert str(caught.value).startswith("pay.broken_days.yaml: ")
    assert [words for words in wanted if words not in str(caught.value)] == []


def test_there_is_a_broken_file_for_every_rule_of_the_format() -> None:
    """Turns red if the folder is emptied or moved."""
    assert len(INVALID) >= 25


def test_a_file_name_must_be_a_parameter(tmp_path: Path) -> None:
    """Turns red if any name goes."""
    (tmp_path / "Days Of Notice.yaml").write_text("label: x\n", encoding="utf-8")
    with pytest.raises(LawFileInvalid, match="not a parameter name"):
        load(tmp_path)


def test_two_folders_may_not_hold_the_same_parameter(tmp_path: Path) -> None:
    """Turns red if the second file silently wins."""
    source = Path(__file__).parent.parent.parent / "ballots/law/ballots.notice_of_ballot_days.yaml"
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(LawFileInvalid, match="another folder"):
        load(tmp_path / "one", tmp_path / "two")


def test_a_file_is_read_once_and_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if one calculator reads every file, or a file is read twice."""
    read: list[str] = []
    reader = law_files.read_parameter
    monkeypatch.setattr(law_files, "read_parameter", lambda path: read.append(path.stem) or reader(path))
    law = current_law.__wrapped__()
    for _ in range(2):
        law.at("ballots.mandate_months", CHANGE)
    assert read == ["ballots.mandate_months"]
    law.parameters()
    assert sorted(read) == sorted({parameter.name for parameter in law.parameters()})


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """Turns red if a wrong path gives a law without parameters."""
    with pytest.raises(LawFileInvalid, match="no such folder"):
        load(tmp_path / "nowhere")
