"""The stale-law alarm: what rests on a value that nobody has read for ninety days stops until somebody has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import chain

import pytest
from sqlalchemy import event

from ballots import any_stale_law, law_handlers
from ballots.any_stale_law import rests_on_stale
from ballots.law_relied_on import action_values, anything_stale, ballot_values, case_stops, resting_on, stale_cases
from ballots.lifecycle import BallotStage
from ballots.models import ActionStage, Ballot
from core.errors import RuleViolation
from core.findings import stops
from core.law_findings import FRESH_DAYS
from core.law_records import identity, standing_checks
from core.work import PendingWork
from notifications.lifecycle import State
from notifications.models import Notice
from tests.ballots.law import JO, reread
from tests.ballots.scenes import BOTH, SECOND, WON, Ladder
from tests.days import day

pytestmark = pytest.mark.engines("sqlite")
Climb = Callable[[str], Ladder]
FILES_READ = date(2026, 11, 21)
FRESH, STALE = FILES_READ + timedelta(days=FRESH_DAYS), FILES_READ + timedelta(days=FRESH_DAYS + 1)


def at(ladder: Ladder, on: date, *, work: bool = False) -> Ladder:
    return ladder.on(f"{on:%a} {on.isoformat()}", work=work)


def refused(ladder: Ladder, act: str, **facts: object) -> set[str]:
    """The parameters that an act is refused for, all of them stale."""
    with pytest.raises(RuleViolation) as caught:
        ladder.act(act, **facts)
    stale = stops(caught.value.findings)
    assert {found.code for found in stale} == {"law_stale"}
    assert all(f"mandate law confirm {found.where}" in found.cure for found in stale)
    return {found.where for found in stale if found.where}


def plan(ladder: Ladder) -> dict[str, object]:
    opens = ladder.uow.today + timedelta(days=20)
    return {**BOTH, "opens_on": opens, "closes_on": opens + timedelta(days=28)}


def test_a_ballot_is_authorised_on_the_ninetieth_day_and_not_after(climb: Climb) -> None:
    """Turns red if the alarm rings a day early or late, or authorising does not hear it."""
    ladder = at(climb("disputed"), STALE)
    names = refused(ladder, "ballot_authorised", **plan(ladder))
    assert {"ballots.mandate_months", "ballots.notice_of_ballot_days", "ballots.turnout_fraction"} <= names
    assert {"ballots.majority_fraction", "ballots.result_items", "ballots.turnout_counts_spoiled"} <= names
    assert "pay.strike_deduction_fraction" not in names, "a ballot rests on nothing about pay"
    at(ladder, FRESH).act("ballot_authorised", **plan(ladder))
    assert ladder.ballot.stage is BallotStage.PLANNED


def authorised(climb: Climb) -> Ladder:
    """Authorised on the last fresh day."""
    ladder = at(climb("disputed"), FRESH)
    return ladder.act("ballot_authorised", **plan(ladder))


def test_papers_are_not_approved_on_a_stale_value(climb: Climb) -> None:
    """Turns red if `barrister.go_ahead` does not ask whether the law was read."""
    ladder = at(authorised(climb), STALE)
    refused(ladder, "ballot_notices_approved", by=SECOND)
    reread(ladder.uow)
    ladder.act("ballot_notices_approved", by=SECOND)
    assert {each.approved_by for each in ladder.papers("notice_of_ballot")} == {SECOND}


def test_approved_papers_do_not_go_on_a_stale_value(climb: Climb) -> None:
    """Approved on a fresh day, not yet queued: they wait here. Turns red if `queue_unless_stopped` goes ahead."""
    ladder = authorised(climb)
    for notice in [*ladder.papers("notice_of_ballot"), *ladder.papers("sample_voting_paper")]:
        notice.state, notice.approved_by = State.APPROVED, SECOND
    at(ladder, STALE, work=True)
    assert {each.state for each in ladder.papers("notice_of_ballot")} == {State.APPROVED}
    reread(ladder.uow)
    ladder.work()
    assert {each.state for each in ladder.papers("notice_of_ballot")} == {State.ACCEPTED}


def test_a_ballot_does_not_open_on_a_stale_value(climb: Climb) -> None:
    """It stays shut, says why, and opens once somebody has read. Turns red if opening does not hear the alarm."""
    ladder = authorised(climb).act("ballot_notices_approved", by=SECOND)
    ladder.arrives("notice_of_ballot").arrives("sample_voting_paper")
    opens = ladder.ballot.opens_on
    at(ladder, opens, work=True)
    assert ladder.ballot.stage is BallotStage.NOTICED
    assert {found.code for found in case_stops(ladder.uow, ladder.case)} == {"law_stale"}
    assert reread(ladder.uow).freed == (ladder.case_id,)
    ladder.work()
    assert ladder.ballot.stage is BallotStage.OPEN


def test_the_result_is_told_on_a_stale_value_too(climb: Climb) -> None:
    """Sections 231 and 231A want it told at once. Turns red if the alarm holds a result back."""
    ladder = climb("closed")
    at(ladder, STALE).act("result_declared", **WON)
    assert {each.state for each in ladder.papers("ballot_result_employer")} == {State.ACCEPTED}


def test_action_is_neither_authorised_nor_notified_on_a_stale_value(climb: Climb) -> None:
    """Turns red if authorising action, or approving its notice, does not hear the alarm."""
    asos = {"instructions": [2], "starts_on": STALE + timedelta(days=30)}
    names = refused(at(climb("won"), STALE), "asos_authorised", **asos)
    assert {"ballots.action_notice_days", "ballots.mandate_months"} <= names
    assert "ballots.turnout_fraction" not in names, "the ballot is over, and its thresholds with it"
    ladder = at(climb("won"), FRESH).act("asos_authorised", **asos)
    refused(at(ladder, STALE), "action_notices_approved", by=SECOND)
    reread(ladder.uow)
    assert ladder.action_arrives().actions[-1].stage is ActionStage.NOTIFIED


def test_action_that_was_notified_begins_all_the_same(climb: Climb) -> None:
    """Its notice is served: nothing is left to hold back. Turns red if a stale value stops members from acting."""
    ladder = at(climb("won"), FRESH)
    ladder.act("asos_authorised", instructions=[2], starts_on=STALE + timedelta(days=20)).action_arrives()
    assert ladder.actions[-1].stage is ActionStage.NOTIFIED
    at(ladder, STALE + timedelta(days=20), work=True)
    assert ladder.actions[-1].stage is ActionStage.BEGUN


def test_a_day_before_the_files_were_read_finds_nothing_stale(climb: Climb) -> None:
    """A value read after the day of an act was known to hold then. Turns red if a look back rings the alarm."""
    assert stale_cases(climb("older").on("Mon 2026-02-09").uow) == {}


@pytest.mark.engines("sqlite", "postgresql")
def test_a_check_withdrawn_rings_the_alarm_again(climb: Climb) -> None:
    """Turns red if a withdrawn check still vouches."""
    ladder = at(authorised(climb), STALE)
    waiting = stale_cases(ladder.uow)[ladder.case_id]
    done = law_handlers.confirm(ladder.uow, waiting, JO)
    assert done.freed == (ladder.case_id,)
    assert stale_cases(ladder.uow) == {}
    law_handlers.withdraw(ladder.uow, done.records[0].id, JO)
    assert len(stale_cases(ladder.uow)[ladder.case_id]) == 1


def test_a_case_freed_is_looked_at_again(climb: Climb) -> None:
    """Turns red if what waited goes on only when something else happens."""
    ladder = at(authorised(climb), STALE)
    ladder.uow.session.query(PendingWork).delete()
    law_handlers.confirm(ladder.uow, stale_cases(ladder.uow)[ladder.case_id], JO)
    assert ladder.uow.session.query(PendingWork).filter_by(subject_id=ladder.case_id).count() == 1


def test_a_held_statutory_notice_is_not_let_go_on_a_stale_value(climb: Climb) -> None:
    """Turns red if a person can release what the system would hold back."""
    ladder = authorised(climb).act("ballot_notices_approved", by=SECOND)
    mail = next(each for each in ladder.papers("notice_of_ballot") if each.medium == "mail")
    ladder.uow.session.query(Notice).filter_by(id=mail.id).update({"state": State.HELD})
    ladder.uow.session.expire_all()
    at(ladder, STALE)
    refused(ladder, "notice_released", held=mail.id, reason="look again")


def test_a_case_rests_on_what_its_papers_consulted(climb: Climb) -> None:
    """Turns red if a value that a paper is made by is not among those a case rests on, or one of no use to it is."""
    ladder = climb("planned")
    of_ballot = {value.parameter for value in ballot_values(ladder.uow, ladder.ballot)}
    made_by = {name for kind in ("notice_of_ballot", "sample_voting_paper") for name in ladder.papers(kind)[0].law}
    assert made_by <= of_ballot
    assert "ballots.picket_supervisor_required" not in of_ballot
    acting = climb("in_force")
    of_action = {value.parameter for value in action_values(acting.uow, acting.actions[0])}
    assert {"ballots.action_notice_days", "ballots.action_notice_contents", "ballots.mandate_months"} <= of_action
    assert day("Mon 2026-12-07") == acting.actions[0].starts_on


@pytest.mark.parametrize("rung", ["noticed", "striking", "in_force"])
def test_many_are_asked_at_once_and_rest_on_what_each_rests_on(climb: Climb, rung: str) -> None:
    """Turns red if `any_stale_law` looks at some ballots only, or at another action's notice."""
    ladder = climb(rung)
    uow = ladder.uow
    at_once = {
        identity(value)
        for values in chain(any_stale_law._of_ballots(uow), any_stale_law._of_actions(uow))
        for value in values
    }
    assert at_once == {identity(value) for _, values in resting_on(uow) for value in values}
    assert at_once
    at(ladder, STALE)
    assert rests_on_stale(ladder.uow) is bool(stale_cases(ladder.uow)) is True
    reread(ladder.uow)
    assert rests_on_stale(ladder.uow) is bool(stale_cases(ladder.uow)) is False


def test_of_however_many_live_ballots_it_is_found_that_none_rests_on_what_is_stale(climb: Climb) -> None:
    """Turns red if so many are taken to rest on it, or each is asked by a statement of its own."""
    ladder = at(climb("noticed"), FRESH)
    reread(at(ladder, STALE).uow)
    for check in standing_checks(ladder.uow.session):
        if check.parameter == "pay.strike_deduction_fraction":
            law_handlers.withdraw(ladder.uow, check.id, JO)
    columns = [each.key for each in Ballot.__table__.columns if each.key not in ("id", "ref")]
    for number in range(30):
        copied = {name: getattr(ladder.ballot, name) for name in columns}
        ladder.uow.session.add(Ballot(ref=f"copy-{number}", **copied))
    ladder.uow.session.flush()
    asked: list[str] = []
    event.listen(ladder.uow.session.get_bind(), "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert anything_stale(ladder.uow)
    assert not rests_on_stale(ladder.uow)
    assert len(asked) < 12
