"""From facts to fields and from what was typed back to facts."""

from __future__ import annotations

from datetime import date

import pytest

from app.acts import ACTS
from app.forms import Choice, Kind, Posted, fields_of, filled, initial, read
from app.posted import is_nonce, new_nonce
from ballots.acts import BallotPlan, Figures, StrikePlan
from casework.acts import IssueAdded, MeetingHeld, Met, Rested
from casework.agreements.acts import AgreementGiven, CheckGiven
from casework.pay.acts import ClaimMade

DAY: Posted = {"happened_on-day": ["1"], "happened_on-month": ["9"], "happened_on-year": ["2026"]}


def held(**changes: list[str]) -> Posted:
    return {**DAY, "present": ["22"], "in_favour": ["16"], **changes}


def test_what_was_typed_becomes_facts() -> None:
    reading = read(MeetingHeld, held())
    assert reading.errors == ()
    assert reading.facts == MeetingHeld(happened_on=date(2026, 9, 1), present=22, in_favour=16)


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"happened_on-day": ["31"], "happened_on-month": ["2"]}, "happened_on", "enter a real date"),
        ({"happened_on-day": [""]}, "happened_on", "enter a real date"),
        ({"happened_on-day": [""], "happened_on-month": [""], "happened_on-year": [""]}, "happened_on", "enter a date"),
        ({"present": ["twenty"]}, "present", "enter a whole number in figures"),
        ({"present": ["2.5"]}, "present", "enter a whole number in figures"),
        ({"present": [""]}, "present", "enter a whole number"),
        ({"present": ["0"], "in_favour": ["0"]}, "present", "must be 1 or more"),
        ({"in_favour": ["-1"]}, "in_favour", "must be 0 or more"),
        ({"in_favour": ["23"]}, "in_favour", "found 23, wanted at most the 22 present"),
    ],
)
def test_an_error_names_its_field_and_leads_to_it(typed: dict[str, list[str]], field: str, words: str) -> None:
    """Red when `_of_model` drops the field that a rule over several fields names."""
    reading = read(MeetingHeld, held(**typed))
    assert reading.facts is None
    (error,) = reading.errors
    assert error.name == field
    assert words in error.text
    ids = {each.id for each in fields_of(MeetingHeld)}
    assert error.href.removeprefix("#") in ids


def test_as_many_in_favour_as_present_is_no_error() -> None:
    assert read(MeetingHeld, held(in_favour=["22"])).errors == ()


def test_every_error_is_told_at_once_in_the_order_of_the_fields() -> None:
    """Red when `read` stops at the first unreadable field."""
    reading = read(MeetingHeld, {"happened_on-day": ["x"], "present": ["y"]})
    assert [error.name for error in reading.errors] == ["happened_on", "present", "in_favour"]


def test_what_was_typed_is_kept_beside_its_error() -> None:
    posted = held(present=["twenty"])
    fields = {each.field.name: each for each in filled(MeetingHeld, posted, read(MeetingHeld, posted).errors)}
    assert fields["present"].text == "twenty"
    assert fields["present"].error
    assert fields["in_favour"].text == "16"
    assert fields["in_favour"].error is None
    assert fields["happened_on"].parts == {"day": "1", "month": "9", "year": "2026"}


def test_a_literal_becomes_a_choice() -> None:
    answer = next(field for field in fields_of(Met) if field.name == "answer")
    assert (answer.kind, [choice.value for choice in answer.choices]) == (
        Kind.CHOICE,
        ["accepted", "refused", "adjourned"],
    )
    assert read(Met, {**DAY, "answer": ["perhaps"]}).errors[0].text == "The answer: choose one of the answers"


def test_an_issue_is_chosen_from_the_catalogue() -> None:
    (field,) = fields_of(IssueAdded)
    assert field.kind is Kind.CHOICE
    assert "meetings" in {choice.value for choice in field.choices}


def test_answers_of_the_case_are_offered_and_several_may_be_ticked() -> None:
    offered = {"broken": (Choice("meetings", "Meetings"), Choice("email", "Email"))}
    field = next(each for each in fields_of(CheckGiven, offered) if each.name == "broken")
    assert field.kind is Kind.CHOICES
    facts = read(CheckGiven, {**DAY, "broken": ["meetings", "email"], "evidence": ["seen"]}).facts
    assert facts is not None
    assert facts.model_dump()["broken"] == ("meetings", "email")


