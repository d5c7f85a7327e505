"""Whether each copy of a certificate fits itself: its bytes, its people, the order of what was done, its evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from core.calendar import london_day
from core.findings import Finding
from core.people import two_people
from notifications.certificates.faults import fault
from notifications.certificates.shape import Certificate, Copy, Document, Proof, last_day
from notifications.certificates.spelling import content_of
from notifications.certificates.standing import is_proof
from notifications.keys import idem_key
from notifications.lifecycle import BY_JOURNAL, NEVER_SENT, EvidenceClass, Medium, Outcome, State
from notifications.proof import NO_BOUNCE_FOR, RELAY, WORTH, ReceiptKind, Sign
from notifications.receivable import first_day
from notifications.recipients import OF_A_MEMBER
from notifications.rendering import sha256

NOT_RELEASED = frozenset({State.RENDERED, State.APPROVED})
UNDER_WAY = frozenset({State.QUEUED, State.SENDING, State.TEMP_WAIT, State.UNKNOWN, State.HELD})
"""States that none comes back to once a channel took it."""


def findings(certificate: Certificate) -> Iterator[Finding]:
    """Everything about the copies and the documents that does not fit."""
    yield from _family(certificate)
    yield from _dated(certificate)
    for copy in certificate.copies:
        for checks in CHECKS:
            yield from checks(certificate, copy)
        for each in copy.evidence:
            yield from _evidence(copy, each)
    yield from _documents(certificate)


def _family(certificate: Certificate) -> Iterator[Finding]:
    copies = certificate.copies
    ids = [copy.id for copy in copies]
    if not copies or ids[0] != certificate.notice or len(set(ids)) != len(ids):
        yield fault("copies_unfit", "The notice that was asked for is not the first of its copies, or stands twice.")
        return
    if len({(copy.recipient.key, copy.content_version) for copy in copies}) > 1:
        yield fault("copies_unfit", "The copies are not of one paper to one recipient.")
    known = set(ids)
    if any(copy.instead_of is not None and copy.instead_of not in known for copy in copies):
        yield fault("copies_unfit", "A copy was served instead of one that the certificate leaves out.")
    days = [copy.latest_receipt_on for copy in copies if copy.latest_receipt_on is not None]
    if certificate.latest_receipt_on != min(days, default=None):
        yield fault("last_day_unfit", "Its last day of receipt is not that of its copies.", "latest_receipt_on")
    if certificate.personal != certificate.copies[0].recipient.key.startswith(OF_A_MEMBER):
        yield fault("personal_unfit", "It does not say rightly whether it is about a member.", "personal")


def _dated(certificate: Certificate) -> Iterator[Finding]:
    last = last_day(certificate)
    if last is not None and certificate.drawn_on < last:
        yield fault("drawn_before", "It is dated before the last thing that it tells of.", "drawn_on")


def _bytes(certificate: Certificate, copy: Copy) -> Iterator[Finding]:
    names = [each.name for each in copy.contents]
    if names.count("body") != 1 or len(set(names)) != len(names):
        yield fault("part_missing", "A copy has one body, and no part twice.", copy.id)
    for each in copy.contents:
        content = content_of(each.base64)
        if content is None or sha256(content) != each.sha256:
            yield fault("part_changed", f"The {each.name} is not the bytes of its digest.", copy.id)
    key = idem_key(
        certificate.subject_ref, certificate.kind.name, copy.recipient.key, copy.medium, copy.content_version
    )
    if copy.idem_key != key:
        yield fault("key_unfit", "The key of a copy is not what the copy is about.", copy.id)
    domain = copy.message_id.removesuffix(">").rpartition("@")[2]
    if copy.message_id != f"<{sha256(f'{key}@{domain}'.encode())[:32]}@{domain}>":
        yield fault("key_unfit", "The Message-ID of a copy is not that of its key.", copy.id)


def _people(certificate: Certificate, copy: Copy) -> Iterator[Finding]:
    if (copy.approved_by is None) != (copy.approved_at is None):
        yield fault("approval_unfit", "An approval has a person and a moment, or neither.", copy.id)
    if copy.approved_by is None and (copy.queued_at is not None or copy.attempts):
        yield fault("unapproved", "It was released or sent, and nobody approved it.", copy.id)
    if (
        certificate.kind.statutory
        and copy.approved_by is not None
        and not two_people(copy.created_by, copy.approved_by)
    ):
        yield fault("same_hand", "A statutory notice was approved by whoever drew it up.", copy.id)


def _order(_: Certificate, copy: Copy) -> Iterator[Finding]:
    """Drawn up, approved, released, tried; each try begun before it ended."""
    moments: list[datetime] = [at for at in (copy.created_at, copy.approved_at, copy.queued_at) if at is not None]
    if moments != sorted(moments):
        yield fault("out_of_order", "It was approved or released before what has to come first.", copy.id)
    if copy.attempts and copy.queued_at is None:
        yield fault("out_of_order", "It was sent and never released.", copy.id)
    for each in copy.attempts:
        if copy.queued_at is not None and each.started_at < copy.queued_at:
            yield fault("out_of_order", f"Attempt {each.epoch} began before the release.", copy.id)
        if (each.outcome is None) != (each.finished_at is None):
            yield fault("attempt_unfit", f"Attempt {each.epoch} ended without an outcome, or the reverse.", copy.id)
        if each.finished_at is not None and each.finished_at < each.started_at:
            yield fault("out_of_order", f"Attempt {each.epoch} ended before it began.", copy.id)
    epochs = [each.epoch for each in copy.attempts]
    if epochs != sorted(set(epochs)) or copy.epoch != max(epochs, default=0) or (epochs and epochs[0] < 1):
        yield fault("attempt_unfit", "Its attempts are not numbered in turn, or one is left out.", copy.id)
    for task in copy.tasks:
        if (task.done_at is None) != (task.done_by is None) or (task.done_at and task.done_at < task.opened_at):
            yield fault("task_unfit", "A task is done by nobody, or before it was asked.", copy.id)


def _state(_: Certificate, copy: Copy) -> Iterator[Finding]:
    accepted = any(each.outcome is Outcome.ACCEPTED for each in copy.attempts)
    proved = any(is_proof(each) and each.revoked_at is None for each in copy.evidence)
    if copy.state is State.ACCEPTED and not accepted:
        yield fault("state_unfit", "It counts as accepted, and no attempt was.", copy.id)
    if copy.state is State.EVIDENCED and not proved:
        yield fault("state_unfit", "It counts as received, and nothing that stands shows it.", copy.id)
    if proved and not copy.attempts:
        yield fault("state_unfit", "It counts as received, and was never sent.", copy.id)
    days = {each.received_on for each in copy.evidence if _arrived(each)}
    if len(days) > 1:
        yield fault("evidence_at_odds", "What stands shows receipt on more than one day.", copy.id)
    bounced = any(each.kind == Sign.BOUNCED.value and each.revoked_at is None for each in copy.evidence)
    machine = any(each.evidence_class is EvidenceClass.B and each.revoked_at is None for each in copy.evidence)
    if bounced and machine:
        yield fault("evidence_at_odds", "It came back, and still a machine's word is taken for receipt.", copy.id)


def _waiting(_: Certificate, copy: Copy) -> Iterator[Finding]:
    """What waits, or was taken back, was taken by no channel before; but a restored database may learn of that late."""
    by = {each.channel for each in copy.attempts if each.outcome is Outcome.ACCEPTED}
    if copy.state in NOT_RELEASED and copy.queued_at is not None:
        yield fault("state_unfit", "It counts as not released, and it was.", copy.id)
    if copy.state in UNDER_WAY and by:
        yield fault("state_unfit", "It counts as waiting, or on its way, and a channel had taken it.", copy.id)
    if copy.state is State.CANCELLED and by - {BY_JOURNAL}:
        yield fault("state_unfit", "It counts as taken back, and a channel had taken it.", copy.id)


def _arrived(each: Proof) -> bool:
    return is_proof(each) and each.revoked_at is None and each.kind != ReceiptKind.ACKNOWLEDGED.value


def _evidence(copy: Copy, each: Proof) -> Iterator[Finding]:
    worth = {kind.value: most for kind, most in WORTH.items()} | {sign.value: EvidenceClass.C for sign in Sign}
    if each.kind not in worth:
        yield fault("evidence_unknown", f"Nothing is known of evidence of the kind {each.kind}.", copy.id)
    elif each.evidence_class < worth[each.kind]:
        sentence = (
            f"{each.kind} counts as class {each.evidence_class.value}: it shows {worth[each.kind].value} at most."
        )
        yield fault("evidence_overrated", sentence, copy.id)
    if not earliest_on(copy, each.kind) <= each.received_on <= london_day(each.recorded_at):
        yield fault("evidence_day", "It counts as received before it was sent, or after that was recorded.", copy.id)
    if copy.state in NEVER_SENT and not copy.epoch:
        yield fault("evidence_day", "Something speaks for receipt of what was never sent.", copy.id)
    if each.attempt is not None and each.attempt not in {attempt.epoch for attempt in copy.attempts}:
        yield fault("evidence_unfit", "Its evidence belongs to an attempt that is not there.", copy.id)
    if (each.revoked_at is None) != (each.revoked_because is None):
        yield fault("evidence_unfit", "What is withdrawn has a moment and a reason.", copy.id)
    if each.revoked_at is not None and each.revoked_at < each.recorded_at:
        yield fault("evidence_unfit", "Evidence was withdrawn before it was recorded.", copy.id)
    if each.kind == ReceiptKind.NO_BOUNCE.value and not _was_quiet(copy, each):
        sentence = "Silence counts as receipt of what no relay took, or before it had lasted long enough."
        yield fault("evidence_unfit", sentence, copy.id)


def earliest_on(copy: Copy, kind: str) -> date:
    """
    The first day that evidence of a kind may have: as `proof.earliest_on` has it when a receipt is recorded, so that no
    receipt which the union took is a fault here. What a mail server says against receipt bears the day it came in.
    """
    began = None if kind in set(Sign) else min((each.started_at for each in copy.attempts), default=None)
    return first_day(
        released_on=london_day(copy.queued_at or copy.created_at),
        began_on=None if began is None else london_day(began),
        was_carried=kind == ReceiptKind.HANDED_OVER.value,
    )


def _was_quiet(copy: Copy, each: Proof) -> bool:
    # Only a relay gives back what cannot be delivered: a mail that was laid in a folder was handed to nobody.
    ended = [
        attempt.finished_at
        for attempt in copy.attempts
        if attempt.channel == RELAY and attempt.outcome is Outcome.ACCEPTED and attempt.finished_at is not None
    ]
    return copy.medium is Medium.MAIL and bool(ended) and min(ended) + NO_BOUNCE_FOR <= each.recorded_at


def _documents(certificate: Certificate) -> Iterator[Finding]:
    asked = {each.document for copy in certificate.copies for each in copy.evidence if each.document is not None}
    there = [document.sha256 for document in certificate.documents]
    if len(set(there)) != len(there) or set(there) != asked:
        yield fault("document_missing", "What shows the receipts is not what the receipts name.", "documents")
    parts = {each.sha256 for copy in certificate.copies for each in copy.contents}
    for document in certificate.documents:
        yield from _document(document, parts)


def _document(document: Document, parts: set[str]) -> Iterator[Finding]:
    if document.base64 is not None:
        content = content_of(document.base64)
        if content is None or sha256(content) != document.sha256:
            yield fault("document_changed", "A document is not the bytes of its digest.", document.sha256)
    if document.lines is not None and any(line.cells.get("sha256") not in parts for line in document.lines):
        yield fault("document_changed", "A line of a document is about another letter.", document.sha256)
    if document.base64 is not None and document.lines is not None:
        yield fault("document_changed", "A document is there whole, and in part.", document.sha256)


CHECKS: Sequence[Callable[[Certificate, Copy], Iterator[Finding]]] = (_bytes, _people, _order, _state, _waiting)
