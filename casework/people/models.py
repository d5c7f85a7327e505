"""Tables of those who sign in. What proves who somebody is stands here as a digest or sealed, never in clear."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.people.roles import Grant, Role
from core.db import Base, StoredEnum, new_id


class Account(Base):
    """
    Somebody who signs in. `email` is in lower case; `officer_id` says who they are in the register of officers.

    Without a `password_hash` (argon2id) or a `totp_secret` (sealed) nobody signs in with it yet. `totp_step` is the
    last time step a code was taken for: none is taken twice. `changed_by` made it or gave it its roles last, and what
    it may do stands once somebody else has confirmed that (`confirmed_by`).
    """

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_in_lower_case"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str | None] = mapped_column(Text)
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_step: Mapped[int | None]
    officer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("officers.id"), unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(80))
    confirmed_by: Mapped[str | None] = mapped_column(String(80))

    roles: Mapped[list[RoleHeld]] = relationship(cascade="all, delete-orphan", order_by="RoleHeld.role")

    @property
    def actor(self) -> str:
        """How history names them: as the officer they are, else by the account."""
        return f"officer:{self.officer_id}" if self.officer_id else f"account:{self.id}"

    @property
    def grants(self) -> tuple[Grant, ...]:
        """The roles they hold, and where."""
        return tuple(Grant(each.role, each.association_id, each.workplace_id) for each in self.roles)

    @property
    def standing_grants(self) -> tuple[Grant, ...]:
        """Those of them that stand: none while nobody has confirmed them."""
        return self.grants if self.confirmed_by else ()

    @property
    def ready(self) -> bool:
        """Whether somebody can sign in with it."""
        return self.active and self.password_hash is not None and self.totp_secret is not None


class RoleHeld(Base):
    """A role of an account, and where it is held."""

    __tablename__ = "account_roles"
    __table_args__ = (
        CheckConstraint("association_id IS NULL OR workplace_id IS NULL", name="held_in_one_place"),
        Index("ix_account_roles_account_id", "account_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    role: Mapped[Role] = mapped_column(StoredEnum(Role))
    association_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("associations.id"))
    workplace_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("workplaces.id"))


class RecoveryCode(Base):
    """A code that stands in for a second factor once; `code_sha256` is all that is kept of it."""

    __tablename__ = "recovery_codes"

    code_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    used_at: Mapped[datetime | None]


class SignIn(Base):
    """
    A sign-in that stands until `ended_at`. The browser holds the key, this row its digest.

    `complete` is whether the second factor was shown too; until then it opens nothing but that page. `enrols` is
    whether it began with the account's link: only then may a second factor be set up.
    """

    __tablename__ = "sign_ins"

    key_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    complete: Mapped[bool]
    enrols: Mapped[bool] = mapped_column(default=False)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class OneTimeLink(Base):
    """A link that lets somebody choose a password once: of an account that was made for them, or of the first one."""

    __tablename__ = "one_time_links"

    key_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInTry(Base):
    """One try to prove who somebody is; `about` is the digest of an account's mail address or of a network."""

    __tablename__ = "sign_in_tries"
    __table_args__ = (Index("ix_sign_in_tries_about_at", "about", "at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    about: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class ApiToken(Base):
    """
    A key for a program that acts for an account, until `ends_at`. `may` says whether it acts or only looks; one that is
    `narrowed` uses those of the account's roles whose keys `roles` holds, any other whatever the account has.
    """

    __tablename__ = "api_tokens"

    key_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    label: Mapped[str] = mapped_column(String(80))
    may: Mapped[str] = mapped_column(String(20))
    narrowed: Mapped[bool] = mapped_column(default=False, server_default=false())
    roles: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