def test_pounds_are_typed_and_pence_are_kept() -> None:
    """Red when `_pence` forgets the hundredfold."""
    field = next(each for each in fields_of(ClaimMade) if each.name == "deducted_pence")
    assert field.kind is Kind.MONEY
    assert "pence" not in field.label
    sha = "a" * 64
    typed = {"membership_number": ["7"], "days": ["2026-12-01, 2026-12-02"], "evidence_sha256": [sha]}
    facts = read(ClaimMade, {**typed, "deducted_pence": ["£1,234.56"]}).facts
    assert isinstance(facts, ClaimMade)
    assert facts.deducted_pence == 123_456
    assert facts.days == [date(2026, 12, 1), date(2026, 12, 2)]
    assert "such as 1234.56" in read(ClaimMade, {**typed, "deducted_pence": ["1.5"]}).errors[0].text


def test_a_list_of_days_names_the_line_that_is_wrong() -> None:
    reading = read(StrikePlan, {"days": ["2026-12-01\n2026-13-01"]})
    assert reading.errors[0].text == "Strike days: line 2, must be a date such as 1 December 2026"


@pytest.mark.parametrize(
    "typed", ["7 September 2027", "Tue 7 Sept 2027", "tuesday 7 Sep. 2027", "7/9/2027", "07.09.2027"]
)
def test_a_day_in_a_list_is_taken_as_people_write_it(typed: str) -> None:
    """Turns red when only 2027-09-07 is taken, or 7/9 is read as 9 July."""
    assert read(StrikePlan, {"days": [typed]}).facts == StrikePlan(days=[date(2027, 9, 7)])


@pytest.mark.parametrize(
    "typed", ["Mon 7 September 2027", "7 Septembre 2027", "31/9/2027", "7 September", "soon 7 May 2027"]
)
def test_what_is_no_day_is_not_guessed_at(typed: str) -> None:
    """The 7th is a Tuesday. Turns red when the day of the week is passed over."""
    assert read(StrikePlan, {"days": [typed]}).errors


def test_a_row_has_its_parts_in_order() -> None:
    facts = read(AgreementGiven, {"clauses": ["meetings | One meeting a week | 2027-03-01\r\n\r\n"]}).facts
    assert isinstance(facts, AgreementGiven)
    (clause,) = facts.clauses
    assert (clause.issue, clause.what_changes, clause.from_on) == (
        "meetings",
        "One meeting a week",
        date(2027, 3, 1),
    )
    told = [read(AgreementGiven, {"clauses": [typed]}).errors[0].text for typed in ("meetings | x", "a|b|c|d")]
    assert "line 1" in told[0]
    assert "line 1 has 4 parts" in told[1]


def test_an_optional_count_may_stay_empty() -> None:
    facts = read(Figures, {"entitled": ["22"], "cast": ["18"], "asos_yes": ["16"], "asos_no": ["2"]}).facts
    assert isinstance(facts, Figures)
    assert facts.strike_yes is None
    half = read(Figures, {"entitled": ["22"], "cast": ["18"], "asos_yes": ["16"]})
    assert "wanted both counts" in half.errors[0].text


def test_a_required_list_of_choices_asks_for_at_least_one() -> None:
    days = {f"{name}-{part}": ["1"] for name in ("opens_on", "closes_on") for part in ("day", "month")}
    years = {f"{name}-year": ["2027"] for name in ("opens_on", "closes_on")}
    assert read(BallotPlan, {**days, **years}).errors[0].text == "What are members asked: choose at least one"


def test_a_blank_of_spaces_is_no_reason() -> None:
    assert read(Rested, {"reason": ["   "]}).errors[0].name == "reason"


@pytest.mark.parametrize("name", list(ACTS))
def test_every_act_has_a_form_whose_errors_lead_to_its_fields(name: str) -> None:
    facts = ACTS[name].facts
    fields = fields_of(facts)
    # A slip comes as an uploaded file, which the page asks for beside the fields.
    assert [field.name for field in fields] == [each for each in facts.model_fields if each != "document"]
    assert all(field.label for field in fields)
    assert all(field.choices for field in fields if field.kind in {Kind.CHOICE, Kind.CHOICES, Kind.FLAG})
    for error in read(facts, initial(facts)).errors:
        assert error.href.removeprefix("#") in {field.id for field in fields}


def test_a_nonce_has_one_shape() -> None:
    assert is_nonce(new_nonce())
    assert not is_nonce("form:1")
    assert not is_nonce("")
