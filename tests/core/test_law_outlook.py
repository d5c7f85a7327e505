"""What planned changes would make of an answer: what differs, both outcomes, and the note that they differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from core.errors import BadInput
from core.findings import Citation
from core.law import Certainty, Law, LegalValue, Parameter
from core.law_outlook import differing, law_may_change, side_by_side
from core.why import Why

SOURCE = Citation("An Act", "s. 1", "https://example.org/act")
CHECKED = date(2026, 11, 21)
IN_FORCE = LegalValue(
    parameter="test.days",
    value=7,
    unit="calendar_days",
    keyed_on="ballot_opened_on",
    from_=date(2005, 10, 1),
    to=None,
    citation=SOURCE,
    certainty=Certainty.CONFIRMED,
    last_checked=CHECKED,
)
PLANNED = replace(
    IN_FORCE,
    value=5,
    from_=None,
    certainty=Certainty.UNCONFIRMED,
    change="shorter",
    citation=replace(SOURCE, act="A Bill"),
)


class Unread(dict[str, Parameter]):
    """Parameters of which one must never be read."""

    def __getitem__(self, name: str) -> Parameter:
        assert name != "test.unread", "a parameter was read that the answer does not rest on"
        return super().__getitem__(name)


def law() -> Law:
    days = Parameter("test.days", "Days", "calendar_days", "ballot_opened_on", (IN_FORCE,), (PLANNED,))
    return Law(Unread({"test.days": days, "test.unread": replace(days, name="test.unread")}))


def days_on(opens: date) -> Any:
    def calculate(given: Law) -> dict[str, Any]:
        value = given.at("test.days", opens)
        return {"step": {"days": value.value, "citation": value.citation}, "findings": ()}

    return calculate


def test_a_planned_change_that_would_alter_the_answer_is_told_of() -> None:
    """Turns red if the change is taken as in force from any day but the one that chooses the value."""
    opens = CHECKED + timedelta(days=2)
    (note,) = law_may_change(days_on(opens), law(), {"ballot_opened_on": opens})
    assert (note.code, note.severity, note.where) == ("law_may_change", "note", "test.days")
    assert note.citation == PLANNED.citation
    assert "(shorter) would alter this answer, were it in force on Monday 23 November 2026: step.days." in note.sentence
    assert "stricter" in note.cure
    assert "--assume shorter=DATE" in note.cure


@pytest.mark.parametrize(
    ("opens", "keys"),
    [
        (CHECKED, {"ballot_opened_on": CHECKED}),
        (CHECKED + timedelta(days=2), {"ballot_opened_on": None}),
        (CHECKED + timedelta(days=2), {"ballot_closed_on": CHECKED + timedelta(days=2)}),
    ],
    ids=["not-in-force-when-checked", "date-not-given", "chosen-by-another-date"],
)
def test_a_change_that_cannot_reach_the_facts_is_not_told_of(opens: date, keys: dict[str, date | None]) -> None:
    """Turns red if a change may reach back behind the day on which it was seen not to be in force."""
    assert law_may_change(days_on(opens), law(), keys) == ()


def test_a_change_that_leaves_the_answer_alone_is_not_told_of() -> None:
    """Turns red if another source, or the note that a value is not confirmed, counts as another answer."""
    opens = CHECKED + timedelta(days=2)

    def calculate(given: Law) -> dict[str, Any]:
        value = given.at("test.days", opens)
        return {"citation": value.citation, "findings": (value.certainty,), "days": min(value.whole, 5)}

    assert law_may_change(calculate, law(), {"ballot_opened_on": opens}) == ()


def test_both_answers_stand_side_by_side() -> None:
    law_of_all = Law({"test.days": law().parameter("test.days")})
    answer = side_by_side(days_on(date(2027, 5, 1)), law_of_all, {"shorter": date(2027, 4, 1)})
    assert answer["step"]["days"] == 7
    assert answer["assumed"] == {
        "assumptions": {"shorter": date(2027, 4, 1)},
        "differs": ["step.days"],
        "step": {"days": 5, "citation": PLANNED.citation},
        "findings": (),
    }
    before = side_by_side(days_on(date(2027, 3, 31)), law_of_all, {"shorter": date(2027, 4, 1)})
    assert before["assumed"]["differs"] == []


def test_an_assumption_under_no_planned_name_is_refused() -> None:
    with pytest.raises(BadInput, match="shorter"):
        side_by_side(days_on(date(2027, 5, 1)), Law({"test.days": law().parameter("test.days")}), {"x": CHECKED})


WHY = Why("A rule.", {"a": "1"}, "1 + 1 = 2", SOURCE, "confirmed")


@pytest.mark.parametrize(
    ("one", "other", "keys"),
    [
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, ["a.c"]),
        ({"a": [1, 2]}, {"a": [1, 3]}, ["a"]),
        ({"a": None}, {"a": {"b": 1}}, ["a"]),
        ({"a": 1}, {"b": 1}, ["a", "b"]),
        ({"a_why": WHY, "a": 1}, {"a_why": replace(WHY, arithmetic="1 + 1 = 3"), "a": 1}, []),
        ({"citation": {"act": "One"}}, {"citation": {"act": "Another"}}, []),
        ({"a": IN_FORCE}, {"a": replace(IN_FORCE, value=8)}, ["a.value"]),
        ({"a": 1}, {"a": 1}, []),
    ],
)
def test_what_differs_is_named_by_dotted_keys(one: Any, other: Any, keys: list[str]) -> None:
    assert differing(one, other) == keys
