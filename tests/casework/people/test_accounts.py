"""Accounts: made, taken up by a link that counts once, given roles, closed; sign-ins and the limits of tries."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from casework.people import accounts, api_tokens, passwords, second_factor, sign_ins, tries
from casework.people.keys import digest_of
from casework.people.models import Account, OneTimeLink, RecoveryCode, SignIn, SignInTry
from casework.people.roles import Grant, Role
from casework.people.sign_ins import Limits
from core import history
from core.errors import BadInput, Conflict, NotFound, RuleViolation
from core.unit_of_work import UnitOfWork
from tests.builders import acting, an_association, an_officer

AT = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
GOOD = "otter-lamp-seven"
LIMITS = Limits(timedelta(minutes=15), timedelta(hours=8))
OFFICIAL = Grant(Role.NATIONAL_OFFICIAL)


@pytest.fixture(autouse=True)
def cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


def the_first(uow: UnitOfWork) -> Account:
    account = accounts.take_up(uow, accounts.first_link(uow, AT), GOOD, AT, name="Jo Rowanmere", email="Jo@Union.Test")
    enrolled(uow, account)
    return account


def enrolled(uow: UnitOfWork, account: Account, at: datetime = AT) -> tuple[str, tuple[str, ...]]:
    secret = second_factor.new_secret()
    return secret, accounts.set_second_factor(uow, account, secret, pyotp.TOTP(secret).at(at), at)


def added(uow: UnitOfWork, name: str, email: str, grants: Sequence[Grant], officer: str = "") -> Account:
    return accounts.add(uow, accounts.newcomer(uow, name, email, officer), grants, AT)


def an_account(uow: UnitOfWork, email: str = "kim@union.test", *grants: Grant) -> Account:
    return added(uow, "Kim Fernshaw", email, grants or (OFFICIAL,))


def test_the_first_account_may_make_the_others(uow: UnitOfWork) -> None:
    assert accounts.nobody_has_an_account(uow)
    account = the_first(uow)
    assert {each.role for each in account.grants} == {Role.NATIONAL_OFFICIAL, Role.OPERATOR}
    told = uow.session.scalars(select(history.HistoryEntry).where(history.HistoryEntry.action == accounts.ADDED)).one()
    assert told.facts == {"roles": ["national_official", "operator"]}
    assert account.email == "jo@union.test"
    assert account.ready
    assert not accounts.nobody_has_an_account(uow)


def test_nothing_sets_mandate_up_twice(uow: UnitOfWork) -> None:
    """Turns red if a first link makes another account once somebody has one: also while that one is set up anew."""
    old = accounts.first_link(uow, AT)
    newer = accounts.first_link(uow, AT)
    with pytest.raises(Conflict):
        accounts.take_up(uow, old, GOOD, AT, name="A", email="a@union.test")
    account = accounts.take_up(uow, newer, GOOD, AT, name="Jo", email="jo@union.test")
    with pytest.raises(Conflict):
        accounts.first_link(uow, AT)
    accounts.take_up(uow, accounts.give_link(uow, account.id, AT), GOOD, AT)
    with pytest.raises(Conflict):
        accounts.first_link(uow, AT)


def test_the_first_link_takes_over_no_account(uow: UnitOfWork) -> None:
    """Turns red if whoever sets Mandate up could type the address of an account that was made for somebody."""
    an_account(uow, "kim@union.test")
    with pytest.raises(BadInput):
        accounts.take_up(uow, accounts.first_link(uow, AT), GOOD, AT, name="Jo", email="kim@union.test")


def test_one_person_alone_gives_nobody_a_role(uow: UnitOfWork) -> None:
    """Turns red if an account that was made or changed on the dashboard stands before somebody else confirmed it."""
    first = the_first(uow)
    second = an_account(uow, "second@union.test", Grant(Role.OPERATOR))
    operator, other = acting(uow, first.actor), acting(uow, second.actor)
    ghost = added(operator, "Ghost", "ghost@union.test", [Grant(Role.FINANCE_APPROVER)])
    assert ghost.standing_grants == ()
    for nobody in (operator, acting(uow, ghost.actor)):
        with pytest.raises(Conflict):
            accounts.confirm(nobody, ghost.id)
    accounts.confirm(other, ghost.id)
    assert ghost.standing_grants == ghost.grants
    accounts.set_roles(other, ghost.id, [Grant(Role.BALLOT_TEAM)], AT)
    assert ghost.standing_grants == ()
    accounts.confirm(acting(uow, "staff:command-line"), ghost.id)
    assert ghost.standing_grants == (Grant(Role.BALLOT_TEAM),)


def test_what_somebody_gave_stays_theirs_until_another_confirms_it(uow: UnitOfWork) -> None:
    """Turns red if whoever gave a role confirms it, because somebody else has since taken one away or given another."""
    first, second = the_first(uow), an_account(uow, "second@union.test", Grant(Role.OPERATOR))
    operator, other = acting(uow, first.actor), acting(uow, second.actor)
    approver, team = Grant(Role.FINANCE_APPROVER), Grant(Role.BALLOT_TEAM)
    ghost = added(operator, "Ghost", "ghost@union.test", [approver, team])
    with pytest.raises(Conflict, match="before you give more"):
        accounts.set_roles(other, ghost.id, [approver, team, Grant(Role.FINANCE_PREPARER)], AT)
    accounts.set_roles(other, ghost.id, [approver], AT)
    with pytest.raises(Conflict):
        accounts.confirm(operator, ghost.id)
    accounts.set_roles(other, ghost.id, [], AT)
    accounts.set_roles(other, ghost.id, [team], AT)
    with pytest.raises(Conflict):
        accounts.confirm(other, ghost.id)
    accounts.confirm(operator, ghost.id)
    assert ghost.standing_grants == (team,)


def test_who_keeps_the_accounts_takes_none_over(uow: UnitOfWork) -> None:
    """Turns red if an operator could make a link for an account that somebody signs in with, their own included."""
    first = the_first(uow)
    account = an_account(uow)
    enrolled(uow, accounts.take_up(uow, accounts.give_link(uow, account.id, AT), GOOD, AT))
    for each in (first, account):
        with pytest.raises(Conflict):
            accounts.give_link(acting(uow, first.actor), each.id, AT)
    assert accounts.give_link(acting(uow, "staff:command-line"), account.id, AT)


def test_a_link_counts_once_and_for_three_days(uow: UnitOfWork) -> None:
    """Turns red if the link is not spent, or its end is not looked at."""
    account = an_account(uow)
    key = accounts.give_link(uow, account.id, AT)
    assert accounts.link_standing(uow, key, AT + accounts.LINK_LASTS - timedelta(seconds=1)) is not None
    assert accounts.link_standing(uow, key, AT + accounts.LINK_LASTS) is None
    accounts.take_up(uow, key, GOOD, AT)
    with pytest.raises(Conflict):
        accounts.take_up(uow, key, GOOD, AT)


def test_looking_at_a_link_spends_nothing_and_a_bad_password_neither(uow: UnitOfWork) -> None:
    account = an_account(uow)
    key = accounts.give_link(uow, account.id, AT)
    assert accounts.link_standing(uow, key, AT) is accounts.link_standing(uow, key, AT)
    with pytest.raises(BadInput):
        accounts.take_up(uow, key, "short", AT)
    assert accounts.take_up(uow, key, GOOD, AT).password_hash is not None


def test_a_newer_link_makes_the_older_one_worthless(uow: UnitOfWork) -> None:
    account = an_account(uow)
    old = accounts.give_link(uow, account.id, AT)
    accounts.give_link(uow, account.id, AT)
    assert accounts.link_standing(uow, old, AT) is None


def test_nothing_that_lets_anybody_in_is_kept_as_it_is(uow: UnitOfWork) -> None:
    """Turns red if a key, a code or a password stands in a table or in the history."""
    account = an_account(uow)
    link = accounts.give_link(uow, account.id, AT)
    accounts.take_up(uow, link, GOOD, AT)
    secret, codes = enrolled(uow, account)
    key = sign_ins.begin(uow, account, AT, complete=True)
    token = api_tokens.make(uow, account.id, "reports", api_tokens.LOOK, 30, AT)
    uow.session.flush()
    kept = "".join(
        str(row) for table in Account.metadata.sorted_tables for row in uow.session.execute(select(table)).all()
    )
    for shown in (link, GOOD, secret, key, token, *codes):
        assert shown not in kept
        assert second_factor.recovery_spelled(shown) not in kept
    for row in (OneTimeLink, SignIn, RecoveryCode):
        assert uow.session.scalars(select(row)).first() is not None


def test_history_names_nobody(uow: UnitOfWork) -> None:
    account = the_first(uow)
    told = [(each.action, each.subject, each.facts) for each in uow.session.scalars(select(history.HistoryEntry))]
    assert (accounts.TAKEN_UP, f"account:{account.id}", {}) in told
    assert "jo@" not in str(told).lower()
    assert "rowanmere" not in str(told).lower()


def test_two_accounts_never_have_one_address_or_one_officer(uow: UnitOfWork) -> None:
    """Turns red if an officer's account is asked for again, or that of one who is no officer any more is made."""
    officer, gone = an_officer(uow), an_officer(uow, active=False)
    added(uow, "Kim", "kim@union.test", [OFFICIAL], str(officer.id))
    for email, who, field in (
        ("KIM@union.test ", "", "email"),
        ("other@union.test", f"officer:{officer.id}", "officer"),
        ("other@union.test", str(gone.id), "officer"),
    ):
        with pytest.raises(BadInput) as refused:
            accounts.newcomer(uow, "Other", email, who)
        assert refused.value.field == field


