"""What text the facts of any act take."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from pydantic import ValidationError

from casework.acts import ACTS, LONGEST_TEXT, EmployerAddress, MeetingArranged, Reason, Rested
from core.errors import BadInput
from core.unit_of_work import UnitOfWork
from tests.builders import a_case


@pytest.mark.parametrize("reason", ["   ", "\t\n ", "\u00a0\u2003 "])
def test_a_reason_of_white_space_is_none(reason: str) -> None:
    """Red when text is not stripped before its length is taken."""
    with pytest.raises(ValidationError, match="at least 3 characters"):
        Reason(reason=reason)


def test_text_is_stripped_and_keeps_its_lines() -> None:
    """Red when `str_strip_whitespace` is not set, or a line's end counts as a control character."""
    assert Reason(reason="  first\r\n\tthen ").reason == "first\r\n\tthen"
    assert Rested.model_validate({"reason": "شتاء بارد", "wake_on": "2027-01-04"}).reason == "شتاء بارد"


@pytest.mark.parametrize("letter", ["\x00", "\x1b", "\x7f", "\u202e", "\u2066", "\u2069"])
@pytest.mark.parametrize("strict", [True, False])
def test_a_control_character_is_refused_and_named(letter: str, strict: bool) -> None:
    """Red when `_require_plain` looks at categories only: U+202E is none of Cc."""
    given = json.dumps({"reason": f"half{letter}term"})
    with pytest.raises(ValidationError, match=f"control character U\\+{ord(letter):04X}"):
        Reason.model_validate_json(given, strict=strict)


def test_the_lines_of_a_list_are_text_too() -> None:
    """Red when `plain_text` looks at single texts only."""
    for line in ("", "  ", "Any\x00town"):
        with pytest.raises(ValidationError, match="postal_lines"):
            EmployerAddress(postal_lines=["1 Broad Street", line])


@pytest.mark.parametrize(("length", "good"), [(LONGEST_TEXT, True), (LONGEST_TEXT + 1, False)])
def test_text_ends_somewhere(length: int, good: bool) -> None:
    """Red when `str_max_length` is not set."""
    if good:
        assert len(Reason(reason="a" * length).reason) == length
        return
    with pytest.raises(ValidationError, match="at most 2000 characters"):
        Reason(reason="a" * length)


def test_no_meeting_is_arranged_for_a_day_before_the_case_was_raised(uow: UnitOfWork) -> None:
    """One held since may be recorded afterwards. Red when `MEMBERS_MEETING_ARRANGED` looks at no day."""
    case = a_case(uow)
    arrange = next(act for act in ACTS if act.name == "members_meeting_arranged")
    too_early = MeetingArranged(meets_on=case.raised_on - timedelta(days=1))
    with pytest.raises(BadInput, match="meets_on") as refused:
        arrange.handler(uow, case.id, too_early, None)
    assert "when the case was raised" in refused.value.wanted
    arrange.handler(uow, case.id, MeetingArranged(meets_on=case.raised_on), None)
