"""Who a notice goes to: an opaque key, and the name and addresses that are frozen into the notice."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.errors import BadInput
from notifications.facts import LINE_BREAK
from notifications.lifecycle import Medium
from notifications.models import Notice

OF_A_MEMBER = "member:"
"""How the key of a member of the union begins."""
KEY = re.compile(r"[a-z_]+:[0-9A-Za-z._-]+")
ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\]+")
PHONE = re.compile(r"\+[1-9][0-9]{7,14}")
WEBHOOK = re.compile(r"https://[^\s@]+")
LANGUAGE = re.compile(r"en|cy")


@dataclass(frozen=True, slots=True)
class Recipient:
    """
    `key` reads kind:id, such as `employer:<uuid>`, and is what logs may show. The rest is personal or an address:
    `phone` in E.164, `webhook` over https only. `language` is the one the recipient reads, by ISO 639-1.

    Raises `BadInput` for a line break or control character anywhere: such a value could forge a header.
    """

    key: str
    name: str
    email: str | None = None
    postal_lines: tuple[str, ...] = ()
    phone: str | None = None
    webhook: str | None = None
    language: str = "en"

    def __post_init__(self) -> None:
        if not KEY.fullmatch(self.key):
            raise BadInput(field="recipient.key", found=self.key, wanted="kind:id, such as employer:<uuid>")
        self._refuse("name", self.name, wanted="a name on one line", bad=not self.name.strip())
        for line in self.postal_lines:
            self._refuse("postal_lines", line, wanted="address lines without line breaks", bad=not line.strip())
        if self.email is not None:
            self._refuse("email", self.email, wanted="an address", bad=not ADDRESS.fullmatch(self.email))
        if self.phone is not None:
            self._refuse("phone", self.phone, wanted="such as +447700900123", bad=not PHONE.fullmatch(self.phone))
        if self.webhook is not None:
            self._refuse("webhook", self.webhook, wanted="an https address", bad=not WEBHOOK.fullmatch(self.webhook))
        if not LANGUAGE.fullmatch(self.language):
            raise BadInput(field=f"recipient.language of {self.key}", found=self.language, wanted="en or cy")

    def _refuse(self, field: str, value: str, *, wanted: str, bad: bool) -> None:
        # The value itself is personal: the message names the key instead.
        if bad or LINE_BREAK.search(value):
            raise BadInput(field=f"recipient.{field} of {self.key}", found="an unusable value", wanted=wanted)

    def can_receive(self, medium: Medium) -> bool:
        """Whether there is an address for that medium."""
        return bool(
            {
                Medium.MAIL: self.email,
                Medium.LETTER: self.postal_lines,
                Medium.SMS: self.phone,
                Medium.WEBHOOK: self.webhook,
            }[medium]
        )

    @property
    def best_medium(self) -> Medium:
        """Mail where there is an address for it, else a letter."""
        return Medium.MAIL if self.can_receive(Medium.MAIL) else Medium.LETTER


def addressed(notice: Notice) -> Recipient:
    """The recipient as it was frozen into a notice."""
    return Recipient(
        notice.recipient_key,
        notice.recipient_name,
        notice.recipient_email,
        tuple(notice.recipient_postal),
        notice.recipient_phone,
        notice.recipient_webhook,
        notice.language,
    )
