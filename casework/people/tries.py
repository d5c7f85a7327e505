"""
Limits of tries to prove who somebody is: so many for an account and for a network in a quarter of an hour.

A try is on record before it is judged, so that tries at once cannot slip past; whether the account exists is not asked.
"""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from casework.people.models import SignInTry
from core.calendar import LONDON
from core.db import lock_for_append
from core.settings import settings
from core.signing import key_for, signature
from core.unit_of_work import UnitOfWork

WINDOW = timedelta(minutes=15)
OF_AN_ACCOUNT, OF_A_NETWORK = 5, 50
TRIES_LOCK = 0x54524945


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose tries are counted together, and how many may stand in a window."""

    about: str
    most: int


def of_account(email: str) -> Subject:
    """The tries at one mail address."""
    return Subject(_sealed(f"account {email}"), OF_AN_ACCOUNT)


def of_second_factor(account_id: uuid.UUID) -> Subject:
    """The codes tried for one account by whoever showed its password; a password clears none of them."""
    return Subject(_sealed(f"second factor {account_id}"), OF_AN_ACCOUNT)


def of_network(address: str) -> Subject:
    """
    The tries from one network: a school's many people come from one address, so it is allowed more.

    Of an IPv6 address its first 64 bits count: the rest is anybody's choice who holds it. One that holds an address of
    IPv4 is that, as proxies write it that listen for both.
    """
    return Subject(_sealed(f"network {_network(address)}"), OF_A_NETWORK)


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    inner = found.ipv4_mapped
    return str(inner) if inner is not None else str(ipaddress.ip_network((found, 64), strict=False))


def _sealed(about: str) -> str:
    """Whose tries they are, so that nobody reads it from the table: a mail address is soon guessed from a digest."""
    return signature(key_for(settings(), "sign-in tries"), about.encode(), 32).hex()


def take(uow: UnitOfWork, subjects: Iterable[Subject], at: datetime) -> datetime | None:
    """Put a try on record; None when it may be judged, else the moment from which one may be again."""
    lock_for_append(uow.session, TRIES_LOCK)
    uow.session.execute(delete(SignInTry).where(SignInTry.at <= at - WINDOW))
    wanted = tuple(subjects)
    until = _free_from(uow, wanted)
    if until is None:
        uow.session.add_all(SignInTry(about=each.about, at=at) for each in wanted)
    return until


def later(until: datetime) -> str:
    """What somebody is told who has to wait, with the time in London."""
    return f"There were too many tries. Wait until {until.astimezone(LONDON):%H:%M}, then try again."


def forget(uow: UnitOfWork, subject: Subject) -> None:
    """Somebody has proved who they are: their earlier slips count no more."""
    uow.session.execute(delete(SignInTry).where(SignInTry.about == subject.about))


def _free_from(uow: UnitOfWork, subjects: tuple[Subject, ...]) -> datetime | None:
    most = {each.about: each.most for each in subjects}
    tries = select(SignInTry.about, func.count(), func.min(SignInTry.at)).where(SignInTry.about.in_(most))
    found = uow.session.execute(tries.group_by(SignInTry.about)).all()
    return max((first + WINDOW for about, count, first in found if count >= most[about]), default=None)
