"""
Accounts: made for somebody, taken up through a link that counts once, with a password, a second factor and recovery
codes; given roles, closed.

Whoever keeps accounts never learns a password or a second factor: the link lets their owner choose both. What happens
to an account stands in the history by its id.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import delete, func, select, update

from casework.people import api_tokens, given_roles, passwords, second_factor, sign_ins
from casework.people.keys import digest_of, new_key
from casework.people.models import Account, OneTimeLink, RecoveryCode, RoleHeld
from casework.people.roles import Grant, Role
from casework.register.models import Officer
from core import history
from core.db import lock_for_append
from core.errors import BadInput, Conflict, NotFound, require_each
from core.people import two_people
from core.settings import settings
from core.unit_of_work import UnitOfWork

ADDED, LINKED, TAKEN_UP = "people:account:added", "people:account:linked", "people:account:taken_up"
ROLES_SET, CONFIRMED = "people:roles:set", "people:roles:confirmed"
CLOSED, OPENED = "people:account:closed", "people:account:opened"
PASSWORD_CHANGED = "people:password:changed"  # noqa: S105 - a name of the history
CODES_MADE, CODE_USED = "people:recovery_codes:made", "people:recovery_code:used"
CODE_REFUSED = "people:second_factor:refused"
ACCOUNTS_LOCK = 0x50454F50
LINK_LASTS, FIRST_LINK_LASTS = timedelta(days=3), timedelta(hours=24)
MAIL_ADDRESS = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,189}")
_SIGNS_IN = (Account.active, Account.password_hash.is_not(None), Account.totp_secret.is_not(None))
FIRST_ROLES = (Grant(Role.NATIONAL_OFFICIAL), Grant(Role.OPERATOR))
"""Of the first account: somebody has to be able to make the others."""

KEYS_END: list[Callable[[UnitOfWork, uuid.UUID, datetime], None]] = [api_tokens.end_all]
"""What ends an account’s keys with its password, its link or itself. Who keeps another kind of them adds to it."""


def nobody_has_an_account(uow: UnitOfWork) -> bool:
    """Whether nobody ever took an account up: only then does a link make the first one."""
    taken = select(Account.id).where(Account.password_hash.is_not(None))
    return uow.session.scalars(taken.limit(1)).first() is None


def get_for_update(uow: UnitOfWork, account_id: uuid.UUID) -> Account:
    """The account of that id, nobody else writing it until commit. Raise `NotFound` when there is none."""
    account = uow.session.get(Account, account_id, with_for_update=True)
    if account is None:
        raise NotFound("account", account_id)
    return account


def by_email(uow: UnitOfWork, email: str) -> Account | None:
    """The account of a mail address, if there is one."""
    return uow.session.scalars(select(Account).where(Account.email == spelled(email))).one_or_none()


def spelled(email: str) -> str:
    """A mail address as it is kept."""
    return email.strip().lower()


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody of whom nothing keeps an account from being made, as `newcomer` finds."""

    name: str
    email: str
    officer_id: uuid.UUID | None


def newcomer(uow: UnitOfWork, name: str, email: str, officer: str = "") -> Newcomer:
    """
    Whom an account is to be of, as typed; `officer` is `officer:<id>`, the id alone, or nothing.

    `BadInput` of each: a name that is empty, an address that is none or taken, an officer who is none or has one.
    """
    lock_for_append(uow.session, ACCOUNTS_LOCK)
    return Newcomer(*require_each(partial(_named, name), partial(_free, uow, email), partial(_officer, uow, officer)))


def add(uow: UnitOfWork, who: Newcomer, grants: Sequence[Grant], at: datetime) -> Account:
    """
    Make an account that nobody signs in with until its link is used.

    `RuleViolation` for roles that one person may not hold.
    """
    account = Account(name=who.name, email=who.email, made_at=at, roles=given_roles.holdable(uow, grants))
    given_roles.changed(uow, account)
    account.officer_id = who.officer_id
    uow.session.add(account)
    uow.session.flush()
    history.record(uow, ADDED, f"account:{account.id}", _told(account))
    return account


