"""The figures of the law: they run, and what a contender does is what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from ballots.lint import lint
from ballots.plan import plan
from ballots.plan_facts import StepName, Wish
from bench import linter, planner, retiming
from bench.frame import Line, Run
from bench.ground import Ground
from core.law import current_law

TINY = Run(quick=True, full=False)


@pytest.mark.parametrize("first_action_on", [date(2026, 12, 10), date(2027, 1, 6), date(2027, 4, 7)])
def test_the_bare_loop_walks_the_days_of_the_plan(first_action_on: date) -> None:
    """Turns red if `_sent` leaves out the days that a mail may take: the ratio would be against other days."""
    steps = {step.step: step.latest_safe for step in plan(Wish(first_action_on=first_action_on), current_law()).steps}
    named = (StepName.AUTHORISE, StepName.BALLOT_NOTICE, StepName.SAMPLE_PAPER, StepName.BALLOT_OPENS)
    later = (StepName.BALLOT_CLOSES, StepName.ACTION_NOTICE, StepName.PICKETS)
    assert planner.Known().backwards(first_action_on) == tuple(steps[each] for each in (*named, *later))


def test_the_bare_loop_finds_the_same_earliest_day() -> None:
    """Turns red if `forwards` begins after the first day that is safe."""
    today = date(2026, 11, 22)
    assert planner.Known().forwards(today) == plan(Wish(today=today), current_law()).earliest_asos


def test_the_large_pack_is_lawful() -> None:
    """Turns red if its totals differ: the linter would spend its time on findings."""
    pack = linter.read((linter.large_pack(40), True))
    assert lint(pack, current_law()) == ()
    assert len(pack.dispute.workplaces) == 40


@pytest.mark.parametrize("figures", [planner.figures, linter.figures], ids=["planner", "linter"])
def test_the_figures_without_a_database_run(figures: Callable[[Run, list[Ground]], Iterator[Line]]) -> None:
    """Turns red if a contender no longer fits what it measures."""
    assert [line.value > 0 for line in figures(TINY, [])] == [True, True]


def test_the_retiming_moves_every_deadline_that_was_made(tmp_path: Path) -> None:
    """Turns red if `filled` makes fewer deadlines than it was asked for, or the holiday moves none of them."""
    ground = Ground("SQLite", tmp_path)
    template = ground.prepared(lambda uow: retiming.filled(uow, 3))
    for work in (lambda: retiming.compared(3), lambda: retiming.added(retiming.DUE, 3)):
        with ground.fresh(template):
            work()
    with ground.fresh(template), pytest.raises(RuntimeError, match="3 deadlines moved, not 4"):
        retiming.added(retiming.DUE, 4)