@pytest.mark.parametrize("email", ["", "kim", "kim@", "a b@union.test", "kim@union.test,jo@union.test", "<kim@x>"])
def test_an_address_has_to_be_one(uow: UnitOfWork, email: str) -> None:
    with pytest.raises(BadInput) as refused:
        accounts.newcomer(uow, "Kim", email)
    assert refused.value.field == "email"


def test_an_officers_account_acts_as_the_officer(uow: UnitOfWork) -> None:
    """Turns red if one person could pass for two: by the account and by the officer."""
    officer = an_officer(uow)
    assert added(uow, "Kim", "kim@union.test", [OFFICIAL], str(officer.id)).actor == f"officer:{officer.id}"
    assert an_account(uow, "jo@union.test").actor.startswith("account:")


def test_roles_that_check_each_other_are_not_given_to_one(uow: UnitOfWork) -> None:
    with pytest.raises(RuleViolation):
        an_account(uow, "kim@union.test", Grant(Role.FINANCE_PREPARER), Grant(Role.FINANCE_APPROVER))
    with pytest.raises(NotFound):
        an_account(uow, "kim@union.test", Grant(Role.CASEWORKER, association_id=uuid.uuid4()))


def test_fm_37_other_roles_end_the_sign_ins(uow: UnitOfWork) -> None:
    """Turns red if somebody goes on with the roles they had (`end_all` taken out of `set_roles`)."""
    the_first(uow)
    account = an_account(uow)
    key = sign_ins.begin(uow, account, AT, complete=True)
    accounts.set_roles(uow, account.id, [OFFICIAL], AT)  # nothing new
    assert sign_ins.standing(uow.session, key, AT, LIMITS) is not None
    accounts.set_roles(uow, account.id, [Grant(Role.CASEWORKER, an_association(uow).id)], AT)
    assert sign_ins.standing(uow.session, key, AT, LIMITS) is None