def set_roles(uow: UnitOfWork, account_id: uuid.UUID, grants: Sequence[Grant], at: datetime) -> None:
    """
    What an account holds from now on, all of it. Its sign-ins end: what they may do has changed.

    `Conflict` for one's own account: nobody gives themselves a role. While what somebody else gave waits to be
    confirmed, it can be taken away, and it stays theirs; `Conflict` for giving more, or they could confirm their own.
    """
    lock_for_append(uow.session, ACCOUNTS_LOCK)
    account = get_for_update(uow, account_id)
    _require_not_self(uow, account, "change the roles of")
    wanted, held = set(grants), set(account.grants)
    if wanted == held:
        return
    anothers = bool(held) and given_roles.waits_for(uow, account)
    if anothers and not wanted <= held:
        raise Conflict(
            "What the account holds waits to be confirmed. Confirm it, or take it away, before you give more."
        )
    account.roles = given_roles.holdable(uow, grants)
    if not anothers:
        given_roles.changed(uow, account)
    uow.session.flush()
    _require_an_operator(uow)
    history.record(uow, ROLES_SET, f"account:{account.id}", _told(account))
    sign_ins.end_all(uow, account.id, at)


def confirm(uow: UnitOfWork, account_id: uuid.UUID, shown: Collection[str] | None = None) -> None:
    """
    Let stand what an account may do. A second time changes nothing. `shown` are the keys of the roles that whoever
    confirms was shown.

    `Conflict` for whoever made it or gave its roles, and for its owner: one person alone gives nobody a role; and where
    the roles are others than were shown.
    """
    lock_for_append(uow.session, ACCOUNTS_LOCK)
    account = get_for_update(uow, account_id)
    if account.confirmed_by is not None:
        return
    _require_not_self(uow, account, "confirm")
    if shown is not None and {each.key for each in account.grants} != set(shown):
        raise Conflict("The roles of the account were changed since you were shown them. Look at them as they are now.")
    if not (given_roles.at_the_machine(uow) or two_people(account.changed_by, uow.actor)):
        raise Conflict("Whoever made an account or changed its roles does not confirm it. Ask another operator.")
    account.confirmed_by = uow.actor
    history.record(uow, CONFIRMED, f"account:{account.id}", _told(account))


def close(uow: UnitOfWork, account_id: uuid.UUID, at: datetime) -> None:
    """Nobody signs in with it any more. It stays on record: history names it."""
    lock_for_append(uow.session, ACCOUNTS_LOCK)
    account = get_for_update(uow, account_id)
    _require_not_self(uow, account, "close")
    if not account.active:
        return
    account.active = False
    uow.session.flush()
    _require_an_operator(uow)
    _forget_links(uow, account.id, at)
    history.record(uow, CLOSED, f"account:{account.id}")
    _end_everything(uow, account.id, at)


def reopen(uow: UnitOfWork, account_id: uuid.UUID) -> None:
    """Let somebody sign in again, as they did before."""
    lock_for_append(uow.session, ACCOUNTS_LOCK)
    account = get_for_update(uow, account_id)
    if not account.active:
        account.active = True
        history.record(uow, OPENED, f"account:{account.id}")


def give_link(uow: UnitOfWork, account_id: uuid.UUID, at: datetime) -> str:
    """
    The key of a link with which the account's owner chooses a password and a second factor, once, within three days.

    An older link is worth nothing from then on. `Conflict` for a closed account, and for one that somebody signs in
    with already, unless whoever sits at the machine gives the link: who keeps the accounts takes none over.
    """
    lock_for_append(uow.session, ACCOUNTS_LOCK)
    account = get_for_update(uow, account_id)
    if not account.active:
        raise Conflict("The account is closed. Open it again first.")
    if account.ready and not given_roles.at_the_machine(uow):
        raise Conflict("Somebody signs in with this account. At the server `mandate user link` gives them a new link.")
    _forget_links(uow, account.id, at)
    history.record(uow, LINKED, f"account:{account.id}")
    return _new_link(uow, account.id, at, LINK_LASTS)


def first_link(uow: UnitOfWork, at: datetime) -> str:
    """The key of the link that sets Mandate up; one that was printed before is worth nothing any more."""
    lock_for_append(uow.session, ACCOUNTS_LOCK)
    if not nobody_has_an_account(uow):
        raise Conflict("Mandate is set up: there is an account. `mandate user link` gives its owner a new link.")
    _forget_links(uow, None, at)
    return _new_link(uow, None, at, FIRST_LINK_LASTS)


