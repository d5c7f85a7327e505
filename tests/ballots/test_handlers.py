"""Declaring, authorising, approving, receiving and declaring the result, on a real database."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import ValidationError

from ballots.acts import BallotPlan, Figures
from ballots.authorise_handlers import authorise_ballot
from ballots.handlers import require_second_person
from ballots.lifecycle import BallotStage
from ballots.mandate import ActionKind, mandate_period
from ballots.models import Ballot
from ballots.repository import entitled, entitled_count, mandates_of
from casework import repository
from casework.deadlines import DeadlineKind
from casework.disputes import dispute_of, leave
from casework.lifecycle import EventKind, Stage
from casework.register.employers import Confidence
from casework.register.models import Member
from core.db import Database
from core.errors import BadInput, Conflict, NotFound, RuleViolation, StageError
from core.law import Consultation, current_law
from core.nations import Nation
from core.unit_of_work import UnitOfWork, unit_of_work
from notifications.lifecycle import State
from notifications.models import Notice
from notifications.proof import ReceiptKind
from tests.ballots.scenes import BOTH, CLOSES, ENTITLED, OPENS, SECOND, WON, Ladder, disputed, dump, planned
from tests.builders import a_member, an_employer, happen
from tests.conftest import NOON
from tests.days import day

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

Climb = Callable[[str], Ladder]


def refused(ladder: Ladder, **facts: object) -> RuleViolation:
    with pytest.raises(RuleViolation) as caught:
        ladder.act("ballot_authorised", **{**BOTH, "opens_on": day(OPENS), "closes_on": day(CLOSES), **facts})
    assert caught.value.what == "The ballot cannot be authorised."
    assert all(found.cure for found in caught.value.findings)
    return caught.value


def codes(error: RuleViolation) -> list[str]:
    return [found.code for found in error.findings]


def test_declaring_the_dispute_tells_the_employer_what_it_is_about(climb: Climb) -> None:
    ladder = climb("disputed")
    dispute = dispute_of(ladder.uow, ladder.case_id)
    assert dispute is not None
    assert dispute.matters == ["meetings", "observation"]
    told = ladder.uow.session.query(Notice).filter_by(kind="dispute_notified").all()
    assert {each.medium for each in told} == {"letter", "mail"}
    assert {each.recipient_key for each in told} == {f"employer:{ladder.case.workplace.employer_id}"}


def test_a_dispute_takes_an_issue_that_was_added_after_a_cancelled_ballot(climb: Climb) -> None:
    """Turns red if the letter has no content version: the second declaration would be refused as a conflict."""
    ladder = planned(climb("disputed")).act("ballot_cancelled", reason="a new issue")
    happen(ladder.uow, ladder.case, (EventKind.ISSUE_ADDED, {"issue": "email"}))
    happen(ladder.uow, ladder.case, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    ladder.uow.session.refresh(ladder.case, ["issues"])
    ladder.act("dispute_declared")
    dispute = dispute_of(ladder.uow, ladder.case_id)
    assert dispute is not None
    assert dispute.matters == ["email", "meetings", "observation"]
    assert ladder.uow.session.query(Notice).filter_by(kind="dispute_notified").count() == 4


def test_a_ballot_wants_its_dispute_first(uow: UnitOfWork) -> None:
    """Turns red if `_dispute_without_ballot` is not asked (s. 244: a ballot is over a trade dispute)."""
    ladder = disputed(uow)
    leave(uow, ladder.case_id)
    with pytest.raises(StageError, match="dispute_declared"):
        planned(ladder)


@pytest.mark.parametrize(
    ("today", "found"),
    [
        ("Tue 2026-10-13", []),
        ("Wed 2026-10-14", ["ballot_notice_late"]),
        ("Sat 2026-10-17", ["ballot_notice_late"]),
        ("Sun 2026-10-18", ["ballot_notice_late", "sample_paper_late"]),
    ],
)
def test_an_opening_day_too_near_for_the_notice_is_refused(climb: Climb, today: str, found: list[str]) -> None:
    """
    Turns red if `<` becomes `<=` in `in_time`: a notice can still be handed over on the latest lawful day itself.
    """
    ladder = climb("disputed").on(today)
    if not found:
        ladder.act("ballot_authorised", **BOTH, opens_on=day(OPENS), closes_on=day(CLOSES))
        assert ladder.ballot.stage is BallotStage.PLANNED
        return
    error = refused(ladder)
    assert codes(error) == found
    assert error.findings[0].cure == "Choose a later opening day."
    assert "Tuesday 13 October 2026" in str(error)


def test_closing_before_opening_is_refused(climb: Climb) -> None:
    """Turns red if `BallotPlan` does not compare its two days."""
    ladder = climb("disputed").on("Tue 2026-10-06")
    with pytest.raises(ValidationError, match="closes_on: found 2026-10-19"):
        ladder.act("ballot_authorised", **BOTH, opens_on=day(OPENS), closes_on=day("Mon 2026-10-19"))


def test_a_ballot_of_one_day_is_lawful_though_short(climb: Climb) -> None:
    """The window is the Code's and a warn, never a stop."""
    ladder = climb("disputed").on("Tue 2026-10-06")
    ladder.act("ballot_authorised", **BOTH, opens_on=day(OPENS), closes_on=day(OPENS))
    assert ladder.ballot.stage is BallotStage.PLANNED


