"""
Text messages and post by a provider, both through one adapter: JSON over HTTPS under the notice's id as reference.

What a provider calls its fields and its errors is in the settings; what each error means is in one table here.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from core.channel_settings import Provider
from notifications.channels import Channel, Parcel, Sent, Unconnected, scrubbed
from notifications.channels.outward import Lost, NotSent, Outward, Reply
from notifications.channels.taxonomy import Answer
from notifications.lifecycle import Medium, Outcome

LONGEST_TEXT = 918
"""Letters: six parts of 153, beyond which many a network cuts a text off."""
LONGEST_REF = 200
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "reference": "reference",
        "to": "to",
        "text": "text",
        "address": "address",
        "name": "name",
        "pdf": "pdf",
        "id": "id",
        "code": "code",
        "status": "status",
    }
)
"""What our fields are called in a provider's JSON unless the settings say otherwise."""

CODES: Mapping[str, Outcome] = MappingProxyType(
    {
        "duplicate_reference": Outcome.ACCEPTED,
        "invalid_recipient": Outcome.PERM,
        "blocked_recipient": Outcome.PERM,
        "invalid_content": Outcome.PERM,
        "out_of_credit": Outcome.TEMP,
        "rate_limited": Outcome.TEMP,
        "unauthorised": Outcome.TEMP,
        "unavailable": Outcome.TEMP,
    }
)
"""A provider's codes of error; the settings add its own. A code of an answer below 500 goes before the status."""

STATUSES: Mapping[int, Outcome] = MappingProxyType(
    {
        400: Outcome.PERM,
        409: Outcome.PERM,
        410: Outcome.PERM,
        413: Outcome.PERM,
        415: Outcome.PERM,
        422: Outcome.PERM,
        500: Outcome.UNKNOWN,
        502: Outcome.UNKNOWN,
        504: Outcome.UNKNOWN,
    }
)
"""What a status means without a code. Every other one is the provider's word about us, or passes: temporary."""

ANSWERS = (
    Answer("connecting", "no connection, an unknown name, or a certificate that does not hold", Outcome.TEMP),
    Answer("request sent", "the connection is lost, or no answer within ten seconds", Outcome.UNKNOWN),
    Answer("answer", "2xx with an id", Outcome.ACCEPTED),
    Answer("answer", "2xx that cannot be read, or without an id", Outcome.UNKNOWN),
    Answer("answer", "3xx: nothing is redirected", Outcome.TEMP),
    *(Answer("answer", f"4xx with the code `{code}`", outcome) for code, outcome in CODES.items()),
    *(Answer("answer", f"{status} without a known code", outcome) for status, outcome in STATUSES.items()),
    Answer("answer", "any other status", Outcome.TEMP),
)
"""What each answer means; docs/channels.md shows the same."""


@dataclass(frozen=True, slots=True)
class ProviderChannel:
    """
    One provider for one medium. `idempotent` where it recognises a reference it has seen, as the settings say.

    What it says later, by `status_of`, is never proof of receipt.
    """

    provider: Provider = field(repr=False)
    medium: Medium
    name: str
    idempotent: bool = False

    @classmethod
    def of(cls, provider: Provider, medium: Medium, name: str) -> ProviderChannel:
        """The channel of a provider in the settings."""
        return cls(provider, medium, name, provider.deduplicates)

    def send(self, parcel: Parcel) -> Sent:
        """One attempt over a connection of its own."""
        with self.session() as alone:
            return alone.send(parcel)

    @contextmanager
    def session(self) -> Iterator[Channel]:
        """One client for the sends within, whose connection is kept as long as the provider keeps it."""
        with Outward(private=True, ca_file=self.provider.ca_file, seconds=self.provider.seconds) as http:
            yield _Session(self, http)

    def status_of(self, provider_ref: str) -> str | None:
        """What the provider says became of it, in lower case; None when it cannot be asked or says nothing readable."""
        url = self.provider.url + self.provider.status_path.replace("{id}", _safe(provider_ref))
        try:
            with Outward(private=True, ca_file=self.provider.ca_file, seconds=self.provider.seconds) as http:
                reply = http.request("GET", url, headers=self._headers())
        except (NotSent, Lost):
            return None
        said = _read(reply, self._field("status")) if reply.status == 200 else None
        return said.lower() if said else None

    def content_of(self, parcel: Parcel) -> bytes:
        """The request's JSON: the same bytes for every attempt."""
        document: dict[str, Any] = {self._field("reference"): str(parcel.notice_id)}
        if self.medium is Medium.SMS:
            document[self._field("to")] = parcel.recipient_phone
            document[self._field("text")] = parcel.body.decode()
        else:
            document[self._field("address")] = [parcel.recipient_name, *parcel.recipient_postal]
            document[self._field("name")] = parcel.file_name
            document[self._field("pdf")] = base64.b64encode(parcel.body).decode("ascii")
        return json.dumps(document, ensure_ascii=False, sort_keys=True).encode()

    def _field(self, name: str) -> str:
        return self.provider.fields.get(name, FIELDS[name])

    def _headers(self) -> Mapping[str, str]:
        key = self.provider.key.get_secret_value()
        return {
            "Authorization": key if " " in key else f"Bearer {key}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }

    def hand_over(self, http: Outward, parcel: Parcel) -> Sent:
        """One attempt over a client that stands."""
        if self.medium is Medium.SMS and len(parcel.body.decode()) > LONGEST_TEXT:
            return Sent(Outcome.PERM, None, f"the text has more than {LONGEST_TEXT} letters")
        url = self.provider.url + self.provider.send_path
        headers = {**self._headers(), "Idempotency-Key": str(parcel.notice_id)}
        try:
            reply = http.request("POST", url, headers=headers, content=self.content_of(parcel))
        except NotSent as error:
            return Sent(Outcome.TEMP, None, scrubbed(str(error)))
        except Lost as error:
            return Sent(Outcome.UNKNOWN, None, scrubbed(str(error)))
        return self._meaning(reply)

    def _meaning(self, reply: Reply) -> Sent:
        reference, code = _read(reply, self._field("id")), _read(reply, self._field("code"))
        ref = reference[:LONGEST_REF] if reference else None
        if 200 <= reply.status < 300:
            if ref is not None:
                return Sent(Outcome.ACCEPTED, reply.status, None, ref)
            return Sent(Outcome.UNKNOWN, reply.status, "the answer cannot be read, or holds no id")
        known = {**CODES, **{said: Outcome(meant) for said, meant in self.provider.codes.items()}}
        meant = known.get(code or "") if reply.status < 500 else None
        outcome = meant or STATUSES.get(reply.status, Outcome.TEMP)
        text = f"the code {code}" if code in known else f"no code that is known ({len(reply.body)} bytes)"
        return Sent(outcome, reply.status, text, ref, reply.wait_seconds if outcome is Outcome.TEMP else None)


class _Session(Unconnected):
    """The provider over one client."""

    def __init__(self, channel: ProviderChannel, http: Outward) -> None:
        self._channel, self._http = channel, http
        self.name, self.idempotent = channel.name, channel.idempotent

    def send(self, parcel: Parcel) -> Sent:
        """One attempt."""
        return self._channel.hand_over(self._http, parcel)


def _read(reply: Reply, path: str) -> str | None:
    """What an answer's JSON holds at a path such as `messages.0.id`, as text; None for anything else."""
    if not reply.whole:
        return None
    try:
        found: Any = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    for step in path.split("."):
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) and str(found) else None


def _safe(reference: str) -> str:
    """A reference as one step of a path."""
    return quote(reference, safe="")
