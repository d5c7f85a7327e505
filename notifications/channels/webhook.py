"""
Notices to an employer's own program, by HTTPS: signed, under an idempotency key, to hosts that somebody allowed.

Each host has a secret of its own, made of the one in the settings: who is told theirs cannot sign for another host.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from core import signing
from core.clock import Clock
from core.settings import Settings
from notifications.channels import Parcel, Sent, Unconnected, scrubbed
from notifications.channels.outward import SECONDS, AddressRefused, Lost, NotSent, Outward, Reply
from notifications.channels.taxonomy import Answer
from notifications.lifecycle import Outcome

KEY_HEADER = "Idempotency-Key"
SIGNATURE_HEADER = "Mandate-Signature"
CONFLICT = 409
LATER = frozenset({408, 425, 429})

ANSWERS = (
    Answer("connecting", "no connection, an unknown name, or a certificate that does not hold", Outcome.TEMP),
    Answer("connecting", "a host that is not allowed", Outcome.PERM),
    Answer("connecting", "a name that leads into a private network", Outcome.PERM),
    Answer("request sent", "the connection is lost, or no answer within ten seconds", Outcome.UNKNOWN),
    Answer("answer", "2xx", Outcome.ACCEPTED),
    Answer("answer", "3xx: nothing is redirected", Outcome.PERM),
    Answer("answer", "408, 425, 429", Outcome.TEMP),
    Answer("answer", "409 with our Idempotency-Key", Outcome.ACCEPTED),
    Answer("answer", "any other 4xx", Outcome.PERM),
    Answer("answer", "5xx", Outcome.TEMP),
)
"""What each answer means; docs/channels.md shows the same. The channel is idempotent: unknown is sent again."""


@dataclass(frozen=True, slots=True)
class WebhookChannel(Unconnected):
    """
    Posts JSON. `hosts` are those that may be reached; one that begins with a full stop allows every host below it.

    `private` lets tests reach this machine.
    """

    secret: bytes = field(repr=False)
    hosts: Sequence[str]
    private: bool = False
    ca_file: Path | None = None
    seconds: float = SECONDS

    name: ClassVar[str] = "webhook"
    idempotent: ClassVar[bool] = True

    @classmethod
    def of(cls, configured: Settings) -> WebhookChannel:
        """The channel of the settings."""
        return cls(
            secret=configured.webhook_secret.get_secret_value().encode(),
            hosts=configured.webhook_host_list,
            private=configured.webhook_to_private_networks,
            ca_file=configured.ca_file,
        )

    def send(self, parcel: Parcel) -> Sent:
        """One attempt."""
        url = parcel.recipient_webhook or ""
        host = (urlsplit(url).hostname or "").lower()
        if not url.startswith("https://") or not self.allows(host):
            return Sent(Outcome.PERM, None, "the host is not one of MANDATE_WEBHOOK_HOSTS")
        content = body_of(parcel)
        key = str(parcel.notice_id)
        headers = {
            "Content-Type": "application/json",
            KEY_HEADER: key,
            SIGNATURE_HEADER: signature(secret_for(self.secret, host), int(Clock().now().timestamp()), content),
        }
        try:
            with Outward(private=self.private, ca_file=self.ca_file, seconds=self.seconds) as http:
                return _meaning(http.request("POST", url, headers=headers, content=content), key)
        except AddressRefused as error:
            return Sent(Outcome.PERM, None, str(error))
        except NotSent as error:
            return Sent(Outcome.TEMP, None, scrubbed(str(error)))
        except Lost as error:
            return Sent(Outcome.UNKNOWN, None, scrubbed(str(error)))

    def allows(self, host: str) -> bool:
        """Whether a host may be reached."""
        return any(host == each or (each.startswith(".") and host.endswith(each)) for each in self.hosts)


def body_of(parcel: Parcel) -> bytes:
    """The notice as JSON: the same bytes for every attempt."""
    letter = None if parcel.attachment is None else base64.b64encode(parcel.attachment).decode("ascii")
    document: dict[str, Any] = {
        "id": str(parcel.notice_id),
        "kind": parcel.kind,
        "dated_at": parcel.dated_at.isoformat(),
        "recipient": parcel.recipient_name,
        "subject": parcel.subject_line,
        "text": parcel.body.decode(),
        "text_sha256": parcel.sha256,
        "letter_pdf": letter,
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True).encode()


def secret_for(secret: bytes, host: str) -> str:
    """The secret that one host's program is told, in hexadecimal."""
    return signing.signature(secret, host.lower().encode(), 32).hex()


def signature(secret: str, at: int, content: bytes) -> str:
    """The header: `t` the second it was signed, `v1` the HMAC-SHA-256 of that second, a full stop and the body."""
    signed = signing.signature(secret.encode(), f"{at}.".encode() + content, 32).hex()
    return f"t={at},v1={signed}"


def _meaning(reply: Reply, key: str) -> Sent:
    outcome = _outcome(reply, key)
    text = None if outcome is Outcome.ACCEPTED else scrubbed(reply.body)
    wait = reply.wait_seconds if outcome is Outcome.TEMP else None
    return Sent(outcome, reply.status, text or None, key, wait)


def _outcome(reply: Reply, key: str) -> Outcome:
    status = reply.status
    if 200 <= status < 300:
        return Outcome.ACCEPTED
    if status == CONFLICT and reply.headers.get(KEY_HEADER.lower()) == key:
        return Outcome.ACCEPTED
    return Outcome.TEMP if status in LATER or status >= 500 else Outcome.PERM
