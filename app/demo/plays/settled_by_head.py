"""Rep and head teacher agree at the first meeting; the agreement is kept, and the case closes."""

from __future__ import annotations

from datetime import date

from app.demo import scenes
from app.demo.screenplay import By, Outcome, Play, Scene, School
from casework.lifecycle import Stage

CLAUSES = (
    scenes.clause("ppa", "Ten per cent of timetabled teaching time, in blocks of an hour or more", date(2026, 10, 12)),
    scenes.clause("email", "No answer is expected after six in the evening or at weekends", date(2026, 10, 12)),
)

PLAY = Play(
    name="settled_by_head",
    title="Settled by the head",
    raised_on=date(2026, 9, 8),
    issues=("ppa", "email"),
    schools=(School("105243", 14, "The Chair of Governors", "governors.bolton@employer.example"),),
    scenes=(
        *scenes.first_day(date(2026, 9, 8), meets_on=date(2026, 9, 15)),
        scenes.members_meet(date(2026, 9, 15), present=85, in_favour=80),
        scenes.head_answers(date(2026, 9, 21), "accepted", "Rep and head meet; the head accepts what members ask"),
        scenes.written_down(date(2026, 9, 28), CLAUSES),
        scenes.signed_off(date(2026, 10, 5)),
        scenes.kept(date(2026, 12, 8), "All fourteen timetables seen: every block is an hour or more"),
        scenes.kept(date(2027, 3, 5), "No mail after six in three weeks of February"),
        Scene(
            date(2027, 3, 8),
            "monitoring_finished",
            By.OFFICER,
            "Monitoring ends: the agreement has become practice",
            {"reason": "two checks in a row found the agreement kept"},
        ),
    ),
    ends=(Outcome.SETTLED_BY_HEAD, Stage.CLOSED),
)
