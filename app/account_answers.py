"""What the API answers of one's own account, its tokens, calendars and digest, and of webhooks, for its description."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from pydantic import BaseModel

from app.api_answers import Part
from app.calendars import CalendarLine
from app.people_views import TokenLine
from app.webhook_views import WebhookLine
from casework.people.digests import DigestPart, Rhythm
from casework.webhooks.events import Event


class Calendars(Part):
    """The calendars that an account keeps."""

    calendars: list[CalendarLine]


class CalendarMade(BaseModel):
    """A calendar that was made, and its address, shown this once."""

    short: str
    ballot: str | None
    made_at: datetime
    url: str | None


class CalendarEnded(BaseModel):
    """A calendar that has ended."""

    short: str
    ended_at: datetime


class Tokens(Part):
    """The tokens of an account; `roles` is empty for one that may use whatever the account has."""

    tokens: list[TokenLine]


class TokenEnded(BaseModel):
    """A token that is worth nothing any more."""

    short: str


class Digest(BaseModel):
    """What an account is told by mail, how often, and when it was last told."""

    rhythm: Rhythm
    parts: list[DigestPart]
    told_on: date | None


class Webhooks(Part):
    """Addresses that are told of events."""

    webhooks: list[WebhookLine]


class WebhookMade(BaseModel):
    """An address that is told from now on, and its secret, shown this once."""

    id: uuid.UUID
    url: str
    events: list[Event]
    secret: str | None


class WebhookSecret(BaseModel):
    """A new secret, shown this once; null where the key shows that it was made before."""

    secret: str | None


class WebhookEnded(BaseModel):
    """An address that is told nothing more."""

    id: uuid.UUID
    ended_at: datetime
