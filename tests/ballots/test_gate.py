"""The one gate before a statutory paper leaves, and every way that leads through it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from ballots import barrister, gate, papers
from ballots.lifecycle import BallotStage
from ballots.models import ActionStage
from core.errors import RuleViolation
from core.findings import stops
from core.unit_of_work import UnitOfWork
from flows import outbox_delivery
from notifications import outbox
from notifications.delivery import deliver_due
from notifications.lifecycle import Medium, State
from notifications.models import Notice
from tests.ballots.law import with_value
from tests.ballots.scenes import SECOND, Ladder, disputed, planned
from tests.ballots.schools import schools
from tests.ballots.test_barrister import asos_prepared, restated
from tests.ballots.test_packs_held import _unscrutinised_beside
from tests.notifications.conftest import Desk, desk  # noqa: F401 - a fixture

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

Climb = Callable[[str], Ladder]
SOURCE = Path(gate.__file__).parents[1]
LETTING_GO = {"queue", "release", "re_serve", "also_by_letter", "queue_approved", "queue_unless_stopped", "deliver_due"}

WAYS = {
    ("ballots/papers.py", "queue"): "queue_approved below",
    ("ballots/steps.py", "queue_unless_stopped"): "asks the barrister",
    ("ballots/steps.py", "queue_approved"): "results only, which are told at once whatever is found in them",
    ("ballots/action_steps.py", "queue_unless_stopped"): "asks the barrister",
    ("ballots/barrister.py", "queue_approved"): "queue_unless_stopped, once no stop stands",
    ("ballots/notice_handlers.py", "release"): "asks the gate first",
    ("notifications/outbox.py", "queue"): "enqueue refuses statutory notices; a letter for a mail meets the delivery",
    ("notifications/outbox.py", "also_by_letter"): "the letter meets the delivery",
    ("notifications/inbox.py", "re_serve"): "the letter meets the delivery",
    ("notifications/reconciling.py", "re_serve"): "the letter meets the delivery",
    ("notifications/climbing.py", "also_by_letter"): "the letter meets the delivery",
    ("notifications/results.py", "re_serve"): "the letter meets the delivery",
    ("notifications/results.py", "also_by_letter"): "the letter meets the delivery",
    ("flows/outbox_delivery.py", "deliver_due"): "asks the gate before each hand-over",
}
"""Every place that lets a notice go, and what asks there. docs/lint.md lists the same for people."""


def test_every_way_by_which_a_paper_leaves_is_known() -> None:
    """Turns red if somebody queues, releases, serves again or delivers from another place: it needs the gate too."""
    found = set()
    for folder in ("notifications", "casework", "ballots", "flows", "app"):
        for path in (SOURCE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and _called(node) in LETTING_GO:
                    found.add((path.relative_to(SOURCE).as_posix(), _called(node)))
    assert found == set(WAYS)


def _called(call: ast.Call) -> str:
    """The name of a function called by itself or on one of our modules."""
    if isinstance(call.func, ast.Name):
        return call.func.id
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        return call.func.attr if call.func.value.id in {"outbox", "papers", "barrister", "delivery"} else ""
    return ""


def held(ladder: Ladder, kind: str, subject: str | None = None) -> Notice:
    """The letter of a kind, approved and queued, that the delivery held."""
    letter = ladder.papers(kind, subject)[0]
    outbox.approve(ladder.uow, letter.id, SECOND)
    outbox.queue(ladder.uow, letter.id)
    letter.state = State.HELD
    ladder.uow.session.flush()
    return letter


def refused(ladder: Ladder, letter: Notice) -> set[str]:
    with pytest.raises(RuleViolation, match="a stop stands against it today") as caught:
        ladder.act("notice_released", held=letter.id, reason="it is fine")
    assert letter.state is State.HELD
    return {found.code for found in stops(caught.value.findings)}


def test_a_held_paper_that_says_another_total_is_not_let_go(climb: Climb) -> None:
    """Turns red if `release_notice` does not ask the gate."""
    ladder = climb("planned").on("Wed 2026-10-07")
    letter = held(ladder, "notice_of_ballot")
    restated("notice_of_ballot", total=13)(ladder)
    assert refused(ladder, letter) == {"figures_disagree"}


def test_a_held_paper_is_not_let_go_a_day_too_late(climb: Climb) -> None:
    """The thirteenth is its last day. Turns red if whoever releases it decides whether it is in time."""
    ladder = climb("planned")
    letter = held(ladder, "notice_of_ballot")
    assert refused(ladder.on("Wed 2026-10-14"), letter) == {"ballot_notice_late"}
    ladder.on("Tue 2026-10-13").act("notice_released", held=letter.id, reason="it is fine")
    assert letter.state is not State.HELD


def test_a_held_notice_of_action_asks_the_gate_too(climb: Climb) -> None:
    """Turns red if only ballots are asked about, or what stands beside the papers is not."""
    ladder = asos_prepared(climb)
    letter = held(ladder, "notice_of_action", f"action:{ladder.actions[0].id}")
    proved = next(each for each in ladder.papers("ballot_result_employer") if each.state is State.EVIDENCED)
    ladder.act("receipt_withdrawn", proved=proved.id, reason="another letter")
    assert refused(ladder, letter) == {"action_notice_before_result_told"}
    restated("notice_of_action", total=13)(ladder)
    assert "figures_disagree" in refused(ladder, letter)


def test_what_is_no_statutory_paper_is_let_go(climb: Climb) -> None:
    """A lost result has a stop, and is told. Turns red if the gate holds back what the law wants told at once."""
    lost = {"strike_yes": 1, "strike_no": 8, "asos_yes": 1, "asos_no": 8}
    ladder = climb("closed").act("result_declared", entitled=12, cast=9, **lost)
    result = ladder.papers("ballot_result_employer")[0]
    assert stops(barrister.against_ballot(ladder.uow, ladder.ballot).findings)
    assert gate.against(ladder.uow, result) == ()
    assert gate.keeper()(ladder.uow, result) is None


@pytest.mark.parametrize("medium", [Medium.LETTER, Medium.MAIL])
def test_a_paper_on_its_way_is_asked_again_at_each_hand_over(desk: Desk, medium: Medium) -> None:  # noqa: F811
    """
    The register changed after it was queued. A letter in place of a mail that failed is handed over here as well.

    Turns red if `claims.kept_back` does not ask `gate`, or asks for one medium.
    """
    with desk.work() as uow:
        ladder = planned(disputed(uow)).on("Wed 2026-10-07")
        letters = [*ladder.papers("notice_of_ballot"), *ladder.papers("sample_voting_paper")]
        for each in letters:
            outbox.approve(ladder.uow, each.id, SECOND)
        papers.queue_approved(ladder.uow, letters)
        for each in letters:
            if each.medium is not medium:
                outbox.cancel(ladder.uow, each.id, "one medium is enough")
        now = ladder.uow.now
        ids = [each.id for each in letters if each.medium is medium]
        restated("notice_of_ballot", total=13)(ladder)
    report = deliver_due(desk.database, desk.channels, as_of=now, keeper=gate.keeper)
    assert (report.failures, report.held, report.accepted) == ([], 2, report.due - 2)
    assert {desk.state(each) for each in ids} == {State.HELD}
    assert desk.notice(ids[0]).held_because == "a stop stands against it: figures_disagree"


def under_way(letters: list[Notice], state: State) -> None:
    """Approved papers, brought to a state on their way."""
    for letter in letters:
        if state in (State.TEMP_WAIT, State.UNKNOWN):
            letter.state, letter.epoch = State.SENDING, letter.epoch + 1
        if state is not State.QUEUED:
            letter.state = state


@pytest.mark.parametrize("state", [State.QUEUED, State.TEMP_WAIT, State.UNKNOWN])
def test_no_paper_of_a_cancelled_ballot_goes_out(desk: Desk, state: State) -> None:  # noqa: F811
    """
    One of which nobody knows whether it went out cannot be taken back, and would be sent again to make sure; another
    may come back from a failed attempt just after the cancellation.

    Turns red if `_over` has nothing for a cancelled ballot.
    """
    with desk.work() as uow:
        ladder = planned(disputed(uow)).on("Wed 2026-10-07")
        letters = [*ladder.papers("notice_of_ballot"), *ladder.papers("sample_voting_paper")]
        for each in letters:
            outbox.approve(ladder.uow, each.id, SECOND)
        papers.queue_approved(ladder.uow, letters)
        under_way(letters, state)
        ladder.uow.session.flush()
        if state is State.UNKNOWN:
            ladder.act("ballot_cancelled", reason="a new issue")
        else:
            ladder.ballot.stage = BallotStage.CANCELLED
        now, ids = ladder.uow.now, [each.id for each in letters]
    report = deliver_due(desk.database, desk.channels, as_of=now, keeper=gate.keeper)
    assert (report.failures, report.held) == ([], len(ids))
    assert {desk.state(each) for each in ids} == {State.HELD}
    assert {desk.notice(each).held_because for each in ids} == {"a stop stands against it: ballot_cancelled"}
    assert not any(each in path.name for path in desk.files() for each in map(str, ids))


def test_a_held_paper_of_a_cancelled_ballot_is_not_let_go(climb: Climb) -> None:
    """Turns red if `_over` has nothing for a cancelled ballot: its other stops are those of a ballot that goes on."""
    ladder = climb("planned").on("Wed 2026-10-07")
    letter = held(ladder, "notice_of_ballot")
    ladder.ballot.stage = BallotStage.CANCELLED
    assert refused(ladder, letter) == {"ballot_cancelled"}


def test_no_notice_of_action_that_was_called_off_goes_out(climb: Climb) -> None:
    """
    Other days were authorised while nobody knew whether the first notice had gone.

    Turns red if `_over` has nothing for action that ended.
    """
    ladder = asos_prepared(climb)
    letter = held(ladder, "notice_of_action", f"action:{ladder.actions[0].id}")
    letter.state = State.QUEUED
    under_way([letter], State.UNKNOWN)
    assert gate.against(ladder.uow, letter) == ()
    ladder.act("asos_authorised", instructions=[2], starts_on=ladder.actions[0].starts_on + timedelta(days=7))
    assert (ladder.actions[0].stage, letter.state) == (ActionStage.ENDED, State.UNKNOWN)
    assert [each.code for each in gate.against(ladder.uow, letter)] == ["action_over"]
    assert gate.keeper()(ladder.uow, letter) == "a stop stands against it: action_over"


def test_a_ballot_cancelled_while_a_sweep_goes_on_keeps_its_other_papers(climb: Climb) -> None:
    """Turns red if the answer for the first paper of a sweep is given for the others too, whatever happened since."""
    ladder = climb("planned").on("Wed 2026-10-07")
    ask, notice, sample = gate.keeper(), *(ladder.papers(kind)[0] for kind in papers.BALLOT_PAPERS)
    assert ask(ladder.uow, notice) is None
    ladder.ballot.stage = BallotStage.CANCELLED
    assert ask(ladder.uow, sample) == "a stop stands against it: ballot_cancelled"


def test_the_flow_gives_the_gate_to_the_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if the flow delivers without it, or gives one gate in place of what makes them."""
    given: list[object] = []
    monkeypatch.setattr(outbox_delivery, "deliver_due", lambda *_, **named: given.append(named["keeper"]))
    monkeypatch.setattr(outbox_delivery, "database", lambda: None)
    monkeypatch.setattr(outbox_delivery, "configured_channels", lambda _: {})
    outbox_delivery._deliver()
    assert given == [gate.keeper]