def test_nobody_changes_their_own_roles_or_closes_themselves(uow: UnitOfWork) -> None:
    account = the_first(uow)
    own = acting(uow, account.actor)
    with pytest.raises(Conflict):
        accounts.set_roles(own, account.id, [Grant(Role.OPERATOR), Grant(Role.BALLOT_TEAM)], AT)
    with pytest.raises(Conflict):
        accounts.close(own, account.id, AT)


def test_somebody_stays_operator(uow: UnitOfWork) -> None:
    """Turns red if the last operator who signs in can be closed or lose the role: one with a link only is none yet."""
    account = the_first(uow)
    an_account(uow, "other@union.test", Grant(Role.OPERATOR))
    with pytest.raises(Conflict):
        accounts.close(uow, account.id, AT)
    with pytest.raises(Conflict):
        accounts.set_roles(uow, account.id, [OFFICIAL], AT)


def test_a_closed_account_signs_nobody_in(uow: UnitOfWork) -> None:
    the_first(uow)
    account = an_account(uow)
    link, key = accounts.give_link(uow, account.id, AT), sign_ins.begin(uow, account, AT, complete=True)
    token = api_tokens.make(uow, account.id, "reports", api_tokens.ACT, 30, AT)
    accounts.close(uow, account.id, AT)
    uow.session.flush()
    assert accounts.link_standing(uow, link, AT) is None
    assert sign_ins.standing(uow.session, key, AT, LIMITS) is None
    assert api_tokens.standing(uow.session, token, AT) is None
    with pytest.raises(Conflict):
        accounts.give_link(uow, account.id, AT)
    accounts.reopen(uow, account.id)
    uow.session.flush()
    assert sign_ins.standing(uow.session, key, AT, LIMITS) is None
    assert api_tokens.standing(uow.session, token, AT) is None


