"""Three schools of one trust: one dispute, one ballot over all of them, action at each, one agreement."""

from __future__ import annotations

from datetime import date

from app.demo import papers, scenes
from app.demo.screenplay import By, Outcome, Play, Scene, School
from casework.lifecycle import Stage

SANDY_HILL, TREVERBYN, BISCOVEY = "136318", "137076", "137758"
LEAD, OTHERS = SANDY_HILL, (TREVERBYN, BISCOVEY)
OFFICE, MAIL = "The Chief Executive", "disputes.aspire@employer.example"
DECLARED_ON = date(2026, 11, 3)
JOINED_ON = date(2026, 11, 4)
CLAUSES = (
    scenes.clause("appraisal", "Two objectives a year, and no pay tied to results of tests", date(2027, 2, 22)),
    scenes.clause("new-initiatives", "Nothing new without an account of its workload, agreed first", date(2027, 2, 22)),
)

_TO_THE_DISPUTE = (
    *scenes.first_day(date(2026, 9, 28), meets_on=date(2026, 10, 6)),
    scenes.members_meet(date(2026, 10, 6)),
    scenes.head_answers(date(2026, 10, 8), "refused", "Rep and head meet; it is the trust's rule, says the head"),
    *scenes.officer_takes_it(date(2026, 10, 9), date(2026, 10, 20)),
    scenes.negotiation(DECLARED_ON, "refused", "Officer and trust meet; negotiation fails"),
    Scene(DECLARED_ON, "dispute_declared", By.OFFICER, "The union declares the dispute with the trust", at=LEAD),
    *(
        Scene(JOINED_ON, "dispute_joined", By.OFFICER, "The school joins the dispute", papers.standing_dispute, each)
        for each in OTHERS
    ),
)
_BALLOT = (
    scenes.ballot_authorised(
        JOINED_ON, opens_on=date(2026, 11, 17), closes_on=date(2026, 12, 8), at=LEAD, scope="aggregate"
    ),
    *scenes.ballot_papers(date(2026, 11, 5), date(2026, 11, 6), at=LEAD),
    scenes.turnout(date(2026, 11, 30), 55, at=LEAD),
    *scenes.result(
        date(2026, 12, 9),
        "The result of one ballot over three schools: members vote for both kinds of action",
        cast=73,
        strike_yes=52,
        asos_yes=65,
        acknowledged_on=date(2026, 12, 10),
        at=LEAD,
    ),
    scenes.report(date(2026, 12, 14), at=LEAD),
)
_ACTION = scenes.asos(
    date(2026, 12, 10),
    date(2026, 12, 11),
    date(2026, 12, 14),
    starts_on=date(2027, 1, 11),
    instructions=(1, 5, 12),
)
_AFTERWARDS = (
    scenes.settlement(date(2027, 1, 27), "The trust agrees to terms for all its schools", CLAUSES),
    scenes.signed_off(date(2027, 2, 10)),
    scenes.kept(date(2027, 5, 10), "Objectives of every member seen: two each, none on results of tests"),
)

PLAY = Play(
    name="trust",
    title="Three schools, one ballot",
    raised_on=date(2026, 9, 28),
    issues=("appraisal", "new-initiatives"),
    schools=(
        School(SANDY_HILL, 24, OFFICE, MAIL),
        School(TREVERBYN, 19, OFFICE, MAIL),
        School(BISCOVEY, 17, OFFICE, MAIL),
    ),
    scenes=(*_TO_THE_DISPUTE, *_BALLOT, *_ACTION, *_AFTERWARDS),
    ends=(Outcome.SETTLED, Stage.MONITORING),
)
