"""The address a bounce comes back to."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from notifications.return_path import Returned, make, read

BASE, KEY = "bounces@union.example", b"key"
ATTEMPT = uuid.UUID("01890af5-93a2-7cc0-98a5-8e9f9cbd5f4e")


@given(st.uuids(), st.integers(0, 2**24 - 1))
def test_an_address_names_its_attempt_whatever_the_case(notice_id: uuid.UUID, epoch: int) -> None:
    """
    It fits into RFC 5321's 64 letters with the longest base, too.
    """
    address = make(notice_id, epoch, base="sixteen-letters1@union.example", key=KEY)

    assert len(address.partition("@")[0]) <= 64  # RFC 5321, 4.5.3.1.1
    for written in (address, address.upper(), f" {address} "):
        assert read(written, base="sixteen-letters1@union.example", key=KEY) == Returned(notice_id, epoch)


@given(st.integers(0, 46), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_fm_05_one_changed_letter_names_nothing(place: int, letter: str) -> None:
    """
    Otherwise anybody could withdraw a proof by writing to the address of another attempt.

    Turns red if `read` leaves out `holds`.
    """
    address = make(ATTEMPT, 1, base=BASE, key=KEY)
    start = len("bounces+") + place
    forged = address[:start] + letter + address[start + 1 :]

    assert read(forged, base=BASE, key=KEY) == (Returned(ATTEMPT, 1) if forged == address else None)


@pytest.mark.parametrize(
    "address",
    [
        "",
        BASE,
        "bounces+@union.example",
        "bounces+aaaa@union.example",
        make(ATTEMPT, 1, base="bounces@other.example", key=KEY),
        make(ATTEMPT, 1, base="other@union.example", key=KEY),
        make(ATTEMPT, 1, base=BASE, key=b"another key"),
    ],
)
def test_fm_05_an_address_that_is_not_ours_names_nothing(address: str) -> None:
    """
    Turns red if `read` leaves out the base.
    """
    assert read(address, base=BASE, key=KEY) is None


@pytest.mark.parametrize("base", ["bounces", "@union.example", "more-than-sixteen@union.example"])
def test_a_base_without_room_is_refused(base: str) -> None:
    """
    The setting is checked too; this is for whoever calls it with something else.
    """
    with pytest.raises(BadInput, match="at most 16 letters before the @"):
        make(ATTEMPT, 1, base=base, key=KEY)
