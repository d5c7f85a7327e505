"""
What needs somebody today, for the home page, the API and the command line: gathered from every source and put in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app import need_sources, pay_sources, waiting_sources
from app.access import Caller
from app.need_sources import Asked, Viewer
from casework.levels import Level
from casework.needs import Need, NeedKind, Urgency, by_urgency, place, ranked
from core.unit_of_work import UnitOfWork
from core.why import Why

__all__ = ["HOME", "MOST", "Today", "Viewer", "as_document", "place_of", "today", "viewer_of"]

HOME = 10
"""How many the home page shows of what is one's own, and of the rest, before it points to the page of all."""

COMING = 4
"""How many of the days that come next are said."""

MOST = 500
"""How many of each source are read at most."""

Source = Callable[[Asked], Iterable[Need]]
SOURCES: tuple[Source, ...] = (
    need_sources.due,
    need_sources.mandates_ending,
    waiting_sources.papers,
    waiting_sources.to_serve,
    waiting_sources.stuck,
    waiting_sources.stale_law,
    pay_sources.payments,
    pay_sources.claims,
    pay_sources.approved_claims,
    waiting_sources.mails,
    need_sources.quiet_cases,
)
OF_A_CASE: tuple[Source, ...] = (
    need_sources.due,
    need_sources.mandates_ending,
    need_sources.quiet_cases,
    pay_sources.claims,
    pay_sources.approved_claims,
)
"""Sources of which each need is of a case, and of which there may be more than are read."""

COUNTED_APART = frozenset({NeedKind.DEADLINE, NeedKind.TURNING_POINT, NeedKind.QUIET_CASE})
"""Kinds of which there may be more than are listed: the database counts them."""


@dataclass(frozen=True, slots=True)
class Today:
    """
    What needs somebody, one's own first. `counts` is of all there is, listed or not; `own` are those of whoever looks.
    `coming` are the next days on which something is due, none of them near yet.
    """

    as_of: date
    own: tuple[Need, ...]
    others: tuple[Need, ...]
    counts: Mapping[Urgency, int]
    has_own: bool
    coming: tuple[Need, ...]

    @property
    def total(self) -> int:
        """How many there are, listed or not."""
        return sum(self.counts.values())

    @property
    def listed(self) -> tuple[Need, ...]:
        """All that are listed, in order."""
        return (*self.own, *self.others)

    @property
    def breaks_the_law(self) -> int:
        """How many statutory days have passed unmet or are near."""
        return sum(self.counts.get(each, 0) for each in (Urgency.LAW_BROKEN, Urgency.LAW_RED, Urgency.LAW_AMBER))


def viewer_of(caller: Caller) -> Viewer:
    """Whoever is signed in."""
    return Viewer(caller.actor, caller.officer_id, caller)


def today(uow: UnitOfWork, viewer: Viewer, shown: int = MOST) -> Today:
    """
    What needs somebody, `shown` at most of one's own and of the rest; only one officer's where the viewer asks so.
    """
    asked = Asked(uow, viewer, min(2 * shown, MOST))
    found = {each.id: each for source in SOURCES for each in source(asked)}
    if viewer.officer_id is not None and viewer.only is None:
        # Asked for by itself, so that no number of others' crowds out one's own.
        own_only = Asked(uow, replace(viewer, only=viewer.officer_id), asked.most)
        found |= {each.id: each for source in OF_A_CASE for each in source(own_only)}
    needs = ranked(found.values(), viewer.officer_id)
    own = tuple(each for each in needs if each.is_of(viewer.officer_id))
    others = tuple(each for each in needs if not each.is_of(viewer.officer_id))
    coming = tuple(need_sources.coming(replace(asked, most=COMING)))
    counts = _counts(asked, needs)
    return Today(uow.today, own[:shown], others[:shown], counts, viewer.officer_id is not None, coming)


def _counts(asked: Asked, needs: Sequence[Need]) -> dict[Urgency, int]:
    counts = Counter(by_urgency(each for each in needs if each.kind not in COUNTED_APART))
    counts.update(need_sources.due_counted(asked))
    counts[Urgency.QUIET] += asked.totals.get(NeedKind.QUIET_CASE, 0)
    return {urgency: counts[urgency] for urgency in Urgency if counts[urgency]}


@dataclass(frozen=True, slots=True)
class NeedTold:
    """A need for programs; `own` where it is of a case of whoever asks, `days_to_spare` negative once it is late."""

    id: str
    kind: NeedKind
    urgency: Urgency
    own: bool
    what: str
    who: str
    href: str
    does: str
    case_ref: str | None
    workplace: str | None
    officer: str | None
    due_on: date | None
    days_to_spare: int | None
    level: Level | None
    why: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class TodayTold:
    """What needs somebody, for programs; `counts` and `total` are of all there is, listed or not."""

    as_of: date
    total: int
    counts: Mapping[Urgency, int]
    needs: Sequence[NeedTold]


def as_document(found: Today) -> TodayTold:
    """For programs."""
    own = {each.id for each in found.own}
    needs = [_told(each, found.as_of, own=each.id in own) for each in found.listed]
    return TodayTold(found.as_of, found.total, found.counts, needs)


def place_of(told: NeedTold) -> tuple[str | int, ...]:
    """Where a need stands among all."""
    return place(told.id, told.kind, told.urgency, told.due_on, told.case_ref, own=told.own)


def _told(need: Need, today: date, *, own: bool) -> NeedTold:
    return NeedTold(
        id=need.id,
        kind=need.kind,
        urgency=need.urgency,
        own=own,
        what=need.what,
        who=need.who,
        href=need.href,
        does=need.does,
        case_ref=need.case_ref,
        workplace=need.workplace,
        officer=f"officer:{need.officer_id}" if need.officer_id else None,
        due_on=need.due_on,
        days_to_spare=need.days_to_spare(today),
        level=need.level,
        why=need.why.as_dict() if isinstance(need.why, Why) else need.why,
    )