def test_whoever_queues_is_told_which_stops_stand(climb: Climb) -> None:
    """Turns red if a stop and nothing to do look the same."""
    ladder = climb("planned").on("Wed 2026-10-07")
    letters = ladder.papers("notice_of_ballot")
    subject = papers.ballot_ref(ladder.ballot.id)

    def queued() -> list[str]:
        found = barrister.queue_unless_stopped(
            ladder.uow, subject, letters, lambda: barrister.against_ballot(ladder.uow, ladder.ballot)
        )
        return [each.code for each in found]

    assert queued() == []
    assert not any(each.queued_at for each in letters)
    papers.approve_all(ladder.uow, letters, SECOND)
    restated("notice_of_ballot", total=13)(ladder)
    assert "figures_disagree" in queued()
    assert not any(each.queued_at for each in letters)
    restated("notice_of_ballot", total=12)(ladder)
    assert queued() == []
    assert all(each.queued_at for each in letters)


def test_papers_that_show_an_older_reckoning_are_drawn_up_again(climb: Climb, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Nine days instead of seven, since the papers were made: in time by both, but the appendix shows the older sum.

    Turns red if `_ballot_reckoned_before` is not asked.
    """
    ladder = climb("planned")
    assert stops(barrister.against_ballot(ladder.uow, ladder.ballot).findings) == ()
    longer = with_value("ballots.notice_of_ballot_days", 9, date(2026, 10, 20))
    monkeypatch.setattr("core.law_records.current_law", lambda: longer)
    ladder.on("Wed 2026-10-07")
    with pytest.raises(RuleViolation) as caught:
        ladder.act("ballot_notices_approved", by=SECOND)
    (found,) = stops(caught.value.findings)
    assert (found.code, found.where) == ("reckoning_moved", "notice_of_ballot")
    assert "13 October 2026" in found.sentence
    assert "11 October 2026" in found.sentence
    assert found.cure.startswith("Cancel the ballot and authorise it again")


def test_a_notice_of_action_that_shows_an_older_reckoning_is_drawn_up_again(
    climb: Climb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if `_action_reckoned_before` is not asked; the cure is tried too."""
    ladder = climb("won").on("Fri 2026-11-20").act("asos_authorised", instructions=[2], starts_on=date(2026, 12, 14))
    longer = with_value("ballots.action_notice_days", 12, date(2026, 11, 20))
    monkeypatch.setattr("core.law_records.current_law", lambda: longer)
    ladder.on("Mon 2026-11-23")
    with pytest.raises(RuleViolation) as caught:
        ladder.act("action_notices_approved", by=SECOND)
    assert [found.code for found in stops(caught.value.findings)] == ["reckoning_moved"]
    ladder.act("asos_authorised", instructions=[2], starts_on=date(2026, 12, 14))
    ladder.act("action_notices_approved", by=SECOND)


@pytest.mark.parametrize(("own", "beside", "stopped"), [(20, 31, True), (31, 20, True), (20, 30, False)])
def test_the_exemption_counts_a_ballot_and_those_beside_it(
    uow: UnitOfWork, own: int, beside: int, *, stopped: bool
) -> None:
    """
    Neither is over fifty alone, so neither number says stop without the other (s. 226C).

    Turns red if `_unscrutinised` counts `own or 0` without those beside it, or those beside it alone.
    """
    made = schools(uow, own, beside)
    made[0].act("dispute_declared")
    planned(made[0])
    made[1].on("Tue 2026-10-06").act("dispute_joined", dispute=f"D-{made[0].case.ref}")
    first = made[0].ballot
    _unscrutinised_beside(made[1])
    found = barrister.against_ballot(made[0].uow, first).findings
    assert ("scrutineer_missing" in {each.code for each in found}) is stopped
