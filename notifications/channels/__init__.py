"""Ways out of the building. A channel takes one parcel and says what became of it; it never retries."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from notifications.lifecycle import Medium, Outcome
from notifications.rendering import PDF

REPLY_LIMIT = 300
A_WORD = re.compile(r"[^\s<>,;:\"()]+")


@dataclass(frozen=True, slots=True)
class Parcel:
    """
    One notice on its way out: frozen bytes, frozen addresses. `epoch` counts attempts and is not part of the bytes.
    """

    notice_id: uuid.UUID
    epoch: int
    kind: str
    medium: Medium
    message_id: str
    recipient_name: str
    recipient_email: str | None
    subject_line: str
    body: bytes
    content_type: str
    sha256: str
    attachment: bytes | None
    dated_at: datetime
    html: bytes | None = None
    recipient_postal: tuple[str, ...] = ()
    recipient_phone: str | None = None
    recipient_webhook: str | None = None
    sender: str | None = None
    recipient_key: str = ""

    @property
    def file_name(self) -> str:
        """The same for every attempt, made of the date, the kind and the id: no name in it."""
        return file_name(self.notice_id, self.kind, self.dated_at, self.content_type)


def file_name(notice_id: uuid.UUID, kind: str, dated_at: datetime, content_type: str) -> str:
    """The name of a notice's file in the letters folder."""
    ending = "pdf" if content_type == PDF else "eml"
    return f"{dated_at:%Y-%m-%d}-{kind.replace('_', '-')}-{notice_id}.{ending}"


@dataclass(frozen=True, slots=True)
class Sent:
    """
    What a channel said of one attempt. `wait_seconds` is how long the other side asks to be left alone (Retry-After).
    """

    outcome: Outcome
    reply_code: int | None = None
    reply_text: str | None = None
    provider_ref: str | None = None
    wait_seconds: int | None = None


class Channel(Protocol):
    """
    A way out. `name` stands with every attempt.

    `idempotent`: sending the same parcel twice leaves one copy, so that an attempt of unknown end may be repeated.
    """

    @property
    def name(self) -> str: ...

    @property
    def idempotent(self) -> bool: ...

    def send(self, parcel: Parcel) -> Sent:
        """Send once. What may have gone out is `unknown`, never `temp`."""
        ...

    def session(self) -> AbstractContextManager[Channel]:
        """A channel for a batch: within the block its sends may share a connection, and each is still sent once."""
        ...


class Unconnected:
    """A channel that keeps no connection: a session is the channel itself."""

    __slots__ = ()

    @contextmanager
    def session(self) -> Iterator[Self]:
        """The channel itself."""
        yield self


def scrubbed(reply: str | bytes) -> str:
    """A reply fit for keeping: addresses left out, one line, not too long."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return A_WORD.sub(_unless_address, " ".join(text.split()))[:REPLY_LIMIT]


def _unless_address(word: re.Match[str]) -> str:
    return "[address]" if "@" in word[0] else word[0]
