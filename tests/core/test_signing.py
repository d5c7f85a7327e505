"""Signatures of what leaves the building and comes back."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from core.errors import ConfigurationError
from core.settings import Settings
from core.signing import NAME, from_letters, holds, key_for, signature, to_letters


def test_a_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    """
    Turns red if `_make` opens the file with another mode.
    """
    configured = Settings(home=tmp_path / "deep")
    key = key_for(configured, "links")

    assert key == key_for(configured, "links") != key_for(configured, "return path")
    path = tmp_path / "deep" / NAME
    assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_size) == (0o600, 32)
    assert [each.name for each in path.parent.iterdir()] == [NAME]


def test_a_secret_of_the_settings_goes_before_the_file(tmp_path: Path) -> None:
    """
    Two machines need the same one, and no file is made.
    """
    one, other = (Settings(home=tmp_path / name, signing_secret=SecretStr("kept elsewhere")) for name in "ab")

    assert key_for(one, "links") == key_for(other, "links")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_holds_no_secret_is_refused(tmp_path: Path) -> None:
    """
    Signing with an empty key would let anybody sign.

    Turns red if `_kept` leaves out the length.
    """
    (tmp_path / NAME).write_bytes(b"short")

    with pytest.raises(ConfigurationError, match="holds 5 bytes, wanted 32"):
        key_for(Settings(home=tmp_path), "links")


@given(st.binary(max_size=80))
def test_letters_give_the_bytes_back_in_any_case(content: bytes) -> None:
    """
    Mail servers may change the case of an address.
    """
    assert from_letters(to_letters(content).upper()) == content == from_letters(to_letters(content))


@pytest.mark.parametrize("text", ["1", "a!", "ab=c", "ä", "ab======", "az"])
def test_what_to_letters_never_writes_is_refused(text: str) -> None:
    """
    Two spellings of one signature would be two addresses for one attempt.
    """
    assert from_letters(text) is None


def test_a_signature_holds_for_its_content_and_key_only() -> None:
    """
    Turns red if `holds` compares nothing.
    """
    signed = signature(b"key", b"content", 10)

    assert holds(b"key", b"content", signed)
    assert not holds(b"key", b"another", signed)
    assert not holds(b"other", b"content", signed)
