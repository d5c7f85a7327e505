"""
Passwords: what is accepted as one, and argon2id for keeping it.

A check of a password nobody has costs what a real one costs, so that time does not tell who has an account.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from core.errors import BadInput

SHORTEST, LONGEST = 12, 200
"""Characters. Twelve at least, as NCSC's three random words give; the longest keeps a request from costing a minute."""

FEWEST_DIFFERENT = 5
"""Different characters at least: `aaaaaaaaaaaa` and `121212121212` are no passwords."""

HASHER = PasswordHasher()


def require_usable(password: str, *, not_in: tuple[str, ...]) -> None:
    """`BadInput` for a password that is too short or too plain, or holds one of `not_in`. It is never repeated."""
    spelled = _spelled(password)
    wanted = None
    if not SHORTEST <= len(spelled) <= LONGEST:
        wanted = (
            f"{SHORTEST} to {LONGEST} characters, such as three or four words that have nothing to do with each other"
        )
    elif len(set(spelled.casefold())) < FEWEST_DIFFERENT:
        wanted = f"at least {FEWEST_DIFFERENT} different characters"
    elif any(part and part.casefold() in spelled.casefold() for part in not_in):
        wanted = "a password without your name, your address or the name of the union in it"
    if wanted:
        raise BadInput(field="password", found=f"{len(spelled)} characters", wanted=wanted)


def kept(password: str) -> str:
    """What is stored."""
    return HASHER.hash(_spelled(password))


def agrees(kept_as: str | None, password: str) -> bool:
    """Whether the password is the one kept; with nothing kept, False after the same work."""
    try:
        HASHER.verify(kept_as or _nobodys(HASHER), _spelled(password)[: LONGEST + 1])
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
    return kept_as is not None


def is_outdated(kept_as: str) -> bool:
    """Whether it was kept with less work than is asked today."""
    return HASHER.check_needs_rehash(kept_as)


def _spelled(password: str) -> str:
    """The same letters typed on another machine are the same password."""
    return unicodedata.normalize("NFC", password)


@lru_cache(maxsize=2)
def _nobodys(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody has this password")
