"""What a case's page says stands in the way."""

from __future__ import annotations

from app.case_views import case_page
from ballots.models import ActionStage
from core.findings import stops
from core.unit_of_work import UnitOfWork
from notifications import proof
from tests.ballots.scenes import Ladder, disputed, won
from tests.days import day


def codes(ladder: Ladder) -> list[str]:
    """The stops: a result told after the next working day, as in these scenes, is only warned of."""
    return [found.code for found in stops(case_page(ladder.uow, ladder.case.ref).findings)]


def test_a_proof_withdrawn_after_action_was_notified_stands_in_the_way(uow: UnitOfWork) -> None:
    """Turns red if `_findings` asks authorised action only: the action would not begin, and the page not say why."""
    ladder = won(disputed(uow)).on("Fri 2026-11-20")
    ladder.act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07")).action_arrives()
    assert (ladder.actions[-1].stage, codes(ladder)) == (ActionStage.NOTIFIED, [])
    notice = ladder.notice_of_action()
    proof.revoke(ladder.uow, notice.id, reason="another letter was meant")
    assert codes(ladder) == ["action_notice_unproved", "service_in_doubt"]
    ladder.on("Sat 2026-11-28").arrives("notice_of_action", notice.subject_ref)
    assert codes(ladder) == ["action_notice_late"]


def test_a_result_that_is_not_proved_told_any_more_stands_against_notified_action(uow: UnitOfWork) -> None:
    """Turns red if `issues_standing` looks for the notice of action only (s. 234A(4)(a))."""
    ladder = won(disputed(uow)).on("Fri 2026-11-20")
    ladder.act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07")).action_arrives()
    proof.revoke(ladder.uow, ladder.papers("ballot_result_employer")[0].id, reason="it was another letter")
    assert codes(ladder) == ["action_notice_before_result_told", "service_in_doubt"]
