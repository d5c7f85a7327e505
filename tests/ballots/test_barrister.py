"""The other side's barrister at the gate: a fault in what was frozen keeps each gate shut; a warn is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ballots import barrister
from ballots.action_steps import issues_of, issues_standing
from ballots.lifecycle import BallotStage
from ballots.mandate import ActionKind
from ballots.models import ActionStage, EntitledToVote
from ballots.steps import readiness_of
from core.errors import RuleViolation
from core.findings import Severity, stops
from core.history import HistoryEntry
from notifications.models import Notice
from tests.ballots.scenes import BOTH, OPENS, SECOND, Ladder
from tests.builders import an_employer
from tests.days import day

pytestmark = pytest.mark.engines("sqlite")
Climb = Callable[[str], Ladder]
Plant = Callable[[Ladder], None]


def restated(paper: str, **facts: Any) -> Plant:
    """What the copies of a paper say, otherwise than it was made."""

    def plant(ladder: Ladder) -> None:
        found = ladder.uow.session.query(Notice).filter_by(kind=paper).all()
        assert found
        for notice in found:
            assert facts.keys() <= notice.facts.keys()
            notice.facts = {**notice.facts, **facts}

    return plant


def another_employer_employs(ladder: Ladder) -> None:
    ladder.case.workplace.employer = an_employer(ladder.uow)
    ladder.uow.session.flush()


def somebody_left_the_list(ladder: Ladder) -> None:
    ladder.uow.session.delete(ladder.uow.session.query(EntitledToVote).limit(1).one())
    ladder.uow.session.flush()


def read_again(kind: str, change: Callable[[str], str]) -> Plant:
    """The statement of a paper, altered."""

    def plant(ladder: Ladder) -> None:
        for notice in ladder.uow.session.query(Notice).filter_by(kind=kind):
            notice.facts = {**notice.facts, "statement": change(notice.facts["statement"])}

    return plant


BALLOT_FAULTS: dict[str, tuple[Plant, str]] = {
    "another total than the list": (restated("notice_of_ballot", total=13), "figures_disagree"),
    "somebody left the list": (somebody_left_the_list, "figures_disagree"),
    "another employer on the notice": (restated("notice_of_ballot", employer_name="North Trust"), "employer_wrong"),
    "another employer on the sample": (restated("sample_voting_paper", employer_name="North Trust"), "employer_wrong"),
    "the school changed hands": (another_employer_employs, "employer_wrong"),
    "no opening day": (restated("notice_of_ballot", opening_day=None), "ballot_notice_opening_day_missing"),
    "no list of workplaces": (restated("notice_of_ballot", workplaces=[]), "ballot_notice_lists_missing"),
    "no kinds of post": (restated("notice_of_ballot", categories=[]), "ballot_notice_lists_missing"),
    "a statement that says more": (
        read_again("sample_voting_paper", lambda said: f"{said} Ask your rep."),
        "voting_paper_statement_wrong",
    ),
    "no caller": (restated("sample_voting_paper", caller=""), "voting_paper_caller_missing"),
    "no address to return it to": (restated("sample_voting_paper", return_address=""), "voting_paper_return_missing"),
    "a question less": (restated("sample_voting_paper", questions=[]), "voting_paper_question_missing"),
}


@pytest.mark.parametrize(("plant", "code"), BALLOT_FAULTS.values(), ids=BALLOT_FAULTS)
def test_a_fault_keeps_a_ballots_papers_from_being_approved(climb: Climb, plant: Plant, code: str) -> None:
    """Turns red if `approve_ballot_notices` does not ask the barrister."""
    ladder = climb("planned").on("Wed 2026-10-07")
    plant(ladder)
    with pytest.raises(RuleViolation) as caught:
        ladder.act("ballot_notices_approved", by=SECOND)
    assert caught.value.what == "Received today, the papers would not be lawful."
    assert code in {found.code for found in stops(caught.value.findings)}
    assert all(found.cure and found.citation and found.where for found in stops(caught.value.findings))
    assert not any(notice.approved_by for notice in ladder.papers("notice_of_ballot"))


@pytest.mark.parametrize(("plant", "code"), BALLOT_FAULTS.values(), ids=BALLOT_FAULTS)
def test_a_fault_that_came_after_the_approval_keeps_papers_from_going_out(
    climb: Climb, plant: Plant, code: str
) -> None:
    """Turns red if `serve_ballot_notices` queues what is approved whatever stands against it."""
    ladder = climb("planned").on("Wed 2026-10-07")
    idle = Ladder(ladder.uow, ladder.case_id)
    idle.work = lambda: idle  # type: ignore[method-assign]
    idle.act("ballot_notices_approved", by=SECOND)
    plant(ladder)
    ladder.work()
    assert not any(notice.queued_at for notice in ladder.papers("notice_of_ballot"))
    assert code in {found.code for found in readiness_of(ladder.uow, ladder.ballot)}


@pytest.mark.parametrize(("plant", "code"), BALLOT_FAULTS.values(), ids=BALLOT_FAULTS)
def test_a_fault_keeps_a_ballot_shut(climb: Climb, plant: Plant, code: str) -> None:
    """Turns red if `open_ballot` asks for proofs only."""
    ladder = climb("noticed")
    plant(ladder)
    ladder.on(OPENS, work=True)
    assert ladder.ballot.stage is BallotStage.NOTICED
    assert code in {found.code for found in stops(readiness_of(ladder.uow, ladder.ballot))}


@pytest.mark.parametrize(("today", "late"), [("Tue 2026-10-13", False), ("Wed 2026-10-14", True)])
def test_papers_are_not_approved_a_day_too_late(climb: Climb, today: str, *, late: bool) -> None:
    """Turns red if a paper that is still here counts as received on the day it was made."""
    ladder = climb("planned").on(today)
    if not late:
        ladder.act("ballot_notices_approved", by=SECOND)
        assert all(notice.queued_at for notice in ladder.papers("notice_of_ballot"))
        return
    with pytest.raises(RuleViolation) as caught:
        ladder.act("ballot_notices_approved", by=SECOND)
    assert [found.code for found in stops(caught.value.findings)] == ["ballot_notice_late"]


ACTION_FAULTS: dict[str, tuple[Plant, str]] = {
    "figures that do not add up": (restated("notice_of_action", total=13), "figures_disagree"),
    "another employer on the notice": (restated("notice_of_action", employer_name="North Trust"), "employer_wrong"),
    "the school changed hands": (another_employer_employs, "employer_wrong"),
    "no explanation": (restated("notice_of_action", explanation=""), "action_notice_explanation_missing"),
    "no number at each workplace": (restated("notice_of_action", by_workplace={}), "action_notice_figures_missing"),
    "another kind than the one meant": (restated("notice_of_action", kind="strike"), "action_notice_missing"),
    "no first day": (restated("notice_of_action", starts=None), "action_notice_dates_missing"),
    "a later first day than is meant": (restated("notice_of_action", starts="2026-12-08"), "action_not_notified"),
    "another caller": (restated("notice_of_action", caller="A Branch Secretary"), "caller_not_specified"),
}


def asos_prepared(climb: Climb) -> Ladder:
    ladder = climb("won").on("Fri 2026-11-20")
    return ladder.act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07"))


@pytest.mark.parametrize(("plant", "code"), ACTION_FAULTS.values(), ids=ACTION_FAULTS)
def test_a_fault_keeps_a_notice_of_action_from_being_approved(climb: Climb, plant: Plant, code: str) -> None:
    """Turns red if `approve_action_notices` does not ask the barrister."""
    ladder = asos_prepared(climb)
    plant(ladder)
    with pytest.raises(RuleViolation) as caught:
        ladder.act("action_notices_approved", by=SECOND)
    assert caught.value.what == "Received today, the notice of action would not be lawful."
    assert code in {found.code for found in stops(caught.value.findings)}
    assert ladder.notice_of_action().approved_by is None


@pytest.mark.parametrize(("plant", "code"), ACTION_FAULTS.values(), ids=ACTION_FAULTS)
def test_a_fault_that_came_after_keeps_a_notice_of_action_from_going_out(climb: Climb, plant: Plant, code: str) -> None:
    """Turns red if `serve_action_notices` queues what is approved whatever stands against it."""
    ladder = asos_prepared(climb)
    idle = Ladder(ladder.uow, ladder.case_id)
    idle.work = lambda: idle  # type: ignore[method-assign]
    idle.act("action_notices_approved", by=SECOND)
    plant(ladder)
    ladder.work()
    assert ladder.notice_of_action().queued_at is None
    assert code in {found.code for found in issues_of(ladder.uow, ladder.actions[0])}


@pytest.mark.parametrize(("plant", "code"), ACTION_FAULTS.values(), ids=ACTION_FAULTS)
def test_a_fault_in_a_notice_that_arrived_notifies_nothing(climb: Climb, plant: Plant, code: str) -> None:
    """Turns red if the receipt alone makes an action notified: members would be instructed."""
    ladder = asos_prepared(climb).act("action_notices_approved", by=SECOND)
    plant(ladder)
    ladder.arrives("notice_of_action", f"action:{ladder.actions[0].id}")
    assert ladder.actions[0].stage is ActionStage.AUTHORISED
    assert not ladder.papers("instruction_sheet", f"action:{ladder.actions[0].id}")
    assert code in {found.code for found in issues_of(ladder.uow, ladder.actions[0])}


STRIKE_FAULTS: dict[str, tuple[Plant, str]] = {
    "a day that was not notified": (restated("notice_of_action", dates=["2027-01-27"]), "action_not_notified"),
    "another employer": (restated("notice_of_action", employer_name="North Trust"), "action_notice_missing"),
    "another total": (restated("notice_of_action", total=40), "figures_disagree"),
}


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.parametrize(("plant", "code"), STRIKE_FAULTS.values(), ids=STRIKE_FAULTS)
def test_nobody_is_called_to_a_strike_with_a_fault(climb: Climb, plant: Plant, code: str) -> None:
    """Turns red if `send_strike_calls` asks for the proof of receipt only: whoever joins later would be called."""
    ladder = climb("striking")
    subject = f"action:{ladder.actions[-1].id}"
    for notice in ladder.papers("strike_call", subject):
        ladder.uow.session.delete(notice)
    ladder.uow.session.flush()
    plant(ladder)
    ladder.on("Fri 2027-01-15", work=True)
    assert not ladder.papers("strike_call", subject)
    assert code in {found.code for found in stops(issues_standing(ladder.uow, ladder.actions[-1]))}


def test_what_comes_later_on_the_ladder_is_not_judged(climb: Climb) -> None:
    """Turns red if a ballot without a result, or one without action, has a stop for lack of it."""
    for rung in ("planned", "noticed", "closed", "won"):
        ladder = climb(rung)
        assert stops(barrister.against_ballot(ladder.uow, ladder.ballot).findings) == ()


def test_a_notice_is_late_a_day_after_its_last_day(climb: Climb) -> None:
    """Turns red if a notice of action that is still here counts as received on the day it was made."""
    ladder = asos_prepared(climb).on("Fri 2026-11-27")
    assert stops(issues_of(ladder.uow, ladder.actions[0])) == ()
    ladder.on("Sat 2026-11-28")
    assert [found.code for found in stops(issues_of(ladder.uow, ladder.actions[0]))] == ["action_notice_late"]
    with pytest.raises(RuleViolation, match="Received today, the notice of action would not be lawful"):
        ladder.act("action_notices_approved", by=SECOND)


def warned(ladder: Ladder) -> list[tuple[str, list[str]]]:
    rows = ladder.uow.session.query(HistoryEntry).filter_by(action=barrister.WENT_AHEAD).order_by(HistoryEntry.seq)
    return [(row.subject.partition(":")[0], row.facts["warns"]) for row in rows]


def test_a_warn_lets_pass_and_is_kept(climb: Climb) -> None:
    """Three days of voting are a warn of the Code. Turns red if `remember` is not called, or is each morning."""
    ladder = climb("disputed").on("Tue 2026-10-06")
    ladder.act("ballot_authorised", **BOTH, opens_on=day(OPENS), closes_on=day(OPENS) + timedelta(days=3))
    ladder.on("Wed 2026-10-07").act("ballot_notices_approved", by=SECOND)
    kept = [("ballot", ["ballot_window_short"])] * 2
    assert warned(ladder) == kept
    ladder.work().on("Thu 2026-10-08").arrives("notice_of_ballot").arrives("sample_voting_paper")
    assert warned(ladder) == kept
    ladder.on(OPENS, work=True).work()
    assert ladder.ballot.stage is BallotStage.OPEN
    assert warned(ladder) == [*kept, kept[0]]


@pytest.mark.engines("sqlite", "postgresql")
def test_a_warn_about_a_strike_is_kept_when_members_are_called(climb: Climb) -> None:
    """Turns red if the warns are kept anew whenever somebody joins and is called."""
    ladder = climb("in_force").on("Mon 2027-01-11").act("escalation_sought", happened_on=day("Mon 2027-01-11"))
    ladder.act("strike_authorised", days=[day("Wed 2027-01-27")]).on("Thu 2027-01-14")
    for notice in ladder.papers("notice_of_action", f"action:{ladder.actions[-1].id}"):
        notice.facts = {**notice.facts, "categories": ["teacher", "staff"]}
    ladder.action_arrives()
    against = barrister.against_action(ladder.uow, ladder.actions[-1])
    assert "category_vague" in {each.code for each in against.findings if each.severity is Severity.WARN}
    before = len(warned(ladder))
    assert before
    ladder.on("Fri 2027-01-15", work=True)
    assert len(warned(ladder)) == before


def test_a_lost_ballot_is_told_all_the_same(climb: Climb) -> None:
    """Turns red if the result is held back for what it says: it is told at once (ss. 231, 231A)."""
    lost = {"strike_yes": 1, "strike_no": 8, "asos_yes": 1, "asos_no": 8}
    ladder = climb("closed").act("result_declared", entitled=12, cast=9, **lost)
    found = {each.code for each in stops(barrister.against_ballot(ladder.uow, ladder.ballot).findings)}
    assert found == {"majority_not_met"}
    assert all(notice.queued_at for notice in ladder.papers("ballot_result_employer"))


def test_a_ballot_over_other_employers_papers_is_read_once_for_each_form(climb: Climb) -> None:
    """A second employer's sample with another statement. Turns red if only the first sample is read."""
    ladder = climb("noticed")
    letter, mail = ladder.papers("sample_voting_paper")
    mail.facts = {**mail.facts, "statement": "You may be in breach of your contract of employment."}
    found = stops(barrister.against_ballot(ladder.uow, ladder.ballot).findings)
    assert [each.code for each in found] == ["voting_paper_statement_wrong"]
    assert letter.facts["statement"] != mail.facts["statement"]


def test_a_scene_with_both_kinds_judges_each_action_by_its_own_notice(climb: Climb) -> None:
    ladder = climb("striking")
    assert [action.kind for action in ladder.actions] == [ActionKind.ASOS, ActionKind.STRIKE]
    for action in ladder.actions:
        assert stops(barrister.against_action(ladder.uow, action).findings) == ()
