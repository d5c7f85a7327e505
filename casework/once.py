"""
An act done once: the nonce of a form or request is kept with the act it was used for.

`casework.handlers.record` does this for acts that record an event; this does it for acts that write their own tables.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import wraps

from pydantic import BaseModel
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.acts import Handler
from core.db import Base
from core.errors import Conflict
from core.history import digest
from core.unit_of_work import UnitOfWork


class ActKey(Base):
    """The nonce of one act done, with what it was given as a digest."""

    __tablename__ = "act_keys"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    given_sha256: Mapped[str] = mapped_column(String(64))
    done_at: Mapped[datetime]


def once(handler: Handler) -> Handler:
    """
    The same handler, doing nothing when its key was used for the same act before.

    `Conflict` when the key was used with another case or other facts. Without a key every call counts.
    """

    @wraps(handler)
    def guarded(uow: UnitOfWork, case_id: uuid.UUID, facts: BaseModel, key: str | None) -> None:
        if key is None or _is_new(uow, case_id, key, digest([handler.__name__, facts.model_dump(mode="json")])):
            handler(uow, case_id, facts, key)

    return guarded


def _is_new(uow: UnitOfWork, case_id: uuid.UUID, key: str, given: str) -> bool:
    standing = uow.session.get(ActKey, key)
    if standing is None:
        uow.session.add(ActKey(key=key, case_id=case_id, given_sha256=given, done_at=uow.now))
        uow.session.flush()
        return True
    if (standing.case_id, standing.given_sha256) != (case_id, given):
        raise Conflict("This form was sent before with other contents. Open it afresh and send it again.")
    return False
