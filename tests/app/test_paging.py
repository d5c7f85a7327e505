"""Lists in parts: every row once, in order, whatever comes or goes between two parts."""

from __future__ import annotations

import string

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.paging import MOST, Asked, cursor, part, place_of
from core.errors import BadInput
from tests.app.conftest import Made
from tests.app.test_pages import at_head
from tests.builders import a_case

ROWS = st.lists(
    st.tuples(st.integers(-5, 5), st.text(string.ascii_letters + "é-", max_size=3)), unique=True, max_size=12
)


@given(ROWS, st.integers(1, 5))
def test_the_parts_together_are_the_list(rows: list[tuple[int, str]], limit: int) -> None:
    """Red when `part` goes on at the cursor's row instead of after it."""
    seen: list[tuple[int, str]] = []
    after: str | None = ""
    while after is not None:
        shown, after = part(rows, lambda row: row, Asked(limit, after))
        assert len(shown) <= limit
        seen += shown
    assert seen == sorted(rows)


@given(ROWS.filter(lambda rows: len(rows) > 2), st.integers(1, 2), st.data())
def test_a_row_that_goes_hides_no_other(rows: list[tuple[int, str]], limit: int, data: st.DataObject) -> None:
    first, after = part(rows, lambda row: row, Asked(limit, ""))
    gone = data.draw(st.sampled_from(rows))
    left = [row for row in rows if row != gone]
    second, _ = part(left, lambda row: row, Asked(100, after or ""))
    assert second == [row for row in sorted(left) if row > first[-1]]


@pytest.mark.parametrize(
    "after", ["x", "éé", "W10", "bnVsbA", cursor((1, 2)), cursor(("a", "b")), cursor((2**60, "a"))]
)
def test_a_cursor_that_is_none_is_refused(after: str) -> None:
    with pytest.raises(BadInput, match="after"):
        place_of(after, [int, str])


def test_a_cursor_is_a_place() -> None:
    assert place_of(cursor((3, "é")), [int, str]) == (3, "é")
    assert place_of("", [int, str]) is None


@pytest.mark.parametrize(("path", "name"), [("cases", "cases"), ("deadlines", "deadlines"), ("notices", "notices")])
def test_a_list_is_read_part_by_part_by_following_the_link(
    client: TestClient, made: Made, path: str, name: str
) -> None:
    """Red when the header Link loses the other parameters, or the seek of the deadlines compares days alone."""
    for _ in range(2):
        made(a_case)
        made(at_head)
    whole = client.get(f"/api/{path}").json()[name]
    assert len(whole) >= 2
    seen, address = [], f"/api/{path}?limit=1"
    while address:
        answer = client.get(address)
        assert len(answer.json()[name]) == 1
        seen += answer.json()[name]
        address = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
        assert bool(address) == (answer.json()["after"] is not None)
    assert seen == whole


@pytest.mark.parametrize(
    ("given", "where"), [("limit=0", "limit"), (f"limit={MOST + 1}", "limit"), ("after=x", "after")]
)
@pytest.mark.parametrize("path", ["cases", "deadlines", "runs", "notices"])
def test_a_limit_or_cursor_that_cannot_be_used_is_named(
    client: TestClient, made: Made, path: str, given: str, where: str
) -> None:
    made(at_head)
    answer = client.get(f"/api/{path}?{given}")
    assert answer.status_code == 422
    assert where in answer.json()["error"]