def test_christmas_counts(climb: Climb) -> None:
    """Turns red if any day is left out: opening on New Year's Day, notice until Christmas Day (s. 226A(1))."""
    days = {"opens_on": day("Fri 2027-01-01"), "closes_on": day("Fri 2027-01-22")}
    ladder = climb("disputed").on("Fri 2026-12-25")
    ladder.act("ballot_authorised", **BOTH, **days)
    assert ladder.deadline(DeadlineKind.BALLOT_NOTICE_RECEIVED) == day("Fri 2026-12-25")
    late = climb("disputed").on("Sat 2026-12-26")
    assert codes(refused(late, **days)) == ["ballot_notice_late"]


@pytest.mark.parametrize(("members", "scrutineer"), [(1, None), (50, None), (51, "Example Election Services")])
def test_a_scrutineer_is_named_only_where_there_must_be_one(
    uow: UnitOfWork, members: int, scrutineer: str | None
) -> None:
    """Turns red if `required` is not asked: 50 entitled are exempt and 51 are not (s. 226C)."""
    ladder = planned(disputed(uow, members=members))
    assert (ladder.ballot.entitled, ladder.ballot.scrutineer) == (members, scrutineer)
    assert bool(ladder.papers("scrutineer_instruction")) is (scrutineer is not None)


def test_nobody_entitled_is_refused(uow: UnitOfWork) -> None:
    """Turns red if `constituency_findings` is left out."""
    assert codes(refused(disputed(uow, members=0).on("Tue 2026-10-06"))) == ["constituency_empty"]


def test_an_employer_that_the_register_does_not_name_is_refused(uow: UnitOfWork) -> None:
    """Turns red if `employer_findings` is left out."""
    ladder = disputed(uow, employer_confidence=Confidence.UNKNOWN).on("Tue 2026-10-06")
    assert codes(refused(ladder)) == ["employer_wrong"]


def test_an_employer_without_an_address_is_refused(uow: UnitOfWork) -> None:
    ladder = disputed(uow, employer=an_employer(uow, postal_lines=[], email=None)).on("Tue 2026-10-06")
    assert codes(refused(ladder)) == ["employer_address_missing"]


def test_northern_ireland_is_refused(uow: UnitOfWork) -> None:
    """Turns red if the timetable's own findings are left out."""
    ladder = disputed(uow, nation=Nation.NORTHERN_IRELAND).on("Tue 2026-10-06")
    assert codes(refused(ladder)) == ["unsupported_jurisdiction"]


