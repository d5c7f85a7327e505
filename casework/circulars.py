"""One message to each of some members, or to one recipient by letter and by mail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from casework import parties
from casework.register.models import Member
from core.unit_of_work import UnitOfWork
from notifications import outbox
from notifications.lifecycle import Medium
from notifications.messages import Message
from notifications.recipients import Recipient
from notifications.rendering import NOBODY
from notifications.showing import Names


def tell_each(
    uow: UnitOfWork,
    message: Message,
    members: Iterable[Member],
    *,
    subject_ref: str,
    version: str,
    send_after: datetime | None = None,
) -> None:
    """One message to each of these members: by mail where the member has an address for it, else by letter."""
    for member in members:
        to = parties.member(member)
        outbox.enqueue(
            uow,
            message,
            to,
            medium=to.best_medium,
            subject_ref=subject_ref,
            content_version=version,
            send_after=send_after,
        )


def tell_both_ways(
    uow: UnitOfWork, message: Message, to: Recipient, *, subject_ref: str, version: str, others: Names = NOBODY
) -> None:
    """
    One message by letter and by mail, each where the recipient has an address for it. `others` are not to be named.
    """
    for medium in (Medium.LETTER, Medium.MAIL):
        if to.can_receive(medium):
            outbox.enqueue(
                uow, message, to, medium=medium, subject_ref=subject_ref, content_version=version, others=others
            )
