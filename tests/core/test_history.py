"""The chained history: appended, verified, and every way of tampering with it found."""

from __future__ import annotations

import threading
import uuid
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from core.db import Database
from core.history import GENESIS, HistoryEntry, Verification, canonical, chained_hash, digest, record, verify
from core.unit_of_work import UnitOfWork, unit_of_work
from tests.conftest import NOON

LENGTH = 5


def write(uow: UnitOfWork, count: int = LENGTH) -> list[HistoryEntry]:
    """So many entries."""
    return [record(uow, "case:event:recorded", f"case:{number}", {"seq": number}) for number in range(count)]


def rebuild(uow: UnitOfWork) -> str:
    """Write every hash afresh, as somebody would who can write to the database; the new head."""
    prev = GENESIS
    for entry in uow.session.scalars(select(HistoryEntry).order_by(HistoryEntry.seq)).all():
        entry.prev = prev
        entry.hash = chained_hash(entry.seq, prev, entry.at, entry.actor, entry.action, entry.subject, entry.facts)
        prev = entry.hash
    uow.session.flush()
    return prev


def checked(uow: UnitOfWork, head: str | None = None) -> Verification:
    """Verification of what is stored, not of what the session remembers."""
    uow.session.flush()
    uow.session.expire_all()
    return verify(uow.session, expected_head=head)


def test_each_entry_holds_the_hash_of_the_one_before(uow: UnitOfWork) -> None:
    entries = write(uow)
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.prev for entry in entries] == [GENESIS, *(entry.hash for entry in entries[:-1])]
    assert checked(uow) == Verification(
        LENGTH, entries[-1].hash, None, "5 entries, each following from the one before it."
    )


def test_an_empty_history_is_whole(uow: UnitOfWork) -> None:
    assert checked(uow) == Verification(0, GENESIS, None, "0 entries, each following from the one before it.")
    assert checked(uow, GENESIS).whole


def test_a_head_noted_down_earlier_is_still_reached(uow: UnitOfWork) -> None:
    heads = [GENESIS, *(entry.hash for entry in write(uow))]
    assert all(checked(uow, head).whole for head in heads)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("hash", "0" * 64),
        ("prev", "1" * 64),
        ("at", NOON.replace(minute=1)),
        ("actor", "staff:somebody-else"),
        ("action", "case:event:forged"),
        ("subject", "case:99"),
        ("facts", {"seq": 99}),
        ("facts", {}),
        ("seq", 99),
    ],
)
@pytest.mark.parametrize("place", [1, 3, 5])
def test_a_changed_entry_is_found_where_it_stands(uow: UnitOfWork, column: str, value: Any, place: int) -> None:
    """Every column. Red when `chained_hash` leaves that column out of the digest."""
    write(uow)
    uow.session.execute(update(HistoryEntry).where(HistoryEntry.seq == place).values({column: value}))
    found = checked(uow)
    assert not found.whole
    assert found.broken_at == place
    assert str(place) in found.sentence


def test_the_columns_tampered_with_are_all_there_are() -> None:
    columns = {column.name for column in HistoryEntry.__table__.columns}
    assert columns == {"hash", "prev", "at", "actor", "action", "subject", "facts", "seq"}


@pytest.mark.parametrize("place", [1, 2, 4])
def test_a_deleted_entry_is_found_at_its_place(uow: UnitOfWork, place: int) -> None:
    write(uow)
    uow.session.execute(delete(HistoryEntry).where(HistoryEntry.seq == place))
    assert checked(uow).broken_at == place


def test_a_deleted_entry_is_found_though_the_rest_is_renumbered(uow: UnitOfWork) -> None:
    """Red when `_fits` looks at the number alone."""
    write(uow)
    uow.session.execute(delete(HistoryEntry).where(HistoryEntry.seq == 2))
    for number in (3, 4, 5):
        uow.session.execute(update(HistoryEntry).where(HistoryEntry.seq == number).values(seq=number - 1))
    assert checked(uow).broken_at == 2


