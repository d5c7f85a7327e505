"""What a form sends: its values as they were posted, and the nonce that lets it count once."""

from __future__ import annotations

import uuid

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from app.forms import Posted
from core.errors import BadInput

MOST_FIELDS = 200
ROOM_FOR_FIELDS = 64 * 1024
MOST_BYTES = 1024 * 1024
"""Of a request without a file."""
PREFIX = "form:"


async def posted_form(request: Request) -> Posted:
    """What a form sent, every value of every field; files are refused, and so is more than `MOST_BYTES`."""
    require_short(request, "form")
    sent = await _form(request, files=0, fields=MOST_FIELDS)
    return {name: [str(value) for value in sent.getlist(name)] for name in sent}


async def form_with_file(request: Request, most: int, too_large: BadInput, *, most_fields: int = 10) -> FormData:
    """
    A form that carries a file of at most `most` bytes; raises `too_large` when it has more, or does not say how many.

    What is asked of its length is asked before anything of it is read.
    """
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > most + ROOM_FOR_FIELDS:
        raise too_large
    return await _form(request, files=1, fields=most_fields)


def require_short(request: Request, field: str) -> None:
    """`BadInput` for a request that is longer than one without a file may be; asked before any of it is read."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        raise BadInput(field=field, found="more", wanted=f"at most {MOST_BYTES // 1024**2} megabyte")


async def _form(request: Request, *, files: int, fields: int) -> FormData:
    try:
        return await request.form(max_files=files, max_fields=fields)
    except HTTPException:
        wanted = f"a form of at most {fields} fields and {files} files, whole"
        raise BadInput(field="form", found="a form that cannot be read", wanted=wanted) from None


def one(posted: Posted, name: str) -> str:
    """The first value of a field, empty when it was not posted."""
    given = posted.get(name, ())
    return given[0] if given else ""


def new_nonce() -> str:
    """A fresh key for one form."""
    return f"{PREFIX}{uuid.uuid4()}"


def is_nonce(text: str) -> bool:
    """Whether a posted key has the shape of one this program gave out."""
    try:
        return text == f"{PREFIX}{uuid.UUID(text.removeprefix(PREFIX))}"
    except ValueError:
        return False


def nonce_of(posted: Posted) -> str:
    """The nonce of a form; `BadInput` when it has none that this program gave out."""
    nonce = one(posted, "nonce")
    if not is_nonce(nonce):
        raise BadInput(field="nonce", found=nonce, wanted="the key that the form was given; open the form afresh")
    return nonce