@pytest.mark.parametrize("nation", [Nation.SCOTLAND, Nation.WALES])
def test_the_other_nations_of_great_britain_ballot_alike(uow: UnitOfWork, nation: Nation) -> None:
    ladder = planned(disputed(uow, nation=nation))
    assert (ladder.ballot.nation, ladder.deadline(DeadlineKind.BALLOT_NOTICE_RECEIVED)) == (
        nation.value,
        day("Tue 2026-10-13"),
    )


def test_the_list_is_frozen_when_the_ballot_is_authorised(climb: Climb) -> None:
    """Turns red if papers are counted from the register instead of the frozen list."""
    ladder = climb("planned")
    before = {row.member_id for row in entitled(ladder.uow, ladder.ballot.id)}
    ladder.on("Wed 2026-10-07")
    a_member(ladder.uow, ladder.case.workplace, joined_on=ladder.uow.today)
    leaver = ladder.uow.session.get_one(Member, min(before))
    leaver.left_on = day("Mon 2026-10-05")
    ladder.act("ballot_notices_approved", by=SECOND).work()
    assert {row.member_id for row in entitled(ladder.uow, ladder.ballot.id)} == before
    assert entitled_count(ladder.uow, ladder.ballot.id) == ladder.ballot.entitled == ENTITLED
    assert {notice.facts["total"] for notice in ladder.papers("notice_of_ballot")} == {ENTITLED}


def test_a_second_ballot_waits_until_the_first_is_over(climb: Climb) -> None:
    """Turns red if the standing ballot is not looked at."""
    ladder = climb("planned")
    with pytest.raises(Conflict, match="cancel it before authorising another"):
        planned(ladder)


def test_whoever_authorised_does_not_approve(climb: Climb) -> None:
    """Turns red if `require_second_person` compares nothing."""
    ladder = climb("planned")
    with pytest.raises(RuleViolation) as caught:
        ladder.act("ballot_notices_approved")
    assert codes(caught.value) == ["second_person_wanted"]
    assert {each.approved_by for each in ladder.papers("notice_of_ballot")} == {None}


def test_staff_at_another_door_is_no_second_person() -> None:
    """Turns red if `require_second_person` compares the actors' letters."""
    with pytest.raises(RuleViolation):
        require_second_person("staff:dashboard", "staff:api", "the ballot")
    require_second_person("officer:2", "officer:1", "the ballot")


def test_papers_go_out_only_once_approved(climb: Climb) -> None:
    """Turns red if `queue_approved` does not ask for the approval."""
    ladder = climb("planned").work()
    assert {each.state for each in ladder.papers("notice_of_ballot")} == {State.RENDERED}
    ladder.act("ballot_notices_approved", by=SECOND)
    assert {each.state for each in ladder.papers("notice_of_ballot")} == {State.ACCEPTED}


def test_a_paper_of_another_case_is_not_received_here(climb: Climb) -> None:
    """Turns red if the notice's subject is not compared with the case's own."""
    ladder = climb("noticed")
    other = disputed(ladder.uow)
    letter = ladder.papers("notice_of_ballot")[0]
    with pytest.raises(NotFound):
        other.act("notice_received", notice=letter.id, received_on=ladder.uow.today, how=ReceiptKind.HANDED_OVER)


def test_a_receipt_of_what_nobody_has_approved_says_who_has_to_act(climb: Climb) -> None:
    """Turns red if the refusal speaks of stages, or leaves out the command that approves the paper."""
    ladder = climb("planned").work()
    letter = ladder.papers("notice_of_ballot")[0]
    with pytest.raises(StageError) as refused:
        ladder.act("notice_received", notice=letter.id, received_on=ladder.uow.today, how=ReceiptKind.HANDED_OVER)
    assert str(refused.value) == (
        "This notice has not been sent. It waits for a second person to approve it: "
        f"`mandate ballot approve {ladder.case.ref} --as officer:<id>`."
    )


