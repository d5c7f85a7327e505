"""Most who vote say yes, and too few vote: the ballot runs over Christmas and is lost. Talks go on."""

from __future__ import annotations

from datetime import date

from app.demo import scenes
from app.demo.screenplay import By, Outcome, Play, Scene, School
from casework.lifecycle import Stage

PLAY = Play(
    name="lost_on_turnout",
    title="Ballot lost on turnout",
    raised_on=date(2026, 9, 21),
    issues=("cover", "meetings"),
    schools=(School("113505", 40, "The Chair of Governors", "governors.westexe@employer.example"),),
    scenes=(
        *scenes.first_day(date(2026, 9, 21), meets_on=date(2026, 9, 28)),
        scenes.members_meet(date(2026, 9, 28), present=50, in_favour=45),
        scenes.head_answers(date(2026, 10, 6), "refused", "Rep and head meet; the head refuses"),
        *scenes.officer_takes_it(date(2026, 10, 7), date(2026, 10, 20), present=55, asos=50, strike=35),
        scenes.negotiation(date(2026, 11, 17), "refused", "Officer and governors meet; negotiation fails"),
        Scene(date(2026, 11, 18), "dispute_declared", By.OFFICER, "The union declares the dispute"),
        scenes.ballot_authorised(date(2026, 11, 18), opens_on=date(2026, 12, 7), closes_on=date(2027, 1, 12)),
        *scenes.ballot_papers(date(2026, 11, 19), date(2026, 11, 20)),
        scenes.turnout(date(2027, 1, 11), 40),
        *scenes.result(
            date(2027, 1, 13),
            "The result: most say yes, but fewer than half voted",
            cast=45,
            strike_yes=30,
            asos_yes=40,
            acknowledged_on=date(2027, 1, 14),
        ),
        scenes.negotiation(date(2027, 1, 27), "adjourned", "Officer and governors meet again and adjourn"),
        scenes.negotiation(
            date(2027, 3, 30), "adjourned", "Governors offer a cap on cover; members want it in writing"
        ),
        scenes.negotiation(date(2027, 5, 10), "adjourned", "A draft is on the table; talks go on in September"),
    ),
    ends=(Outcome.BALLOT_LOST, Stage.OFFICER_NEGOTIATION),
)
