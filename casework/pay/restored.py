"""
Payment files that left before a restore, taken in again from the journal.

A file is rebuilt where the claims stand as they did: the same lines in the same order give the same bytes, which their
digest shows. Where they do not, its payments are noted as lost, and no claim of them is paid without being looked at.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import delete, select

from casework import handlers
from casework.pay import payments
from casework.pay.claims import noted
from casework.pay.journalled import PAYMENT
from casework.pay.models import Claim, ClaimState, PaymentBatch, PaymentLine
from core.db import new_id
from core.unit_of_work import UnitOfWork
from notifications.comparing import Entry
from notifications.models import LostSend
from notifications.quarantine import journal_of

FIRST_LETTERS = len("MC-")


def take_in(uow: UnitOfWork, files: Iterable[Entry]) -> tuple[int, int]:
    """Take in payment files of the journal: how many were rebuilt as released, and how many are noted as lost."""
    rebuilt = lost = 0
    for told in files:
        if _rebuild(uow, told):
            rebuilt += 1
        else:
            _note_lost(uow, told)
            lost += 1
        uow.session.flush()
    return rebuilt, lost


def lost_files(uow: UnitOfWork) -> list[Entry]:
    """The files that were noted as lost, as the journal's lines that `take_in` may now be able to rebuild."""
    digests = set(uow.session.scalars(select(LostSend.sha256).where(LostSend.kind == PAYMENT)))
    if not digests:
        return []
    every = (entry for each in journal_of(uow).with_older() for entry in each.entries())
    return list({str(each["sha256"]): each for each in every if each.get("sha256") in digests}.values())


def _rebuild(uow: UnitOfWork, told: Entry) -> bool:
    batch = uow.session.scalars(select(PaymentBatch).filter_by(sha256=str(told["sha256"])).with_for_update()).first()
    if batch is None:
        batch = _made_again(uow, told)
    if batch is None:
        return False
    if batch.released_on is None:
        payments.mark_released(uow, batch, str(told["released_by"]), date.fromisoformat(str(told["released_on"])))
    uow.session.execute(delete(LostSend).where(LostSend.sha256 == batch.sha256, LostSend.kind == PAYMENT))
    return True


def _made_again(uow: UnitOfWork, told: Entry) -> PaymentBatch | None:
    """The batch from claims that stand approved as they did; None where the bytes would be others."""
    references = str(told["references"]).split()
    claims = _approved(uow, references)
    taken = uow.session.scalar(select(PaymentBatch.id).filter_by(ref=str(told["batch"])))
    if len(claims) != len(references) or taken is not None:
        return None
    pairs = list(zip(claims, references, strict=True))
    content = payments.file_content([payments.file_line(claim, reference) for claim, reference in pairs])
    digest = hashlib.sha256(content).hexdigest()
    if digest != told["sha256"]:
        return None
    total = sum(claim.payable_pence or 0 for claim in claims)
    batch = PaymentBatch(
        id=new_id(),
        ref=str(told["batch"]),
        prepared_by=str(told["prepared_by"]),
        prepared_on=date.fromisoformat(str(told["prepared_on"])),
        content=content,
        sha256=digest,
        lines_count=len(pairs),
        total_pence=total,
        left_out=[],
        lines=[
            PaymentLine(
                claim_id=claim.id, payee_member_id=claim.member_id, pence=claim.payable_pence, end_to_end_id=reference
            )
            for claim, reference in pairs
        ],
    )
    uow.session.add(batch)
    uow.session.flush()
    for claim in claims:
        claim.state = ClaimState.IN_BATCH
        noted(uow, claim, "put_in_batch", batch=batch.id)
        handlers.look_at(uow, claim.case_id)
    payments.note(uow, batch, "prepared")
    return batch


def _approved(uow: UnitOfWork, references: Sequence[str]) -> list[Claim]:
    """The approved claims of payment references, in the order of the references; fewer where one is not."""
    ids = [uuid.UUID(hex=each[FIRST_LETTERS:]) for each in references]
    rows = select(Claim).where(Claim.id.in_(ids), Claim.state == ClaimState.APPROVED).with_for_update()
    found = {claim.id: claim for claim in uow.session.scalars(rows)}
    return [found[each] for each in ids if each in found]


def _note_lost(uow: UnitOfWork, told: Entry) -> None:
    for reference in str(told["references"]).split():
        if uow.session.get(LostSend, (reference, 0)) is None:
            row = LostSend(
                reference=reference,
                epoch=0,
                kind=PAYMENT,
                sha256=str(told["sha256"]),
                outcome=None,
                began_at=datetime.fromisoformat(str(told["at"])),
                noted_by=uow.actor,
                noted_at=uow.now,
            )
            uow.session.add(row)