def test_a_receipt_cannot_lie_in_the_future_or_before_the_paper_went_out(climb: Climb) -> None:
    """Turns red if the day on which it was made is the bound: made on the 6th, let go on the 7th."""
    ladder = climb("planned").on("Wed 2026-10-07").act("ballot_notices_approved", by=SECOND)
    letter = ladder.papers("notice_of_ballot")[0]
    for on in (day("Thu 2026-10-08"), day("Tue 2026-10-06")):
        with pytest.raises(BadInput, match="received_on"):
            ladder.act("notice_received", notice=letter.id, received_on=on, how=ReceiptKind.HANDED_OVER)


def test_a_cancelled_ballot_takes_its_papers_back_and_frees_the_next(climb: Climb) -> None:
    """Turns red if papers are only taken back while unqueued, or all deadlines of the case are cancelled."""
    ladder = climb("planned").on("Wed 2026-10-07")
    ladder.act("ballot_cancelled", reason="the head asked for talks")
    first = ladder.ballot
    assert (first.stage, first.cancelled_reason) == (BallotStage.CANCELLED, "the head asked for talks")
    assert {each.state for each in ladder.papers("notice_of_ballot")} == {State.CANCELLED}
    assert ladder.stage is Stage.OFFICER_NEGOTIATION
    assert ladder.deadline(DeadlineKind.BALLOT_OPENS) is None
    happen(ladder.uow, ladder.case, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    later = {"opens_on": day("Tue 2026-11-03"), "closes_on": day("Tue 2026-12-01")}
    ladder.act("ballot_authorised", **BOTH, **later)
    assert ladder.ballot.id != first.id
    assert ladder.ballot.ref.endswith("-2")


def test_a_queued_paper_is_taken_back_too(climb: Climb) -> None:
    """Turns red if `take_back` looks at `queued_at` instead of what the notice's state allows."""
    ladder = climb("planned").on("Wed 2026-10-07")
    for notice in ladder.papers("notice_of_ballot"):
        notice.state = State.APPROVED
        notice.approved_by, notice.approved_at = SECOND, ladder.uow.now
        notice.state = State.QUEUED
        notice.queued_at = ladder.uow.now
    ladder.act("ballot_cancelled", reason="the head asked for talks")
    assert {each.state for each in ladder.papers("notice_of_ballot")} == {State.CANCELLED}


def test_cancelling_leaves_the_end_of_a_running_mandate_alone(climb: Climb) -> None:
    """Turns red if `cancel_ballot` cancels every deadline of its case: action would outlive its mandate unnoticed."""
    ladder = climb("in_force").on("Mon 2027-01-11")
    ends = ladder.deadline(DeadlineKind.MANDATE_ENDS)
    ladder.act("escalation_sought", happened_on=ladder.uow.today)
    ladder.act("escalation_meeting_held", happened_on=ladder.uow.today, present=10, in_favour=2)
    happen(ladder.uow, ladder.case, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    ladder.act("ballot_authorised", **BOTH, opens_on=day("Mon 2027-02-01"), closes_on=day("Mon 2027-03-01"))
    ladder.act("ballot_cancelled", reason="not now")
    assert ladder.deadline(DeadlineKind.MANDATE_ENDS) == ends == day("Tue 2027-11-16")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"entitled": 11}, "entitled"),
        ({"entitled": 13}, "entitled"),
        ({"asos_yes": None, "asos_no": None, "asos_spoiled": None}, "asos_yes"),
        ({"cast": 13}, "cast"),
        ({"strike_yes": 9}, "strike_yes"),
    ],
)
def test_figures_that_cannot_be_are_refused(climb: Climb, changes: dict[str, object], field: str) -> None:
    """
    Turns red if the scrutineer's number entitled is not compared with the frozen list, a question is missed, or what
    is wrong with one is told of no field of the form.
    """
    ladder = climb("closed")
    with pytest.raises(BadInput) as caught:
        ladder.act("result_declared", **{**WON, **changes})
    assert caught.value.field == field
    assert ladder.ballot.stage is BallotStage.CLOSED


