"""What is accepted as a password, and how it is kept."""

from __future__ import annotations

import unicodedata

import pytest
from argon2 import PasswordHasher

from casework.people import passwords
from core.errors import BadInput

GOOD = "otter-lamp-seven"
OURS = passwords.HASHER


@pytest.fixture(autouse=True)
def cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.mark.parametrize(
    "password", ["", "short", "eleven char", "aaaaaaaaaaaaaaaa", "121212121212", "my-rowanmere-key", "x" * 201]
)
def test_a_plain_password_is_refused_and_not_repeated(password: str) -> None:
    """Turns red if a rule is taken out, or the refusal repeats what was typed."""
    with pytest.raises(BadInput) as refused:
        passwords.require_usable(password, not_in=("Rowanmere",))
    assert refused.value.field == "password"
    assert not password or password not in str(refused.value)


def test_a_good_one_is_kept_as_argon2id_and_agrees() -> None:
    """Turns red if it is kept in another way, or compared without its accents composed."""
    passwords.require_usable(GOOD, not_in=("Rowanmere", ""))
    kept = passwords.kept("crème-brûlée-otter")
    assert kept.startswith("$argon2id$")
    assert passwords.agrees(kept, unicodedata.normalize("NFD", "crème-brûlée-otter"))
    assert not passwords.agrees(kept, "creme-brulee-otter")


def test_nobodys_password_agrees_with_nothing() -> None:
    """Turns red if an account without a password can be signed in to."""
    assert not passwords.agrees(None, "nobody has this password")
    assert not passwords.agrees("no hash at all", GOOD)


def test_a_password_kept_with_less_work_is_outdated() -> None:
    kept = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1).hash(GOOD)
    assert passwords.is_outdated(kept)
    assert not passwords.is_outdated(passwords.kept(GOOD))


def test_the_work_asked_for_is_at_least_what_owasp_asks() -> None:
    """Turns red if the parameters of the installation are lowered: 46 MiB and one pass, or 19 MiB and two."""
    assert OURS.type.name == "ID"
    assert OURS.memory_cost >= 47_104
    assert OURS.time_cost >= 1
