"""The head teacher refuses; the officer negotiates, and management accepts."""

from __future__ import annotations

from datetime import date

from app.demo import scenes
from app.demo.screenplay import Outcome, Play, School
from casework.lifecycle import Stage

CLAUSES = (
    scenes.clause("lesson-planning", "Plans are the teacher's own; none is handed in or collected", date(2026, 11, 9)),
    scenes.clause("reports", "One written report a year, from a bank of comments", date(2026, 11, 9)),
)

PLAY = Play(
    name="settled_by_officer",
    title="Settled by the officer",
    raised_on=date(2026, 9, 15),
    issues=("lesson-planning", "reports"),
    schools=(School("134319", 17, "The Director of Children's Services", "relations.leeds@employer.example"),),
    scenes=(
        *scenes.first_day(date(2026, 9, 15), meets_on=date(2026, 9, 21)),
        scenes.members_meet(date(2026, 9, 21), present=80, in_favour=75),
        scenes.head_answers(date(2026, 9, 28), "refused", "Rep and head meet; the head refuses"),
        *scenes.officer_takes_it(date(2026, 9, 29), date(2026, 10, 6), strike=48),
        scenes.negotiation(date(2026, 10, 20), "accepted", "Officer and head meet; management accepts"),
        scenes.written_down(date(2026, 11, 3), CLAUSES),
        scenes.signed_off(date(2026, 11, 17)),
        scenes.kept(date(2027, 2, 10), "Seventeen members asked: no plan was collected this term"),
        scenes.kept(date(2027, 5, 10), "One report written in the year; the bank of comments is used"),
    ),
    ends=(Outcome.SETTLED_BY_OFFICER, Stage.MONITORING),
)
