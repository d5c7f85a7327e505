"""Codes of an authenticator app, by the examples of RFC 6238, and recovery codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.people import second_factor
from core.errors import ConfigurationError
from core.settings import Settings

SECRET = base64.b32encode(b"12345678901234567890").decode()
moments = st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - the zone is given on the same line


def by_the_standard(secret: str, at: datetime) -> str:
    """RFC 4226, section 5.3, over the step of RFC 6238, section 4.2; six digits."""
    step = struct.pack(">Q", int(at.timestamp()) // 30)
    digest = hmac.digest(base64.b32decode(secret), step, hashlib.sha1)
    start = digest[-1] & 0xF
    return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 1_000_000:06}"


@pytest.mark.parametrize(
    ("seconds", "digits"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")]
)
def test_the_examples_of_the_standard(seconds: int, digits: str) -> None:
    """RFC 6238, appendix B, the last six of its eight digits."""
    at = datetime.fromtimestamp(seconds, UTC)
    assert by_the_standard(SECRET, at) == digits
    assert second_factor.step_of(SECRET, digits, at, None) == seconds // 30


@given(moments, st.integers(-40, 40))
def test_a_clock_may_be_off_by_one_step(at: datetime, seconds: int) -> None:
    """Turns red if only the present step counts, or two aside."""
    code = by_the_standard(SECRET, at)
    steps_off = abs(int((at + timedelta(seconds=seconds)).timestamp()) // 30 - int(at.timestamp()) // 30)
    taken = second_factor.step_of(SECRET, code, at + timedelta(seconds=seconds), None)
    assert (taken is not None) == (steps_off <= 1)


@given(moments)
def test_no_code_counts_twice(at: datetime) -> None:
    """Turns red if the step that was taken last is not remembered."""
    code = by_the_standard(SECRET, at)
    first = second_factor.step_of(SECRET, code, at, None)
    assert first is not None
    assert second_factor.step_of(SECRET, code, at, first) is None


@pytest.mark.parametrize("given", ["", "12345", "１２３４５６", "28708é", "2 8 7 0 8 3", "287082\x00"])
def test_other_codes_are_none(given: str) -> None:
    """Turns red if a code that is no ASCII fails instead of being wrong."""
    assert second_factor.step_of(SECRET, given, datetime.fromtimestamp(59, UTC), None) is None


def test_blanks_in_a_code_are_passed_over() -> None:
    assert second_factor.step_of(SECRET, " 287 082 ", datetime.fromtimestamp(59, UTC), None) == 1


def test_a_sealed_secret_opens_with_its_own_key_only() -> None:
    """Turns red if the secret is kept as it is."""
    ours, theirs = (Settings(signing_secret=each) for each in ("a secret of ours", "a secret of theirs"))  # type: ignore[arg-type]
    kept = second_factor.sealed(ours, SECRET)
    assert SECRET.encode() not in kept
    assert second_factor.opened(ours, kept) == SECRET
    with pytest.raises(ConfigurationError, match="signing-secret"):
        second_factor.opened(theirs, kept)


def test_recovery_codes_are_ten_different_ones_that_survive_copying_by_hand() -> None:
    codes = second_factor.new_recovery_codes()
    assert len(set(codes)) == second_factor.RECOVERY_CODES == 10
    for code in codes:
        assert second_factor.recovery_spelled(f" {code.upper().replace('-', ' ')} ") == code.replace("-", "")


def test_a_new_secret_is_one() -> None:
    assert second_factor.is_secret(second_factor.new_secret())
    assert not second_factor.is_secret("<svg>" + "A" * 27)
