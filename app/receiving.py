"""
A receipt as a person records it, the same by page, API and command: with the slip or photograph that shows it, with the
record of a delivery by hand, and not without a paper unless that was meant.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app import acts, notice_views
from casework import repository
from casework.acts import Facts
from core.calendar import london_day, london_time
from core.errors import BadInput, NotFound
from core.unit_of_work import UnitOfWork
from notifications import evidence_files, outbox, proof
from notifications.hand_delivery import HandDelivery
from notifications.messages import message_kind
from notifications.models import Notice
from notifications.proof import WORTH, ReceiptKind
from notifications.receipt_words import KINDS, wants_a_paper

RECEIVED = "notice_received"
NO_DOCUMENT = "no_document"


@dataclass(frozen=True, slots=True)
class Shown:
    """What shows a receipt: a paper, the record of a delivery by hand, or the word that there is no paper."""

    paper: bytes = b""
    delivery: HandDelivery | None = None
    without_paper: bool = False


def record(uow: UnitOfWork, notice_id: uuid.UUID, given: Facts, shown: Shown, key: str) -> None:
    """
    Do the act `notice_received` with everything that shows the receipt. The same again changes nothing.

    Raises as `shown_by` and the act do.
    """
    digests = shown_by(uow, notice_id, given, shown)
    facts = with_first(given, digests)
    if acts.do(uow, case_of(uow, outbox.get(uow, notice_id)), acts.act_named(RECEIVED), facts, key):
        record_others(uow, notice_id, facts, digests)


def shown_by(uow: UnitOfWork, notice_id: uuid.UUID, given: Facts, shown: Shown) -> Sequence[str]:
    """
    The digests of what shows a receipt, each kept: the paper first, then the record of a delivery by hand.

    Raises `BadInput` (field `no_document`) for the strongest proof without a paper, unless that was said to be meant,
    and (field `at`) for a delivery by hand in the future or before the release.
    """
    facts = given.model_dump()
    papers = [facts["document"]] if facts["document"] else []
    if shown.paper:
        papers = [evidence_files.keep_document(uow, shown.paper)]
    require_a_paper(ReceiptKind(facts["how"]), has_one=bool(papers), without=shown.without_paper)
    if shown.delivery is not None:
        papers.append(_statement(uow, outbox.get(uow, notice_id), facts["received_on"], shown.delivery))
    return papers


def with_first(given: Facts, digests: Sequence[str]) -> Facts:
    """The facts of the act with the first of what shows the receipt."""
    return given.model_copy(update={"document": digests[0] if digests else None})


def record_others(uow: UnitOfWork, notice_id: uuid.UUID, given: Facts, digests: Sequence[str]) -> None:
    """Record what else shows the receipt that the act recorded with the first."""
    facts = given.model_dump()
    kind = ReceiptKind(facts["how"])
    for digest in digests[1:]:
        proof.record_receipt(
            uow,
            notice_id,
            evidence_class=WORTH[kind],
            kind=kind,
            received_on=facts["received_on"],
            recorded_by=uow.actor,
            sha256=digest,
        )


def require_a_paper(kind: ReceiptKind, *, has_one: bool, without: bool) -> None:
    """Raise `BadInput` for the strongest proof that nothing shows, unless whoever records it means that."""
    if wants_a_paper(kind) and not has_one and not without:
        found = f"no signed slip, photograph or letter for “{KINDS[kind].name}”, which counts as the strongest proof"
        wanted = "the file, or the confirmation that there is none"
        raise BadInput(field=NO_DOCUMENT, found=found, wanted=wanted)


def case_of(uow: UnitOfWork, notice: Notice) -> uuid.UUID:
    """The case that a notice is filed under. Raises `NotFound`."""
    ref = notice_views.case_ref_of(uow, notice.subject_ref)
    if ref is None:
        raise NotFound("case of the notice", notice.id)
    return repository.find(uow, ref).id


def _statement(uow: UnitOfWork, notice: Notice, on: date, delivery: HandDelivery) -> str:
    """The digest of the record of a delivery by hand, which is kept."""
    at, released = delivery.happened(on), notice.queued_at or notice.created_at
    # A day that cannot be is for the act to refuse: here only the hours of a day that can.
    if on == uow.today and at > uow.now:
        wanted = f"a time that is not in the future: it is {london_time(uow.now):%H:%M} in London"
        raise BadInput(field="at", found=delivery.at, wanted=wanted)
    if on == london_day(released) and at < released.replace(second=0, microsecond=0):
        wanted = f"a time after the notice was released that day, at {london_time(released):%H:%M}"
        raise BadInput(field="at", found=delivery.at, wanted=wanted)
    label = f"{message_kind(notice.kind).label}, number {notice.id}"
    return evidence_files.keep_statement(uow, delivery.statement(label, notice.recipient_name, on))
