"""Which case a notice's subject belongs to, and what the notices of a case are filed under: one table for both."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Select, Subquery, func, select
from sqlalchemy.orm import InstrumentedAttribute

from ballots.models import Action, BallotCase
from casework.agreements.models import Agreement
from casework.cases import Case
from casework.deadlines import Deadline
from casework.disputes import DisputeCase, DisputeLeg
from casework.pay.models import Claim
from casework.stand_downs import StandDown
from core.unit_of_work import UnitOfWork

Key = InstrumentedAttribute[uuid.UUID]


def _pairs(key: Key, case_id: Key) -> Select[tuple[uuid.UUID, uuid.UUID]]:
    return select(key.label("key"), case_id.label("case_id"))


_OF_DISPUTES = _pairs(DisputeLeg.dispute_id, DisputeCase.case_id).join(DisputeLeg, DisputeLeg.id == DisputeCase.leg_id)
_OF_STAND_DOWNS = (
    _pairs(StandDown.id, DisputeCase.case_id)
    .join_from(StandDown, DisputeLeg, DisputeLeg.dispute_id == StandDown.dispute_id)
    .join(DisputeCase, DisputeCase.leg_id == DisputeLeg.id)
)
FILED: Mapping[str, Subquery] = {
    "case": _pairs(Case.id, Case.id).subquery(),
    "deadline": _pairs(Deadline.id, Deadline.case_id).subquery(),
    "claim": _pairs(Claim.id, Claim.case_id).subquery(),
    "agreement": _pairs(Agreement.id, Agreement.case_id).subquery(),
    "action": _pairs(Action.id, Action.case_id).subquery(),
    "ballot": _pairs(BallotCase.ballot_id, BallotCase.case_id).subquery(),
    "dispute": _OF_DISPUTES.subquery(),
    "stand_down": _OF_STAND_DOWNS.subquery(),
}
"""The kinds of subject that belong to cases: the `key` of each and the `case_id`s."""


def cases_of(subject_ref: str) -> Select[tuple[uuid.UUID]] | None:
    """The ids of the cases that a subject belongs to; None for a kind that belongs to none."""
    kind, _, key = subject_ref.partition(":")
    if kind not in FILED:
        return None
    filed = FILED[kind].c
    return select(filed.case_id).where(filed.key == uuid.UUID(key))


def case_refs(uow: UnitOfWork, subject_refs: Iterable[str]) -> Mapping[str, str]:
    """The reference of the case that each subject belongs to, the first of several: a query for each kind there is."""
    keys: dict[str, set[uuid.UUID]] = defaultdict(set)
    for kind, _, key in {tuple(each.partition(":")) for each in subject_refs}:
        if kind in FILED:
            keys[kind].add(uuid.UUID(key))
    found: dict[str, str] = {}
    for kind, wanted in keys.items():
        filed = FILED[kind].c
        first = select(filed.key, func.min(Case.ref)).join(Case, Case.id == filed.case_id)
        rows = uow.session.execute(first.where(filed.key.in_(wanted)).group_by(filed.key))
        found |= {f"{kind}:{key}": ref for key, ref in rows.tuples()}
    return found


def filed_under(uow: UnitOfWork, case_ids: Collection[uuid.UUID]) -> frozenset[str]:
    """What every notice of any of the cases is filed under: a query for each kind."""
    found: set[str] = set()
    for kind, filed in FILED.items():
        keys = uow.session.scalars(select(filed.c.key).where(filed.c.case_id.in_(case_ids)))
        found |= {f"{kind}:{key}" for key in keys}
    return frozenset(found)
