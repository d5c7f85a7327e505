"""What can be recorded next of several cases, who may do it, and where its form is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app import acts
from app.access import caller_in, place_of
from app.narrowing import wide
from app.people_views import named
from ballots.repository import foresee_cases
from casework.cases import Case
from casework.repository import foresee_events
from core.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class OfferedAct:
    """
    An act that makes sense now. `who` are the roles it is for, in words; `href` its form, None where whoever looks may
    not do it. `refs` are the cases it is offered for.
    """

    name: str
    label: str
    who: str
    href: str | None
    refs: tuple[str, ...]


def offered_for(uow: UnitOfWork, cases: Iterable[Case], wanted: tuple[str, ...]) -> tuple[OfferedAct, ...]:
    """The acts among those wanted that are offered for any of the cases, in the order of the table of acts."""
    return offered_among(uow, cases, wanted)[wanted]


def offered_among(
    uow: UnitOfWork, cases: Iterable[Case], *groups: tuple[str, ...]
) -> dict[tuple[str, ...], tuple[OfferedAct, ...]]:
    """The same of several groups of acts, each case asked once."""
    wanted, asked = {name for group in groups for name in group}, list(cases)
    found: dict[str, list[Case]] = {}
    with wide(uow.session):
        foresee_cases(uow, [case.id for case in asked])
        foresee_events(uow, [case.id for case in asked])
        for case in asked:
            for act in acts.acts_offered(uow, case, wanted):
                found.setdefault(act.name, []).append(case)
    told = {name: _told(uow, name, found[name]) for name in acts.ACTS if name in found}
    return {group: tuple(each for name, each in told.items() if name in group) for group in groups}


def _told(uow: UnitOfWork, name: str, cases: list[Case]) -> OfferedAct:
    act, caller = acts.ACTS[name], caller_in(uow)
    mine = [case for case in cases if caller is not None and caller.may(act.roles, place_of(case))]
    href = f"/cases/{mine[0].ref}?act={name}#record" if mine else None
    return OfferedAct(name, act.label, named(act.roles), href, tuple(case.ref for case in cases))