def test_half_a_question_is_refused() -> None:
    with pytest.raises(ValidationError, match="strike_yes: found one of Yes and No, wanted both counts"):
        Figures(entitled=12, cast=10, strike_yes=7)


def test_a_result_waits_for_the_close(climb: Climb) -> None:
    """Turns red if `offers.current_ballot` does not ask for the stage."""
    ladder = climb("noticed").on(OPENS, work=True)
    with pytest.raises(Conflict, match=r"is open\. It closes by itself after Tuesday 17 November 2026\."):
        ladder.act("result_declared", **WON)


@pytest.mark.parametrize(
    ("changes", "strike", "asos"),
    [
        ({}, [], []),
        (
            {"cast": 5, "strike_yes": 5, "strike_no": 0, "strike_spoiled": 0, "asos_yes": 5, "asos_no": 0},
            *[["turnout_not_met"]] * 2,
        ),
        (
            {"cast": 6, "strike_yes": 3, "strike_no": 3, "strike_spoiled": 0, "asos_yes": 2, "asos_no": 4},
            *[["majority_not_met"]] * 2,
        ),
        ({"strike_yes": 4, "strike_no": 6, "strike_spoiled": 0}, ["majority_not_met"], []),
    ],
)
def test_a_lost_ballot_goes_back_to_negotiation_with_its_reasons(
    climb: Climb, changes: dict[str, object], strike: list[str], asos: list[str]
) -> None:
    """Turns red if a Yes on one question gives a mandate for both, or a lost case stays (s. 226(2)(a))."""
    ladder = climb("closed").act("result_declared", **{**WON, **changes})
    result = ladder.ballot.result
    assert result is not None
    assert (result["questions"]["strike"]["reasons"], result["questions"]["asos"]["reasons"]) == (strike, asos)
    kinds = {row.kind for row in mandates_of(ladder.uow, ladder.ballot.id)}
    assert kinds == {kind for kind, why in ((ActionKind.STRIKE, strike), (ActionKind.ASOS, asos)) if not why}
    assert ladder.stage is (Stage.BALLOT_RESULT if kinds else Stage.OFFICER_NEGOTIATION)
    assert (ladder.deadline(DeadlineKind.MANDATE_ENDS) is not None) is bool(kinds)


def test_mandates_are_those_of_the_rule(climb: Climb) -> None:
    """Turns red if a row keeps anything but what `ballots.mandate` gives: T4's twelve months, at this school only."""
    ladder = climb("won")
    period, _ = mandate_period(day(OPENS), day(CLOSES), Consultation(current_law(), Nation.ENGLAND))
    rows = mandates_of(ladder.uow, ladder.ballot.id)
    assert {row.kind for row in rows} == set(ActionKind)
    for value in (row.as_value() for row in rows):
        assert (value.first_day, value.last_day, value.last_day_lenient) == (
            period.first_day,
            period.last_day,
            period.last_day_lenient,
        )
        assert (value.first_day, value.last_day) == (day(CLOSES), day("Tue 2027-11-16"))
        assert value.workplace_ids == {ladder.case.workplace_id}
        assert (value.employer_id, value.ballot_id) == (ladder.case.workplace.employer_id, ladder.ballot.id)


def test_turnout_is_a_count_up_to_those_entitled(climb: Climb) -> None:
    ladder = climb("noticed").on(OPENS, work=True)
    ladder.act("turnout_reported", cast=ENTITLED)
    with pytest.raises(BadInput, match="at most the 12 entitled"):
        ladder.act("turnout_reported", cast=ENTITLED + 1)


def test_papers_that_came_back_do_not_go_away(climb: Climb) -> None:
    """Turns red if `_require_reported` is left out of `report_turnout` or of `declare_result`."""
    ladder = climb("noticed").on(OPENS, work=True).act("turnout_reported", cast=11)
    with pytest.raises(BadInput, match="found 10, wanted at least the 11 reported before"):
        ladder.act("turnout_reported", cast=10)
    ladder.act("turnout_reported", cast=11).on("Wed 2026-11-18", work=True)
    with pytest.raises(BadInput, match="found 10, wanted at least the 11 reported before"):
        ladder.act("result_declared", **WON)