def test_two_entries_that_changed_places_are_found(uow: UnitOfWork) -> None:
    write(uow)
    for old, new in ((2, 99), (3, 2), (99, 3)):
        uow.session.execute(update(HistoryEntry).where(HistoryEntry.seq == old).values(seq=new))
    assert checked(uow).broken_at == 2


@pytest.mark.parametrize("kept", [0, 1, 4])
def test_a_tail_cut_off_is_found_by_the_head_that_was_noted(uow: UnitOfWork, kept: int) -> None:
    """Red when `verify` does not insist on the expected head: a shorter chain is whole by itself."""
    head = write(uow)[-1].hash
    uow.session.execute(delete(HistoryEntry).where(HistoryEntry.seq > kept))
    assert checked(uow).whole
    found = checked(uow, head)
    assert (found.whole, found.entries, found.broken_at) == (False, kept, kept + 1)
    assert "cut off or rebuilt" in found.sentence


def test_a_chain_rebuilt_after_a_change_is_found_by_the_head_that_was_noted(uow: UnitOfWork) -> None:
    head = write(uow)[-1].hash
    uow.session.execute(update(HistoryEntry).where(HistoryEntry.seq == 2).values(facts={"seq": 99}))
    uow.session.expire_all()
    new_head = rebuild(uow)
    assert checked(uow).whole
    assert not checked(uow, head).whole
    assert checked(uow, new_head).whole


def test_an_entry_put_in_between_is_found(uow: UnitOfWork) -> None:
    entries = write(uow)
    forged = HistoryEntry(
        seq=6, prev=entries[3].hash, hash="f" * 64, at=NOON, actor="x", action="a:b:c", subject="case:1", facts={}
    )
    uow.session.add(forged)
    assert checked(uow).broken_at == 6


def test_facts_are_kept_as_json_gives_them_back(uow: UnitOfWork) -> None:
    """Red when `record` hashes what it was given and not what is stored: dates and ids come back as text."""
    facts = {"on": date(2026, 9, 1), "at": NOON, "id": uuid.UUID(int=1), "names": ("a", "b"), "pence": 1}
    record(uow, "a:b:c", "case:1", facts)
    assert checked(uow).whole
    stored = uow.session.scalars(select(HistoryEntry)).one()
    assert stored.facts == {
        "on": "2026-09-01",
        "at": "2026-09-01T11:00:00+00:00",
        "id": "00000000-0000-0000-0000-000000000001",
        "names": ["a", "b"],
        "pence": 1,
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(facts=st.dictionaries(st.text(), JSON, max_size=4), data=st.data())
def test_one_set_of_facts_has_one_spelling_whatever_its_order(facts: dict[str, Any], data: st.DataObject) -> None:
    shuffled = dict(data.draw(st.permutations(list(facts.items()))))
    assert canonical(shuffled) == canonical(facts)
    assert digest(shuffled) == digest(facts)


@given(first=JSON, second=JSON)
def test_different_facts_have_different_digests(first: object, second: object) -> None:
    assert (digest(first) == digest(second)) == (canonical(first) == canonical(second))


def test_writers_at_once_make_one_chain(database: Database) -> None:
    """Red when a writer's transaction begins with plain BEGIN: two entries would follow from the same one."""
    start = threading.Barrier(4)

    def append() -> None:
        start.wait()
        for number in range(5):
            with unit_of_work("staff:test", as_of=NOON, on=database) as own:
                record(own, "a:b:c", f"case:{number}")

    writers = [threading.Thread(target=append) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with database.reading() as session:
        found = verify(session)
    assert (found.whole, found.entries) == (True, 20)


def test_an_entry_of_an_act_that_failed_is_not_there(database: Database) -> None:
    """Red when `record` commits by itself."""

    def failing() -> None:
        with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
            write(uow)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM history_entries")) == 0
