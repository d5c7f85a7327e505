"""Roles as an account is given them: which one person may hold, and whose word they are until another confirms it."""

from __future__ import annotations

from collections.abc import Sequence

from casework.people.models import Account, RoleHeld
from casework.people.roles import Grant, faults
from casework.register.models import Association, Workplace
from core.errors import NotFound, RuleViolation
from core.unit_of_work import UnitOfWork


def holdable(uow: UnitOfWork, grants: Sequence[Grant]) -> list[RoleHeld]:
    """What an account is given; `RuleViolation` for roles that one person may not hold, `NotFound` for a place."""
    wanted = tuple(dict.fromkeys(grants))
    if found := faults(wanted):
        raise RuleViolation("These roles cannot be held together.", found)
    for grant in wanted:
        _require_place(uow, grant)
    return [
        RoleHeld(role=each.role, association_id=each.association_id, workplace_id=each.workplace_id) for each in wanted
    ]


def _require_place(uow: UnitOfWork, grant: Grant) -> None:
    if grant.association_id is not None and uow.session.get(Association, grant.association_id) is None:
        raise NotFound("association", grant.association_id)
    if grant.workplace_id is not None and uow.session.get(Workplace, grant.workplace_id) is None:
        raise NotFound("workplace", grant.workplace_id)


def changed(uow: UnitOfWork, account: Account) -> None:
    """Note whose word the roles of an account are; that of whoever sits at the machine stands at once."""
    account.changed_by = uow.actor
    account.confirmed_by = uow.actor if at_the_machine(uow) else None


def waits_for(uow: UnitOfWork, account: Account) -> bool:
    """Whether the account waits for somebody like this one to confirm what another gave."""
    return account.confirmed_by is None and account.changed_by != uow.actor and not at_the_machine(uow)


def at_the_machine(uow: UnitOfWork) -> bool:
    """Whether nobody has signed in for this: whoever sits at the machine could open the database itself."""
    return uow.actor.partition(":")[0] == "staff"
