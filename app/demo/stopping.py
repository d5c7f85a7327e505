"""
Where the demonstration can be stopped: at a stage of the ladder, or at a point where somebody has something to do.

It is looked for each morning and each evening: a stage that every case leaves on the day it comes there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app import approvals
from app.demo.screenplay import By
from ballots.mandate import ActionKind
from ballots.models import Action, ActionStage
from casework import repository
from casework.cases import Case
from casework.disputes import dispute_of
from casework.lifecycle import Stage
from core.errors import MandateError
from core.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from app.demo.performance import Part  # imports Prefect, which must not be before its settings are made

ORDER = '--reason injunction --note "The High Court granted an injunction"'
PASSED_IN_A_DAY = frozenset({Stage.RAISED})

Refs = Sequence[str]


@dataclass(frozen=True, slots=True)
class Point:
    """What is so at a point, in words; the cases of which it is so; and the commands that go on from it."""

    so: str
    cases: Callable[[UnitOfWork], Refs]
    goes_on: Callable[[UnitOfWork, Sequence[Part], Refs], list[str]]


class NeverThere(MandateError):
    """What was played never came to where it was to stop."""

    def __init__(self, until: str) -> None:
        super().__init__(
            f"Nothing that was played came to {until}, so it was played to its end. "
            "Play all seven disputes, or name another point with --until."
        )


def stopped(uow: UnitOfWork, until: str, parts: Sequence[Part]) -> dict[str, Any]:
    """Where it stopped, for the document: the point, in words, the day, the cases, and commands that go on."""
    found = POINTS[until]
    there = found.cases(uow)
    commands = found.goes_on(uow, parts, there)
    return {"at": until, "so": found.so, "on": uow.today.isoformat(), "cases": list(there), "next": commands}


def _waiting(uow: UnitOfWork) -> Refs:
    return sorted({each.case_ref for each in approvals.waiting(uow)})


def _approve(uow: UnitOfWork, parts: Sequence[Part], _: Refs) -> list[str]:
    """Each approval by an officer who did not authorise what is approved, of what waits there and nothing else."""
    second = {part.case_id: part.actors[By.SECOND_OFFICER] for part in parts}
    return [
        f"{each.command} {each.case_ref} --as {second[repository.find(uow, each.case_ref).id]} --digest {each.digest}"
        for each in approvals.waiting(uow)
    ]


def _with_action(stage: ActionStage, *kinds: ActionKind) -> Callable[[UnitOfWork], Refs]:
    found = select(Case.ref).join(Action, Action.case_id == Case.id)
    found = found.where(Action.stage == stage, Action.kind.in_(kinds)).distinct().order_by(Case.ref)
    return lambda uow: uow.session.scalars(found).all()


def _stand_down(uow: UnitOfWork, _: Sequence[Part], refs: Refs) -> list[str]:
    """An order for each dispute, and how to see whom it has reached."""
    found = (dispute_of(uow, repository.find(uow, ref).id) for ref in refs)
    disputes = sorted({dispute.ref for dispute in found if dispute is not None})
    orders = [f"mandate dispute stand-down {each} {ORDER}" for each in disputes]
    return orders + [f"mandate dispute standing {each} --not-reached" for each in disputes]


def _at(stage: Stage) -> Callable[[UnitOfWork], Refs]:
    return lambda uow: uow.session.scalars(select(Case.ref).where(Case.stage == stage).order_by(Case.ref)).all()


def _record(_uow: UnitOfWork, _parts: Sequence[Part], refs: Refs) -> list[str]:
    return [f"mandate case acts {ref}" for ref in refs]


_STAGES = {
    stage.value: Point(f"at the stage {stage.value}", _at(stage), _record)
    for stage in Stage
    if stage not in PASSED_IN_A_DAY
}
POINTS: Mapping[str, Point] = {
    "approval": Point("papers wait for a second person", _waiting, _approve),
    "in_force": Point(
        "action is under way and can be stood down", _with_action(ActionStage.BEGUN, *ActionKind), _stand_down
    ),
    "strike_notified": Point(
        "a strike is notified and can be stood down", _with_action(ActionStage.NOTIFIED, ActionKind.STRIKE), _stand_down
    ),
    **_STAGES,
}
"""By the name that `--until` takes."""
