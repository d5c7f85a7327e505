"""The words of a letter that was made before, read again from what was frozen with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import object_session

from core.calendar import london_day
from core.settings import settings
from notifications.keys import idem_key, message_id
from notifications.lifecycle import Medium
from notifications.messages import MessageKind, message_kind
from notifications.models import Notice
from notifications.receipt_links import address
from notifications.recipients import addressed
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
    kind, to = message_kind(notice.kind), addressed(notice)
    for link in _links(notice, kind):
        page = Page(kind, notice.facts, notice.law, to, _dated_on(notice), link)
        if render(page, Medium.LETTER).sha256 == frozen:
            return words_of_letter(page)
    return None


def _dated_on(notice: Notice) -> date:
    """Its date; a letter in place of a mail bears that of the mail."""
    session = object_session(notice)
    mail = session.get(Notice, notice.instead_of_id) if session is not None and notice.instead_of_id else None
    return london_day((mail or notice).created_at)


def _links(notice: Notice, kind: MessageKind) -> Iterator[str | None]:
    """Its own link, that of the mail it may have gone instead of, or none: a public address may have been set since."""
    for medium in dict.fromkeys((notice.medium, Medium.MAIL)):
        key = idem_key(notice.subject_ref, notice.kind, notice.recipient_key, medium, notice.content_version)
        link = address(message_id(key), kind, medium, settings())
        if link is not None:
            yield link
    yield None
