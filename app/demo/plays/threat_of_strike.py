"""Action short of a strike, then strike days notified; the trust settles before the first of them."""

from __future__ import annotations

from datetime import date

from app.demo import scenes
from app.demo.screenplay import By, Outcome, Play, Scene, School
from casework.lifecycle import Stage

STRIKE_DAYS = (date(2027, 2, 3), date(2027, 2, 4))
CLAUSES = (
    scenes.clause("mock-inspections", "No mock inspection, and no visit that serves as one", date(2027, 2, 22)),
    scenes.clause("cover", "Teachers cover only for what nobody could foresee, and rarely", date(2027, 2, 22)),
)

PLAY = Play(
    name="threat_of_strike",
    title="Settled before the strike",
    raised_on=date(2026, 9, 8),
    issues=("mock-inspections", "cover"),
    schools=(School("141369", 34, "The Chief Executive", "people.dayspring@employer.example"),),
    scenes=(
        *scenes.first_day(date(2026, 9, 8), meets_on=date(2026, 9, 15)),
        scenes.members_meet(date(2026, 9, 15)),
        scenes.head_answers(date(2026, 9, 21), "refused", "Rep and head meet; the head refuses"),
        *scenes.officer_takes_it(date(2026, 9, 22), date(2026, 9, 28)),
        scenes.negotiation(date(2026, 10, 8), "refused", "Officer and trust meet; negotiation fails"),
        Scene(date(2026, 10, 9), "dispute_declared", By.OFFICER, "The union declares the dispute"),
        scenes.ballot_authorised(date(2026, 10, 9), opens_on=date(2026, 11, 3), closes_on=date(2026, 11, 24)),
        *scenes.ballot_papers(date(2026, 10, 12), date(2026, 10, 13)),
        scenes.turnout(date(2026, 11, 18), 60),
        *scenes.result(
            date(2026, 11, 25),
            "The result: members vote for both kinds of action",
            cast=76,
            strike_yes=58,
            asos_yes=69,
            acknowledged_on=date(2026, 11, 26),
        ),
        *scenes.asos(
            date(2026, 11, 26),
            date(2026, 11, 27),
            date(2026, 11, 30),
            starts_on=date(2026, 12, 14),
            instructions=(4, 9, 10),
        ),
        *scenes.strike(date(2027, 1, 11), date(2027, 1, 12), date(2027, 1, 13), date(2027, 1, 14), days=STRIKE_DAYS),
        scenes.settlement(date(2027, 1, 28), "Six days before the strike, the trust agrees to terms", CLAUSES),
        scenes.signed_off(date(2027, 2, 10)),
        scenes.kept(date(2027, 5, 10), "No mock inspection since; cover asked for twice, both times for illness"),
    ),
    ends=(Outcome.SETTLED_AT_THE_THREAT, Stage.MONITORING),
)
