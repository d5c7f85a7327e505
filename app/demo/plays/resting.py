"""Management promises a new timetable for the next school year; the case rests until it can be seen."""

from __future__ import annotations

from datetime import date

from app.demo import scenes
from app.demo.screenplay import By, Outcome, Play, Scene, School
from casework.lifecycle import Stage

WAKES_ON = date(2027, 9, 6)

PLAY = Play(
    name="resting",
    title="Resting until September",
    raised_on=date(2026, 9, 28),
    issues=("leadership-time", "admin-tasks"),
    schools=(School("103606", 22, "The Director of Education and Skills", "relations.city@employer.example"),),
    scenes=(
        *scenes.first_day(date(2026, 9, 28), meets_on=date(2026, 10, 5)),
        scenes.members_meet(date(2026, 10, 5), present=75, in_favour=60),
        scenes.head_answers(date(2026, 10, 8), "refused", "Rep and head meet; the head refuses"),
        *scenes.officer_takes_it(date(2026, 10, 9), date(2026, 10, 20), asos=45, strike=20),
        scenes.negotiation(date(2026, 11, 3), "adjourned", "Officer and head meet; a new timetable is promised"),
        Scene(
            date(2026, 11, 18),
            "case_rested",
            By.STAFF,
            "Members decide to wait for it: the case rests",
            {"reason": "management promises a new timetable for September 2027", "wake_on": WAKES_ON},
        ),
    ),
    ends=(Outcome.RESTING, Stage.OFFICER_NEGOTIATION),
)
