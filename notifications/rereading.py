"""The words of a letter that was made before, read again from what was frozen with it."""

from __future__ import annotations

from core.calendar import london_day
from notifications.lifecycle import Medium
from notifications.messages import message_kind
from notifications.models import Notice
from notifications.recipients import Recipient
from notifications.rendering import Page, render, words_of_letter


def words_of(notice: Notice) -> str | None:
    """
    What a notice's letter says, in reading order, white space collapsed.

    None for a notice without a letter, and where the templates or settings of now no longer give the very bytes that
    were frozen: then only the PDF itself shows what the letter said.
    """
    frozen = notice.sha256 if notice.medium is Medium.LETTER else notice.attachment_sha256
    if frozen is None:
        return None
    to = Recipient(notice.recipient_key, notice.recipient_name, notice.recipient_email, tuple(notice.recipient_postal))
    page = Page(message_kind(notice.kind), notice.facts, notice.law, to, london_day(notice.created_at))
    return words_of_letter(page) if render(page, Medium.LETTER).sha256 == frozen else None