def test_the_scrutineer_of_a_lost_ballot_may_report_after_the_next_is_authorised(climb: Climb) -> None:
    """Turns red if the report is asked of the case's latest ballot instead of the latest declared one."""
    ladder = climb("closed").act(
        "result_declared", **{**WON, "strike_yes": 1, "strike_no": 8, "asos_yes": 1, "asos_no": 8}
    )
    lost = ladder.ballot
    happen(ladder.uow, ladder.case, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    ladder.on("Thu 2026-11-19").act(
        "ballot_authorised", **BOTH, opens_on=day("Tue 2026-12-01"), closes_on=day("Mon 2027-01-11")
    )
    ladder.on("Tue 2026-12-08").act("scrutineer_reported", received_on=ladder.uow.today, clean=True)
    report = repository.last_event(ladder.uow, ladder.case_id, EventKind.SCRUTINEER_REPORTED)
    assert report is not None
    assert report.facts["ballot_id"] == str(lost.id)


def test_a_refused_act_leaves_nothing(climb: Climb) -> None:
    """Turns red if a row is written before every gate is passed."""
    ladder = climb("disputed").on("Sun 2026-10-18")
    before = dump(ladder.uow)
    refused(ladder)
    assert dump(ladder.uow) == before


def test_a_rolled_back_act_leaves_nothing(database: Database) -> None:
    """Turns red if anything commits but the edge: ballot, list, papers and deadlines vanish together."""
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        case_id = disputed(uow).case_id
        before = dump(uow)
    with pytest.raises(ZeroDivisionError):
        _plan_and_fail(database, case_id)
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        assert dump(uow) == before
        assert uow.session.query(Ballot).count() == 0


def _plan_and_fail(database: Database, case_id: uuid.UUID) -> None:
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        planned(Ladder(uow, case_id))
        raise ZeroDivisionError


def test_the_same_dates_may_be_asked_for_again_after_a_refusal(climb: Climb) -> None:
    ladder = climb("disputed").on("Tue 2026-10-06")
    opens = ladder.uow.today + timedelta(days=6)
    assert codes(refused(ladder, opens_on=opens)) == ["ballot_notice_late"]
    authorise_ballot(
        ladder.uow,
        ladder.case_id,
        questions=[ActionKind.ASOS],
        opens_on=opens + timedelta(days=1),
        closes_on=day(CLOSES),
    )
    assert ladder.ballot.questions == ["asos"]


def test_a_reopened_case_wants_a_dispute_and_a_ballot_of_its_own(climb: Climb) -> None:
    """Turns red if a ballot of the settled dispute still counts for the case."""
    ladder = climb("noticed").on("Fri 2026-10-09")
    happen(ladder.uow, ladder.case, EventKind.SETTLEMENT_REACHED, EventKind.CASE_REOPENED)
    happen(ladder.uow, ladder.case, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    with pytest.raises(StageError, match="dispute_declared"):
        ladder.act("ballot_authorised", **BOTH, opens_on=day("Tue 2026-11-03"), closes_on=day("Tue 2026-12-01"))
    ladder.act("dispute_declared")
    ladder.act("ballot_authorised", **BOTH, opens_on=day("Tue 2026-11-03"), closes_on=day("Tue 2026-12-01"))
    ladder.on(OPENS, work=True)
    assert (ladder.ballot.stage, ladder.stage) == (BallotStage.PLANNED, Stage.BALLOT_PREPARATION)


def test_a_ballot_that_would_close_before_it_opens_is_refused_at_its_closing_day() -> None:
    """Red when the plan leaves that to the timetable, which has other names for its fields."""
    days = {"opens_on": "2026-11-20", "closes_on": "2026-11-01"}
    with pytest.raises(ValidationError, match="closes_on: found 2026-11-01, wanted a day not before the opening day"):
        BallotPlan.model_validate({"questions": ["strike"], **days})
