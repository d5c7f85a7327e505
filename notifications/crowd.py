"""
The same message to many people at once: rendered for each, written together.

What comes of it is what `outbox.enqueue` gives one by one, rows and history alike, in a few statements.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from core import history
from core.errors import BadInput, StageError
from core.logs import log
from core.unit_of_work import UnitOfWork
from notifications import keys, outbox
from notifications.lifecycle import Medium, State
from notifications.messages import Message, message_kind
from notifications.models import Notice
from notifications.recipients import Recipient
from notifications.showing import RenderingError


@dataclass(frozen=True, slots=True)
class Addressed:
    """One person's copy: what it says, to whom, and how it travels."""

    message: Message
    to: Recipient
    medium: Medium

    def key(self, subject_ref: str, content_version: str) -> str:
        """What makes it the same notice when it is asked for again."""
        return keys.idem_key(subject_ref, self.message.kind, self.to.key, self.medium, content_version)


def enqueue_all(
    uow: UnitOfWork,
    copies: Sequence[Addressed],
    *,
    subject_ref: str,
    content_version: str = "1",
) -> Mapping[str, uuid.UUID]:
    """
    Make, approve and queue a notice for each copy that has none yet; the notice of each recipient, by its key.

    A copy that cannot be made (an address that cannot be used) is left out, and hinders no other. A statutory message
    is refused with `StageError`, as `outbox.enqueue` refuses it.
    """
    for kind in {each.message.kind for each in copies}:
        if message_kind(kind).statutory:
            raise StageError(f"The statutory notice {kind}", "rendered", "queued", ("approved",))
    by_key = {each.key(subject_ref, content_version): each for each in copies}
    standing = select(Notice.idem_key, Notice.id).where(Notice.idem_key.in_(by_key))
    found = dict(uow.session.execute(standing).tuples().all())
    new: dict[str, Notice] = {}
    for key, each in by_key.items():
        if key not in found:
            try:
                new[key] = outbox.made_out(uow, each.message, each.to, each.medium, subject_ref, content_version)
            except (BadInput, RenderingError) as error:
                log().error("copy not made", kind=each.message.kind, error=type(error).__name__)
    for notice in new.values():
        notice.state = State.APPROVED
        notice.approved_by, notice.approved_at = uow.actor, uow.now
        notice.state = State.QUEUED
        notice.queued_at = uow.now
    uow.session.add_all(new.values())
    uow.session.flush()
    _note(uow, list(new.values()))
    ids = found | {key: notice.id for key, notice in new.items()}
    return {each.to.key: ids[key] for key, each in by_key.items() if key in ids}


def _note(uow: UnitOfWork, new: Sequence[Notice]) -> None:
    """The entries that each would have had: prepared, approved, queued."""
    prepared = [(each.ref, outbox.as_prepared(each)) for each in new]
    approved = [(each.ref, {"sha256": each.sha256, "approver": each.approved_by}) for each in new]
    queued = [(each.ref, {"message_id": each.message_id}) for each in new]
    history.record_all(uow, outbox.PREPARED, prepared)
    history.record_all(uow, "notifications:notice:approved", approved)
    history.record_all(uow, "notifications:notice:queued", queued)