def test_a_recovery_code_works_once_and_for_its_owner(uow: UnitOfWork) -> None:
    """Turns red if a spent code is taken again, or another account's."""
    account, other = an_account(uow), an_account(uow, "jo@union.test")
    _, codes = enrolled(uow, account)
    enrolled(uow, other)
    assert not accounts.shows_second_factor(uow, other, codes[0], AT)
    assert accounts.shows_second_factor(uow, account, codes[0].upper(), AT)
    assert not accounts.shows_second_factor(uow, account, codes[0], AT)
    assert accounts.codes_left(uow, account.id) == 9
    accounts.new_recovery_codes(uow, account)
    assert not accounts.shows_second_factor(uow, account, codes[1], AT)
    assert accounts.codes_left(uow, account.id) == 10


def test_the_code_of_the_app_works_once(uow: UnitOfWork) -> None:
    account = an_account(uow)
    secret, _ = enrolled(uow, account)
    code = pyotp.TOTP(secret).at(AT)
    assert not accounts.shows_second_factor(uow, account, code, AT)  # it set the second factor up
    later = AT + timedelta(minutes=1)
    assert accounts.shows_second_factor(uow, account, pyotp.TOTP(secret).at(later), later)
    assert not accounts.shows_second_factor(uow, account, pyotp.TOTP(secret).at(later), later)


def test_a_second_factor_is_not_set_up_twice(uow: UnitOfWork) -> None:
    """Turns red if whoever knows the password alone could put their own phone in the place of the owner's."""
    account = an_account(uow)
    enrolled(uow, account)
    with pytest.raises(Conflict):
        enrolled(uow, account)


def test_fm_37_a_sign_in_ends_unused_and_in_any_case(uow: UnitOfWork) -> None:
    """Turns red if one of the two limits is not looked at."""
    account = an_account(uow)
    key = sign_ins.begin(uow, account, AT, complete=True)
    assert sign_ins.standing(uow.session, key, AT + timedelta(minutes=14), LIMITS) is not None
    assert sign_ins.standing(uow.session, key, AT + timedelta(minutes=15), LIMITS) is None
    for minutes in range(10, 8 * 60, 10):
        sign_ins.note_seen(uow, key, AT + timedelta(minutes=minutes))
    assert sign_ins.standing(uow.session, key, AT + timedelta(hours=7, minutes=59), LIMITS) is not None
    assert sign_ins.standing(uow.session, key, AT + timedelta(hours=8), LIMITS) is None