def link_standing(uow: UnitOfWork, key: str, at: datetime) -> OneTimeLink | None:
    """The link of a key while it can be used. Looking at it spends nothing."""
    row = uow.session.get(OneTimeLink, digest_of(key), with_for_update=True)
    if row is None or row.used_at is not None or row.ends_at <= at:
        return None
    return None if row.account_id is None and not nobody_has_an_account(uow) else row


def take_up(uow: UnitOfWork, key: str, password: str, at: datetime, *, name: str = "", email: str = "") -> Account:
    """
    Use a link: the account takes the password, its second factor is to be set up anew, its tokens and sign-ins end.

    With the first link of all the account is made, of `name` and `email`. `Conflict` for a link that is spent or over,
    `BadInput` for a password that cannot be one; the link is spent only when all is well.
    """
    lock_for_append(uow.session, ACCOUNTS_LOCK)
    row = link_standing(uow, key, at)
    if row is None:
        raise Conflict("This link was used before, or its time is over. Ask for a new one: `mandate user link`.")
    account = _taken_up(uow, row, password, name, email, at)
    account.password_hash, account.totp_secret, account.totp_step = passwords.kept(password), None, None
    row.used_at, row.account_id = at, account.id
    uow.session.flush()
    history.record(uow, TAKEN_UP, f"account:{account.id}")
    _end_everything(uow, account.id, at)
    return account


def _taken_up(uow: UnitOfWork, row: OneTimeLink, password: str, name: str, email: str, at: datetime) -> Account:
    """The account of a link, which the first of all makes; `BadInput` of each thing typed that it cannot have."""
    if row.account_id is None:
        usable = partial(passwords.require_usable, password, not_in=_plain_parts(name, email))
        who, _ = require_each(partial(newcomer, uow, name, email), usable)
        return add(uow, who, FIRST_ROLES, at)
    account = get_for_update(uow, row.account_id)
    passwords.require_usable(password, not_in=_plain_parts(account.name, account.email))
    return account


def set_second_factor(uow: UnitOfWork, account: Account, secret: str, code: str, at: datetime) -> tuple[str, ...]:
    """
    Keep a second factor whose code was typed from the app, and give ten recovery codes: they are shown this once.

    `BadInput` for a wrong code, and then nothing is kept; `Conflict` where one was kept meanwhile.
    """
    if account.totp_secret is not None:
        raise Conflict("This account has a second factor. To change it, ask for a new link.")
    step = second_factor.step_of(secret, code, at, None)
    if step is None:
        raise BadInput(
            field="code",
            found="another code",
            wanted="the six digits that the app shows now, on a phone that sets its clock by itself",
        )
    account.totp_secret, account.totp_step = second_factor.sealed(settings(), secret), step
    return new_recovery_codes(uow, account)


def change_password(uow: UnitOfWork, account: Account, old: str, new: str, at: datetime) -> None:
    """Another password; tokens and calendars end. `BadInput` for another old one, or a new one that cannot be one."""
    usable = partial(passwords.require_usable, new, not_in=_plain_parts(account.name, account.email))
    require_each(partial(_require_old, account, old), usable)
    account.password_hash = passwords.kept(new)
    history.record(uow, PASSWORD_CHANGED, f"account:{account.id}")
    for end_all in KEYS_END:
        end_all(uow, account.id, at)


def _require_old(account: Account, old: str) -> None:
    if not passwords.agrees(account.password_hash, old):
        raise BadInput(field="old", found="another password", wanted="the password you sign in with now")


def new_recovery_codes(uow: UnitOfWork, account: Account) -> tuple[str, ...]:
    """Ten recovery codes in place of whatever codes there were."""
    uow.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = second_factor.new_recovery_codes()
    uow.session.add_all(
        RecoveryCode(code_sha256=digest_of(second_factor.recovery_spelled(code)), account_id=account.id)
        for code in codes
    )
    history.record(uow, CODES_MADE, f"account:{account.id}", {"count": len(codes)})
    return codes


