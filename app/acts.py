"""
Every act of every package in one table, and the one way to do one: for the page's form, the API and the command line.

An act is done once for one key. The key and a digest of the facts stand in history, written in the transaction of the
act itself: the same key again changes nothing, and the same key with other facts is a conflict.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from sqlalchemy import select

from app.admission import admit_document
from ballots import acts as ballots_acts
from ballots import stopping_acts
from casework import acts as casework_acts
from casework import disputes, repository
from casework.acts import Act, Facts
from casework.agreements import acts as agreements_acts
from casework.cases import Case
from casework.lifecycle import Stage
from casework.pay import acts as pay_acts
from core import history
from core.errors import ConfigurationError, Conflict, NotFound, StageError
from core.history import HistoryEntry
from core.unit_of_work import UnitOfWork

DONE = "app:act:done"
HANDLERS_KEY = 40
"""Letters of the key that a handler is given: it may add an id to it, and its column holds 80."""


def merged(*tables: Iterable[Act]) -> Mapping[str, Act]:
    """One table by name, in the order given; `ConfigurationError` when two acts have one name."""
    by_name: dict[str, Act] = {}
    for act in (act for table in tables for act in table):
        if act.name in by_name:
            raise ConfigurationError(f"Two acts are called {act.name}; each name may stand in one table only.")
        by_name[act.name] = act
    return MappingProxyType(by_name)


ACTS: Mapping[str, Act] = merged(
    casework_acts.ACTS, ballots_acts.ACTS, stopping_acts.ACTS, pay_acts.ACTS, agreements_acts.ACTS
)


def act_named(name: str) -> Act:
    """The act of that name, or `NotFound`."""
    try:
        return ACTS[name]
    except KeyError:
        raise NotFound("act", name) from None


def acts_at(stage: Stage) -> tuple[Act, ...]:
    """The acts that can be done at a stage, in the order of the table."""
    return tuple(act for act in ACTS.values() if stage in act.stages)


def acts_offered(uow: UnitOfWork, case: Case, among: Collection[str] | None = None) -> tuple[Act, ...]:
    """The acts that make sense for a case as it stands, of those named if any are: what is offered anywhere is this."""
    at_stage = (act for act in acts_at(case.stage) if among is None or act.name in among)
    return tuple(act for act in at_stage if act.offered(uow, case.id))


def do(uow: UnitOfWork, case_id: uuid.UUID, act: Act, facts: Facts, key: str) -> bool:
    """
    Do an act once; False when the key shows that it was done before.

    `key` is the form's nonce or the request's idempotency key; the same of somebody else is another. Raises `Conflict`
    when the key came before with other facts, `StageError` when the act is not for the case's stage, `NotFound` for a
    document that whoever acts neither gave nor reaches, and what its handler raises.
    """
    disputes.hold(uow, case_id)
    case = repository.get(uow, case_id)
    asked = history.digest([act.name, str(case_id), facts.model_dump(mode="json")])
    fingerprint = history.digest([uow.actor, key])
    subject = f"request:{fingerprint}"
    before = uow.session.scalars(select(HistoryEntry).where(HistoryEntry.subject == subject)).first()
    if before is not None:
        if before.facts["facts_sha256"] != asked:
            raise Conflict("This key was used before with other facts; nothing was recorded. Send a new key.")
        return False
    if case.stage not in act.stages:
        allowed = tuple(each.name for each in acts_offered(uow, case))
        raise StageError(f"Case {case.ref}", case.stage.value, act.name, allowed)
    document = getattr(facts, "document", None)
    if document is not None:
        admit_document(uow, document)
    act.handler(uow, case_id, facts, fingerprint[:HANDLERS_KEY])
    history.record(uow, DONE, subject, {"act": act.name, "case_id": case_id, "facts_sha256": asked})
    return True
