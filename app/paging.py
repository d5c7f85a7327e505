"""
Lists of the API in parts: `limit` says how many rows an answer holds, `after` where it goes on. Every list keeps an
order of its own whose places never repeat; a cursor names the place of the last row given, so a row that comes or goes
meanwhile neither repeats nor hides another.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from core.errors import BadInput

MOST = 500
"""Rows that one answer holds at most."""
USUAL = 100
LONGEST_CURSOR = 400
LARGEST = 2**53
A_CURSOR = "the `after` of the answer before, unchanged"
Row = TypeVar("Row")
Place = tuple[str | int, ...]
"""Where a row stands in its list: words and whole numbers that compare as the list is ordered."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of a list somebody asked for; `after` is empty for the first."""

    limit: int = USUAL
    after: str = ""


def asked(
    limit: Annotated[int, Query(ge=1, le=MOST, description="how many rows an answer holds")] = USUAL,
    after: Annotated[str, Query(max_length=LONGEST_CURSOR, description=A_CURSOR)] = "",
) -> Asked:
    """The part that an address asks for."""
    return Asked(limit, after)


Paged = Annotated[Asked, Depends(asked)]


def cursor(place: Place) -> str:
    """A place as a cursor."""
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def place_of(after: str, shape: Sequence[type]) -> Place | None:
    """The place that a cursor names, of words and numbers as in `shape`; None for none. `BadInput` for a wrong one."""
    if not after:
        return None
    try:
        found = json.loads(base64.b64decode(after.encode() + b"=" * (-len(after) % 4), b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        found = None
    if not isinstance(found, list) or [type(each) for each in found] != list(shape) or not all(map(_usable, found)):
        raise BadInput(field="after", found=after, wanted=A_CURSOR)
    return tuple(found)


def _usable(part: str | int) -> bool:
    return "\x00" not in part and part.isprintable() if isinstance(part, str) else abs(part) < LARGEST


def part(rows: Sequence[Row], place: Callable[[Row], Place], wanted: Asked) -> tuple[list[Row], str | None]:
    """The part of a list that is in memory, in the order of its places, and the cursor of the next; None at the end."""
    placed = sorted(((place(row), number) for number, row in enumerate(rows)), key=lambda each: each[0])
    shape = [type(each) for each in placed[0][0]] if placed else []
    begins = place_of(wanted.after, shape) if placed else None
    rest = [each for each in placed if begins is None or each[0] > begins]
    shown = rest[: wanted.limit]
    more = cursor(shown[-1][0]) if len(rest) > len(shown) else None
    return [rows[number] for _, number in shown], more


def fetched(rows: Sequence[Row], place: Callable[[Row], Place], wanted: Asked) -> tuple[list[Row], str | None]:
    """The same of rows that a query gave in order, one more than asked for: it says whether there are more."""
    shown = list(rows[: wanted.limit])
    return shown, cursor(place(shown[-1])) if len(rows) > len(shown) else None


def answer(request: Request, document: Any, after: object) -> JSONResponse:
    """A part of a list: its document with `after`, and the address of the next part in the header Link."""
    told = {**jsonable_encoder(document), "after": str(after) if after else None}
    return JSONResponse(told, headers=link(request, told["after"]))


def link(request: Request, after: str | None) -> dict[str, str]:
    """The header Link with the address of the next part; none at the end."""
    if after is None:
        return {}
    said = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
    return {"Link": f'<{request.url.path}?{urlencode([*said, ("after", after)])}>; rel="next"'}
