"""Facts of scenes that are known only once their day has come: which paper went out, which dispute was declared."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app.demo.screenplay import CaseInPlay, Facts, FactsOf
from ballots.handlers import subjects_of
from casework import repository
from casework.disputes import Dispute, DisputeLeg
from core.errors import NotFound
from core.unit_of_work import reading
from notifications.lifecycle import Medium
from notifications.models import Notice
from notifications.proof import ReceiptKind

RECEIPTS = {"ballot_result_employer": (Medium.MAIL, ReceiptKind.ACKNOWLEDGED)}
BY_HAND = (Medium.LETTER, ReceiptKind.HANDED_OVER)


def arrived(kind: str, received_on: date | None = None) -> FactsOf:
    """The latest paper of a kind about the case that went out, as someone saw it arrive on a day, or else today."""
    medium, how = RECEIPTS.get(kind, BY_HAND)

    def facts(case: CaseInPlay) -> list[Facts]:
        with reading() as uow:
            sent = (
                select(Notice.id)
                .where(Notice.subject_ref.in_(subjects_of(uow, case.case_id)))
                .where(Notice.kind == kind, Notice.medium == medium, Notice.queued_at.is_not(None))
                .order_by(Notice.queued_at.desc())
            )
            notice_id = uow.session.scalars(sent.limit(1)).first()
        if notice_id is None:
            raise NotFound("notice that went out of the kind", kind)
        return [{"notice": notice_id, "received_on": received_on or case.today, "how": how}]

    return facts


def standing_dispute(case: CaseInPlay) -> list[Facts]:
    """The dispute that another school of the same employer has declared."""
    with reading() as uow:
        employer_id = repository.get(uow, case.case_id).workplace.employer_id
        standing = (
            select(Dispute.ref)
            .join(DisputeLeg, DisputeLeg.dispute_id == Dispute.id)
            .where(DisputeLeg.employer_id == employer_id, Dispute.settled_on.is_(None))
        )
        return [{"dispute": ref} for ref in uow.session.scalars(standing)]