def test_half_a_sign_in_stands_for_ten_minutes(uow: UnitOfWork) -> None:
    key = sign_ins.begin(uow, an_account(uow), AT, complete=False)
    assert sign_ins.standing(uow.session, key, AT + timedelta(minutes=9), LIMITS) is not None
    assert sign_ins.standing(uow.session, key, AT + timedelta(minutes=10), LIMITS) is None


def test_a_sign_in_that_ended_stays_ended(uow: UnitOfWork) -> None:
    account = an_account(uow)
    keys = [sign_ins.begin(uow, account, AT, complete=True) for _ in range(3)]
    sign_ins.end(uow, keys[0], AT)
    sign_ins.note_seen(uow, keys[0], AT + timedelta(minutes=1))
    assert sign_ins.end_all(uow, account.id, AT, but=keys[2]) == 1
    assert [sign_ins.standing(uow.session, key, AT, LIMITS) is not None for key in keys] == [False, False, True]
    assert sign_ins.standing(uow.session, digest_of(keys[2]), AT, LIMITS) is None


def test_fm_36_five_tries_an_account_and_fifty_a_network(uow: UnitOfWork) -> None:
    """Turns red if a try is not counted, or the window does not move."""
    account, network = tries.of_account("kim@union.test"), tries.of_network("10.0.0.7")
    taken = [tries.take(uow, (account, network), AT + timedelta(seconds=each)) for each in range(7)]
    assert [each is None for each in taken] == [True] * 5 + [False] * 2
    assert taken[5] == AT + tries.WINDOW
    others = [tries.take(uow, (tries.of_account(f"{each}@union.test"), network), AT) for each in range(50)]
    assert sum(each is None for each in others) == 45
    assert tries.take(uow, (account, network), AT + tries.WINDOW) is None


def test_an_address_of_ipv4_is_a_network_of_its_own_however_a_proxy_writes_it() -> None:
    """Turns red if `_network` takes the first 64 bits of `::ffff:192.0.2.1`: all of IPv4 is one network then."""
    mapped, other = tries.of_network("::ffff:192.0.2.1"), tries.of_network("::ffff:198.51.100.1")
    assert mapped == tries.of_network("192.0.2.1") == tries.of_network("::ffff:c000:201")
    assert mapped != other
    assert tries.of_network("2001:db8::1") == tries.of_network("2001:db8::2") != tries.of_network("2001:db8:0:1::1")


@pytest.mark.engines("sqlite")
def test_fm_36_of_a_thousand_tries_few_are_judged_and_none_names_anybody(uow: UnitOfWork) -> None:
    """Turns red if the tries of an account are not limited, or are kept under its address."""
    subjects = tries.of_account("kim@union.test"), tries.of_network("10.0.0.7")
    judged = sum(tries.take(uow, subjects, AT + timedelta(seconds=each / 2)) is None for each in range(1_000))
    assert judged <= 10
    assert "kim" not in "".join(uow.session.scalars(select(SignInTry.about)))


@pytest.mark.parametrize(
    ("label", "may", "days", "field"),
    [("", "look", 1, "label"), ("x", "all", 1, "may"), ("x", "act", 0, "days"), ("x", "act", 366, "days")],
)
def test_a_token_says_what_it_is_for(uow: UnitOfWork, label: str, may: str, days: int, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        api_tokens.make(uow, an_account(uow).id, label, may, days, AT)
    assert refused.value.field == field


def test_a_token_ends(uow: UnitOfWork) -> None:
    account = an_account(uow)
    token = api_tokens.make(uow, account.id, "reports", api_tokens.LOOK, 1, AT)
    assert api_tokens.standing(uow.session, token, AT + timedelta(hours=23)) is not None
    assert api_tokens.standing(uow.session, token, AT + timedelta(days=1)) is None
    with pytest.raises(NotFound):
        api_tokens.end(uow, account.id, "", AT)
    api_tokens.end(uow, account.id, digest_of(token)[: api_tokens.SHORT], AT)
    uow.session.flush()
    assert api_tokens.standing(uow.session, token, AT) is None