def codes_left(uow: UnitOfWork, account_id: uuid.UUID) -> int:
    """How many recovery codes can still be used."""
    rows = (
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    )
    return uow.session.scalar(rows) or 0


def shows_second_factor(uow: UnitOfWork, account: Account, given: str, at: datetime) -> bool:
    """
    Whether a code of the app or a recovery code is the account's; it is spent then. A wrong one is on record, and where
    the transaction is given up for it, by `note_refused_code`.
    """
    if account.totp_secret is None:
        return False
    secret = second_factor.opened(settings(), account.totp_secret)
    step = second_factor.step_of(secret, given, at, account.totp_step)
    if step is not None:
        account.totp_step = step
        return True
    change = update(RecoveryCode).where(
        RecoveryCode.code_sha256 == digest_of(second_factor.recovery_spelled(given)),
        RecoveryCode.account_id == account.id,
        RecoveryCode.used_at.is_(None),
    )
    spent = uow.session.scalars(change.values(used_at=at).returning(RecoveryCode.code_sha256)).all()
    if spent:
        history.record(uow, CODE_USED, f"account:{account.id}")
    else:
        note_refused_code(uow, account.id)
    return bool(spent)


def note_refused_code(uow: UnitOfWork, account_id: uuid.UUID) -> None:
    """Put on record that somebody showed a second factor of an account that is none."""
    history.record(uow, CODE_REFUSED, f"account:{account_id}")


def _end_everything(uow: UnitOfWork, account_id: uuid.UUID, at: datetime) -> None:
    sign_ins.end_all(uow, account_id, at)
    for end_all in KEYS_END:
        end_all(uow, account_id, at)


def _named(name: str) -> str:
    if not name.strip():
        raise BadInput(field="name", found=name, wanted="the name that colleagues know")
    return name.strip()


def _free(uow: UnitOfWork, email: str) -> str:
    address = spelled(email)
    if not MAIL_ADDRESS.fullmatch(address):
        raise BadInput(field="email", found=email, wanted="a mail address, such as jo@union.test")
    if by_email(uow, address) is not None:
        raise BadInput(field="email", found=address, wanted="an address that no account has yet")
    return address


def _officer(uow: UnitOfWork, given: str) -> uuid.UUID | None:
    if not given:
        return None
    try:
        officer = uow.session.get(Officer, uuid.UUID(given.removeprefix("officer:")))
    except ValueError:
        officer = None
    if officer is None or not officer.active or _has_account(uow, officer):
        raise BadInput(field="officer", found=given, wanted="an active officer of the list who has no account yet")
    return officer.id


def _has_account(uow: UnitOfWork, officer: Officer) -> bool:
    return uow.session.scalars(select(Account.id).where(Account.officer_id == officer.id)).first() is not None


def _require_not_self(uow: UnitOfWork, account: Account, what: str) -> None:
    if uow.actor == account.actor:
        raise Conflict(f"Nobody may {what} their own account. Ask another operator.")


def _require_an_operator(uow: UnitOfWork) -> None:
    left = select(func.count()).select_from(RoleHeld).join(Account, Account.id == RoleHeld.account_id)
    if not uow.session.scalar(left.where(RoleHeld.role == Role.OPERATOR, *_SIGNS_IN)):
        raise Conflict("Somebody who signs in has to stay operator, or nobody could keep the accounts.")


def _forget_links(uow: UnitOfWork, account_id: uuid.UUID | None, at: datetime) -> None:
    rows = update(OneTimeLink).where(OneTimeLink.account_id == account_id, OneTimeLink.used_at.is_(None))
    uow.session.execute(rows.values(used_at=at))


def _new_link(uow: UnitOfWork, account_id: uuid.UUID | None, at: datetime, lasts: timedelta) -> str:
    key = new_key()
    uow.session.add(OneTimeLink(key_sha256=digest_of(key), account_id=account_id, made_at=at, ends_at=at + lasts))
    return key


def _plain_parts(name: str, email: str) -> tuple[str, ...]:
    words = (email.partition("@")[0], *name.split(), *settings().union_name.split())
    return tuple(word for word in words if len(word) > 3)


def _told(account: Account) -> dict[str, Iterable[object]]:
    return {"roles": sorted(each.key for each in account.grants)}
