"""Tables of reimbursement: claims with their days, payment batches with their lines. People are ids here."""

from __future__ import annotations

import uuid
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from casework.cases import Case
from casework.register.models import Member
from core.db import Base, StoredEnum, new_id
from core.errors import StageError


class ClaimState(StrEnum):
    """
    Where a claim stands. Paid means that the file with its line was released to the bank, returned that the bank sent
    the payment back, so that the claim is owed again.
    """

    SUBMITTED = "submitted"
    CALCULATED = "calculated"
    APPROVED_ONCE = "approved_once"
    APPROVED = "approved"
    IN_BATCH = "in_batch"
    PAID = "paid"
    RETURNED = "returned"
    REFUSED = "refused"


NEXT_STATES: dict[ClaimState, frozenset[ClaimState]] = {
    ClaimState.SUBMITTED: frozenset({ClaimState.CALCULATED, ClaimState.REFUSED}),
    ClaimState.CALCULATED: frozenset({ClaimState.APPROVED_ONCE, ClaimState.REFUSED}),
    ClaimState.APPROVED_ONCE: frozenset({ClaimState.APPROVED, ClaimState.REFUSED}),
    ClaimState.APPROVED: frozenset({ClaimState.IN_BATCH, ClaimState.REFUSED}),
    ClaimState.IN_BATCH: frozenset({ClaimState.PAID}),
    ClaimState.PAID: frozenset({ClaimState.RETURNED}),
    ClaimState.RETURNED: frozenset({ClaimState.APPROVED_ONCE, ClaimState.REFUSED}),
    ClaimState.REFUSED: frozenset({ClaimState.SUBMITTED}),
}
OVER = frozenset({ClaimState.PAID, ClaimState.REFUSED})


class Claim(Base):
    """
    One member's claim in one round of a case's strikes; `round` grows by one each time claims are settled.

    `payslip_pence` is what the payslip says was deducted, `calculated_pence` what the rule gives, `payable_pence` what
    is paid; salary and `fte` are as they stood when it was calculated. The payslip itself stays in the finance file:
    `evidence_sha256` is its digest. `payee_sha256` is of the account the claim was made with, and goes with payment.
    """

    __tablename__ = "claims"
    __table_args__ = (
        UniqueConstraint("case_id", "member_id", "round"),
        CheckConstraint("payslip_pence > 0", name="payslip_positive"),
        CheckConstraint("payable_pence IS NULL OR payable_pence <= payslip_pence", name="never_above_loss"),
        CheckConstraint("second_approver IS NULL OR second_approver <> first_approver", name="two_approvers"),
        Index("ix_claims_state", "state"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"), index=True)
    round: Mapped[int]
    state: Mapped[ClaimState] = mapped_column(StoredEnum(ClaimState))
    submitted_on: Mapped[date]
    submissions: Mapped[int] = mapped_column(default=1)
    payslip_pence: Mapped[int]
    evidence_sha256: Mapped[str] = mapped_column(String(64), index=True)
    payee_sha256: Mapped[str | None] = mapped_column(String(64))
    annual_salary_pence: Mapped[int | None]
    fte: Mapped[str | None] = mapped_column(String(8))
    method: Mapped[str | None] = mapped_column(String(40))
    calculated_pence: Mapped[int | None]
    payable_pence: Mapped[int | None]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    first_approver: Mapped[str | None] = mapped_column(String(80))
    second_approver: Mapped[str | None] = mapped_column(String(80))
    refusal_reason: Mapped[str | None] = mapped_column(Text)

    case: Mapped[Case] = relationship()
    member: Mapped[Member] = relationship()
    days: Mapped[list[ClaimDay]] = relationship(
        order_by="ClaimDay.on", back_populates="claim", cascade="all, delete-orphan"
    )

    @property
    def ref(self) -> str:
        """How history names this row."""
        return f"claim:{self.id}"

    @validates("state")
    def _only_by_the_table(self, _key: str, wanted: ClaimState) -> ClaimState:
        now = self.state
        if now is not None and wanted not in NEXT_STATES[now]:
            raise StageError(f"The claim {self.id}", now.value, wanted.value, tuple(sorted(NEXT_STATES[now])))
        return wanted


class ClaimDay(Base):
    """A strike day of a claim and its share of the amount. No day of a member is in two claims."""

    __tablename__ = "claim_days"
    __table_args__ = (UniqueConstraint("member_id", "on"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claims.id"), index=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"))
    on: Mapped[date]
    pence: Mapped[int | None]

    claim: Mapped[Claim] = relationship(back_populates="days")


class ClaimWindow(Base):
    """That a round of claims was closed by a person while `unclaimed` members had not claimed, and why."""

    __tablename__ = "claim_windows"
    __table_args__ = (UniqueConstraint("case_id", "round"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"))
    round: Mapped[int]
    closed_on: Mapped[date]
    closed_by: Mapped[str] = mapped_column(String(80))
    unclaimed: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)


class PaymentBatch(Base):
    """
    One payment file. `content` is written once, with its digest and control totals, and never built again.

    `left_out` holds the findings on approved claims that could not be paid with it; `where` names the claim.
    """

    __tablename__ = "payment_batches"
    __table_args__ = (
        CheckConstraint("released_by IS NULL OR released_by <> prepared_by", name="two_people"),
        CheckConstraint("(released_by IS NULL) = (released_on IS NULL)", name="released_whole"),
        CheckConstraint("total_pence > 0 AND lines_count > 0", name="not_empty"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    prepared_by: Mapped[str] = mapped_column(String(80))
    prepared_on: Mapped[date] = mapped_column(index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    lines_count: Mapped[int]
    total_pence: Mapped[int]
    repeat_reason: Mapped[str | None] = mapped_column(Text)
    left_out: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    released_by: Mapped[str | None] = mapped_column(String(80))
    released_on: Mapped[date | None]

    lines: Mapped[list[PaymentLine]] = relationship(order_by="PaymentLine.end_to_end_id", back_populates="batch")

    @property
    def history_ref(self) -> str:
        """How history names this row."""
        return f"batch:{self.id}"


class PaymentLine(Base):
    """
    One claim's payment. A claim has one that stands, ever; a second only once the bank has sent the first back.

    The account stands in the batch's file only. `returned_because` is the bank's reason.
    """

    __tablename__ = "payment_lines"
    __table_args__ = (
        CheckConstraint("pence > 0", name="pence_positive"),
        CheckConstraint("(returned_on IS NULL) = (returned_because IS NULL)", name="returned_whole"),
        Index(
            "uq_payment_lines_standing",
            "claim_id",
            unique=True,
            sqlite_where=text("returned_on IS NULL"),
            postgresql_where=text("returned_on IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claims.id"))
    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment_batches.id"), index=True)
    payee_member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"), index=True)
    pence: Mapped[int]
    end_to_end_id: Mapped[str] = mapped_column(String(35), unique=True)
    returned_on: Mapped[date | None]
    returned_because: Mapped[str | None] = mapped_column(Text)

    batch: Mapped[PaymentBatch] = relationship(back_populates="lines")
    claim: Mapped[Claim] = relationship()
