"""Register rows as recipients of notices: whom a message goes to, and at which address."""

from __future__ import annotations

import uuid

from casework.register.models import Employer, Member, Officer, Workplace
from notifications.recipients import Recipient


def head_teacher(workplace: Workplace) -> Recipient:
    """The head teacher, addressed by office: the register holds no head teacher's name."""
    lines = ("The Head Teacher", workplace.name, *workplace.postal_lines) if workplace.postal_lines else ()
    return Recipient(
        f"workplace:{workplace.id}",
        f"The Head Teacher, {workplace.name}",
        workplace.email,
        lines,
        language=workplace.language,
    )


def employer(row: Employer) -> Recipient:
    """The legal employer."""
    lines = tuple(row.postal_lines)
    return Recipient(f"employer:{row.id}", row.name, row.email, lines, webhook=row.webhook, language=row.language)


def officer(row: Officer) -> Recipient:
    """An officer of the union."""
    return Recipient(f"officer:{row.id}", row.name, row.email, phone=row.phone)


def member(row: Member) -> Recipient:
    """A member, at the personal address the member gave."""
    lines = tuple(row.postal_lines)
    return Recipient(f"member:{row.id}", row.name, row.email, lines, phone=row.phone, language=row.language)


def member_id(key: str) -> uuid.UUID | None:
    """The member that a recipient's key names; None for anybody else's."""
    kind, _, named = key.partition(":")
    return uuid.UUID(named) if kind == "member" else None
