"""
Tables of the register: who works where, for which employer, and which officer covers them.

The names, addresses and payment details of people live in these tables and nowhere else; every other table holds ids.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.register.employers import Confidence, EmployerKind, Service
from core.db import Base, StoredEnum, new_id
from core.nations import Nation

ENGLISH = "en"


class Association(Base):
    """The local association or division that covers the schools of one or more local authorities (`la_codes`)."""

    __tablename__ = "associations"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    la_codes: Mapped[list[str]] = mapped_column(JSON)


class Employer(Base):
    """
    The legal employer, on whom notices are served.

    `register_key` says which one it is: `la:<code>`, `gb:<urn>`, `trust:<NAME>`, `proprietor:<urn>` and so on. Where
    the register names nobody, `name` describes the employer and the workplace's `employer_confidence` is unknown.
    """

    __tablename__ = "employers"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[EmployerKind] = mapped_column(StoredEnum(EmployerKind))
    register_key: Mapped[str] = mapped_column(String(300), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    email: Mapped[str | None] = mapped_column(String(254))
    postal_lines: Mapped[list[str]] = mapped_column(JSON)
    webhook: Mapped[str | None] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(2), default=ENGLISH, server_default=ENGLISH)


class Workplace(Base):
    """
    One establishment of the register, and why the register says who employs there.

    A school has a URN. A college has none and stands under its UKPRN; the list of colleges gives it no local authority,
    postcode or address, which are empty until somebody enters them. `service` is an important public service as the
    thresholds name it; `stpcd_binds` whether the School Teachers' Pay and Conditions Document binds by statute.
    """

    __tablename__ = "workplaces"
    __table_args__ = (
        Index("ix_workplaces_la_code_name", "la_code", "name"),
        CheckConstraint("urn IS NOT NULL OR ukprn IS NOT NULL", name="has_a_number"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    urn: Mapped[str | None] = mapped_column(String(6), unique=True)
    ukprn: Mapped[str | None] = mapped_column(String(8), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    establishment_type: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(60))
    phase: Mapped[str] = mapped_column(String(60))
    la_code: Mapped[str] = mapped_column(String(3))
    la_name: Mapped[str] = mapped_column(String(100))
    postal_lines: Mapped[list[str]] = mapped_column(JSON)
    postcode: Mapped[str] = mapped_column(String(10))
    nation: Mapped[Nation] = mapped_column(StoredEnum(Nation))
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    employer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("employers.id"), index=True)
    employer_reason: Mapped[str] = mapped_column(Text)
    employer_confidence: Mapped[Confidence] = mapped_column(StoredEnum(Confidence))
    service: Mapped[Service] = mapped_column(StoredEnum(Service))
    stpcd_binds: Mapped[bool]
    email: Mapped[str | None] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2), default=ENGLISH, server_default=ENGLISH)
    association_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("associations.id"), index=True)

    employer: Mapped[Employer] = relationship()
    association: Mapped[Association | None] = relationship()

    @property
    def number(self) -> str:
        """The number it stands under in the register, with its kind: `URN 100050` or `UKPRN 10000794`."""
        return f"URN {self.urn}" if self.urn else f"UKPRN {self.ukprn}"


class WorkplaceLink(Base):
    """
    A link between two establishments, as the register publishes it: `urn` has `linked_urn` as its `kind`.

    Either may be a school that is not kept here. `established_on` is absent where the register does not say.
    """

    __tablename__ = "workplace_links"
    __table_args__ = (UniqueConstraint("urn", "linked_urn", "kind"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    urn: Mapped[str] = mapped_column(String(6))
    linked_urn: Mapped[str] = mapped_column(String(6), index=True)
    linked_name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(60))
    established_on: Mapped[date | None]


class Officer(Base):
    """Someone who covers the workplaces of an association, up to `open_case_limit` open cases at once."""

    __tablename__ = "officers"
    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("open_case_limit >= 0", name="limit_not_negative"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    association_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("associations.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    open_case_limit: Mapped[int]
    phone: Mapped[str | None] = mapped_column(String(16))

    association: Mapped[Association] = relationship()


class Member(Base):
    """
    One member of the union at one workplace.

    `annual_salary_pence` is the full-time salary; `fte` the post's fraction of it as decimal text, such as `0.8`.
    `left_on` is the last day of membership. `category` is the kind of post that notices count people by.
    """

    __tablename__ = "members"
    __table_args__ = (
        CheckConstraint("annual_salary_pence >= 0", name="salary_not_negative"),
        CheckConstraint("left_on IS NULL OR left_on >= joined_on", name="leaves_after_joining"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    membership_number: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    postal_lines: Mapped[list[str]] = mapped_column(JSON)
    workplace_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workplaces.id"), index=True)
    category: Mapped[str] = mapped_column(String(60))
    joined_on: Mapped[date]
    left_on: Mapped[date | None]
    annual_salary_pence: Mapped[int]
    fte: Mapped[str] = mapped_column(String(8))
    is_rep: Mapped[bool] = mapped_column(default=False)
    sort_code: Mapped[str | None] = mapped_column(String(6))
    account_number: Mapped[str | None] = mapped_column(String(8))
    phone: Mapped[str | None] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(2), default=ENGLISH, server_default=ENGLISH)

    workplace: Mapped[Workplace] = relationship()


class ImportRun(Base):
    """One file taken in. `rows` is always stored + updated + unchanged + rejected."""

    __tablename__ = "import_runs"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(20))
    file_sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    stored: Mapped[int]
    updated: Mapped[int]
    unchanged: Mapped[int]
    rejected: Mapped[int]
    at: Mapped[datetime]
