"""Every rung: talks fail, a ballot, action short of a strike, a strike, lost pay, a settlement, and a slip back."""

from __future__ import annotations

from datetime import date

from app.demo import scenes
from app.demo.lost_pay import Days, reimbursement
from app.demo.screenplay import By, Outcome, Play, Scene, School
from casework.lifecycle import Stage

STRIKE_DAYS = (date(2027, 1, 27), date(2027, 1, 28))
BETTER_FROM = date(2027, 2, 22)
CLAUSES = (
    scenes.clause(
        "meetings", "One meeting a week after school, of an hour at most, from a published calendar", BETTER_FROM
    ),
    scenes.clause("observation", "Three observations a year for all purposes, three hours in total", BETTER_FROM),
)
PAY_DAYS = Days(
    claimed=date(2027, 3, 1),
    approved=date(2027, 3, 3),
    approved_again=date(2027, 3, 4),
    prepared=date(2027, 3, 5),
    released=date(2027, 3, 8),
)

_UP_TO_THE_BALLOT = (
    *scenes.first_day(date(2026, 9, 1), meets_on=date(2026, 9, 8)),
    scenes.members_meet(date(2026, 9, 8)),
    *scenes.officer_takes_it(date(2026, 9, 21), date(2026, 9, 28)),
    scenes.negotiation(date(2026, 10, 5), "refused", "Officer and rep meet the head; negotiation fails"),
    Scene(date(2026, 10, 6), "dispute_declared", By.OFFICER, "The union declares the dispute"),
)
_BALLOT = (
    scenes.ballot_authorised(date(2026, 10, 6), opens_on=date(2026, 10, 20), closes_on=date(2026, 11, 17)),
    *scenes.ballot_papers(date(2026, 10, 7), date(2026, 10, 8)),
    scenes.turnout(date(2026, 11, 3), 55),
    *scenes.result(
        date(2026, 11, 18),
        "The result: members vote for both kinds of action",
        cast=80,
        strike_yes=63,
        asos_yes=70,
        acknowledged_on=date(2026, 11, 19),
    ),
)
_ACTION = (
    *scenes.asos(
        date(2026, 11, 20),
        date(2026, 11, 23),
        date(2026, 11, 24),
        starts_on=date(2026, 12, 7),
        instructions=(2, 6, 7),
    ),
    scenes.report(date(2026, 12, 8)),
    *scenes.strike(date(2027, 1, 11), date(2027, 1, 12), date(2027, 1, 13), date(2027, 1, 14), days=STRIKE_DAYS),
    scenes.strike_day(STRIKE_DAYS[0], 45),
    scenes.strike_day(STRIKE_DAYS[1], 43),
)
_AFTERWARDS = (
    scenes.settlement(date(2027, 2, 10), "Management agrees to terms", CLAUSES),
    *reimbursement(PAY_DAYS, STRIKE_DAYS, claiming=43),
    Scene(
        date(2027, 3, 30),
        "claims_window_closed",
        By.FINANCE,
        "Claims close: the others did not lose pay",
        {"reason": "every member who lost pay has claimed; the others worked on both days"},
    ),
    scenes.signed_off(date(2027, 4, 1)),
    Scene(
        date(2027, 6, 29),
        "monitoring_check_recorded",
        By.OFFICER,
        "A check finds the agreement broken: the case reopens",
        {
            "happened_on": date(2027, 6, 29),
            "broken": ["meetings"],
            "evidence": "Six meetings after school in four weeks, two of them longer than an hour",
        },
    ),
)

PLAY = Play(
    name="full_climb",
    title="Full climb, then reopened",
    raised_on=date(2026, 9, 1),
    issues=("meetings", "observation"),
    schools=(School("100050", 58, "The Director of Education", "disputes.camden@employer.example"),),
    scenes=(*_UP_TO_THE_BALLOT, *_BALLOT, *_ACTION, *_AFTERWARDS),
    ends=(Outcome.REOPENED, Stage.OFFICER_NEGOTIATION),
)
