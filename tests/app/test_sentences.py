"""One sentence for each kind of event."""

from __future__ import annotations

from typing import Any

import pytest

from app.sentences import SENTENCES, by_whom, in_list, sentence
from casework.lifecycle import EventKind

K = EventKind


def test_every_kind_of_event_has_a_sentence() -> None:
    assert set(SENTENCES) == set(EventKind)


@pytest.mark.parametrize(
    ("kind", "facts", "words"),
    [
        (K.MEMBERS_MEETING_HELD, {"present": 18, "in_favour": 16, "members": 22},
         "18 of 22 members met; 16 were in favour."),
        (K.MEMBERS_MEETING_HELD, {"present": 1, "in_favour": 1}, "1 member met; 1 was in favour."),
        (K.CASE_RAISED, {"issues": ["email"], "pursuit": "focus"}, "The case was raised over 1 issue: Email."),
        (K.HEAD_LETTER_SENT, {"answer_by": "2026-09-11"},
         "The members’ letter was made out to the head teacher, to be answered by 11 September 2026."),
        (K.HEAD_MET, {"answer": "adjourned"}, "The rep met the head teacher; the meeting was adjourned."),
        (K.OFFICER_DECLINED, {"reason": "too far away."}, "The officer declined the case: too far away."),
        (K.ASSESSMENT_RECORDED, {"present": 10, "ready_for_asos": 9, "ready_to_strike": 8},
         "The officer met 10 members: 9 ready for action short of a strike, 8 ready to strike."),
        (K.BALLOT_AUTHORISED, {"ballot_id": "x", "opens_on": "2026-10-01", "closes_on": "2026-10-29"},
         "A ballot was authorised, open from 1 October 2026 to 29 October 2026."),
        (K.TURNOUT_REPORTED, {"cast": 11, "entitled": 22}, "11 of 22 voting papers were returned so far."),
        (K.RESULT_DECLARED, {"mandates": ["strike"], "cast": 20, "entitled": 22},
         "The result was declared: a mandate for a strike; 20 of 22 voting papers came back."),
        (K.RESULT_DECLARED, {"mandates": ["strike", "asos"]},
         "The result was declared: a mandate for a strike and action short of a strike."),
        (K.RESULT_DECLARED, {"mandates": []}, "The result was declared: no mandate."),
        (K.RESULT_DECLARED, {"mandates": [], "cast": 18, "entitled": 40, "questions": {
            "strike": {"reasons": ["majority_not_met", "turnout_not_met"]}, "asos": {"reasons": ["turnout_not_met"]}}},
         "The result was declared: no mandate (no majority of Yes votes and too few papers came back); "
         "18 of 40 voting papers came back."),
        (K.SCRUTINEER_REPORTED, {"clean": False}, "The scrutineer’s report came, with reservations."),
        (K.ASOS_AUTHORISED, {"instructions": [2, 4, 18], "starts_on": "2026-12-01"},
         "Action short of a strike was authorised under instructions 2, 4 and 18."),
        (K.STRIKE_AUTHORISED, {"days": ["2026-12-01", "2026-12-02"]},
         "A strike was authorised for 1 December 2026 and 2 December 2026."),
        (K.STRIKE_DAY_HELD, {"on": "2026-12-01", "took_part": 20},
         "The strike day 1 December 2026 was held; 20 members took part."),
        (K.STRIKE_DAY_WITHDRAWN, {"on": "2026-12-02", "reason": "talks resumed"},
         "The strike day 2 December 2026 was withdrawn: talks resumed."),
        (K.MONITORING_CHECK_RECORDED, {"broken": ["email"]}, "The agreement was checked: it is not kept on Email."),
        (K.MONITORING_CHECK_RECORDED, {"broken": []}, "The agreement was checked and is kept."),
        (K.CASE_RESTED, {"reason": "half term", "wake_on": "2026-11-02"},
         "The case was put to rest until 2 November 2026: half term."),
    ],
)  # fmt: skip
def test_an_event_reads_as_a_sentence(kind: EventKind, facts: dict[str, Any], words: str) -> None:
    assert sentence(kind, facts) == words


@pytest.mark.parametrize(
    ("actor", "words"),
    [
        ("officer:8a1f", "the officer"),
        ("staff:dashboard", "staff"),
        ("flow:deadline-sweep", "Mandate, by itself"),
    ],
)
def test_who_recorded_is_told_by_kind_and_never_by_id(actor: str, words: str) -> None:
    assert by_whom(actor) == words


def test_a_list_reads_as_people_say_it() -> None:
    assert [in_list(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
