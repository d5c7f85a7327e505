"""
The flows that staff may start, and the one way to ask for a run: for the page's button, the API and the command line.

A request only writes a row, in the transaction that asks; the worker runs it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from casework import repository
from core import requests
from core.errors import BadInput, NotFound
from core.requests import FlowRequest
from core.unit_of_work import UnitOfWork

ADVANCE = "workplace_case"
DEADLINES = "deadline_sweep"
OUTBOX = "outbox_delivery"
SERVICE = "service_sweep"
MOST_CASES = 500
"""More than anybody names by hand; every case that is due is the sweep's to find."""


@dataclass(frozen=True, slots=True)
class Startable:
    """`flow` is the flow's own name; `of_cases` says whether it is run for cases that are named."""

    flow: str
    label: str
    says: str
    of_cases: bool


_STARTABLE = (
    Startable(ADVANCE, "Advance cases", "Do whatever follows from what is recorded and from the day.", of_cases=True),
    Startable(
        DEADLINES,
        "Sweep deadlines",
        "Send the reminders that are due, and ask for every case whose day has come to be advanced.",
        of_cases=False,
    ),
    Startable(OUTBOX, "Deliver notices", "Hand every notice that is due to its channel.", of_cases=False),
    Startable(
        SERVICE,
        "Look after proof of service",
        "Read the mailbox, and bring every paper that is not shown to have arrived one step further.",
        of_cases=False,
    ),
)

STARTABLE: Mapping[str, Startable] = MappingProxyType({each.flow: each for each in _STARTABLE})
"""Every flow that can be started by hand; a test holds the names to the flows, whose import would need Prefect."""


def startable(flow: str) -> Startable:
    """The flow of that name, or `NotFound`."""
    try:
        return STARTABLE[flow]
    except KeyError:
        raise NotFound("flow that can be started by hand called", flow) from None


def ask(uow: UnitOfWork, flow: str, case_keys: Sequence[str], key: str) -> tuple[FlowRequest, bool]:
    """
    Ask for a run of a flow, of the cases with these references or ids; the row, and whether it is new.

    The same `key` again gives the row that stands. Raises `NotFound` for an unknown flow or case, `BadInput` when the
    flow wants cases and none or too many are named, or wants none, `Conflict` when the key came for another run.
    """
    chosen = startable(flow)
    if chosen.of_cases and not case_keys:
        raise BadInput(field="cases", found="none", wanted="at least one case's reference")
    if not chosen.of_cases and case_keys:
        raise BadInput(field="cases", found=", ".join(case_keys), wanted=f"none: {flow} finds by itself what is due")
    require_few(case_keys)
    return requests.ask(uow, flow, _case_ids(uow, case_keys), key)


def require_few(case_keys: Sequence[str]) -> None:
    """Raise `BadInput` for more cases than one run is asked for."""
    if len(case_keys) > MOST_CASES:
        raise BadInput(field="cases", found=f"{len(case_keys)} cases", wanted=f"at most {MOST_CASES} in one run")


def _case_ids(uow: UnitOfWork, case_keys: Sequence[str]) -> list[uuid.UUID]:
    return list(dict.fromkeys(repository.find(uow, each).id for each in case_keys))
