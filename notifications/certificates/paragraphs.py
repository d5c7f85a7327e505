"""
What a certificate shows, copy by copy, in a sentence or two each: served on whom and proved by what, or not proved and
why not. Pure.
"""

from __future__ import annotations

from core.calendar import in_words
from notifications.certificates.annexes import is_statement
from notifications.certificates.shape import Certificate, Copy
from notifications.certificates.standing import PAPERS, SHOWN_BY, standing
from notifications.certificates.vocabulary import GRADES, MEDIA
from notifications.proof import ReceiptKind

NOT_PROVED = "Not proved"
NOBODY_HAS_TO = "Nobody has to show receipt of this kind of notice."


def paragraphs(certificate: Certificate) -> list[str]:
    """What this certificate shows of each copy of the notice; those that are proved come first."""
    told = [_paragraph(certificate, copy) for copy in certificate.copies]
    return sorted(told, key=lambda words: words.startswith(NOT_PROVED))


def _paragraph(certificate: Certificate, copy: Copy) -> str:
    by, to = MEDIA[copy.medium].lower(), copy.recipient.name
    own = standing(certificate.kind, certificate.latest_receipt_on, [copy], certificate.drawn_on)
    if own.status != "received":
        waived = f" {NOBODY_HAS_TO}" if certificate.kind.enough is None else ""
        return f"{NOT_PROVED} to have reached {to} by {by}: {own.sentence}{waived}"
    assert own.received_on is not None
    assert own.evidence_class is not None
    before = "or before " if own.shown_by == ReceiptKind.ACKNOWLEDGED else ""
    shown = SHOWN_BY.get(own.shown_by or "", own.shown_by or "")
    said = f"Served on {to}: received on {before}{in_words(own.received_on)}, proved by {shown}"
    grade = GRADES[own.evidence_class]
    return f"{said} ({grade}). The copy that was served went by {by}.{_shown_by(certificate, copy, own.shown_by)}"


def _shown_by(certificate: Certificate, copy: Copy, kind: str | None) -> str:
    """What there is of the paper or photograph behind a proof, where its kind has one."""
    if kind not in PAPERS:
        return ""
    digests = {each.document for each in copy.evidence if each.kind == kind and each.revoked_at is None}
    kept = [each for each in certificate.documents if each.sha256 in digests]
    if any(each.base64 is not None and not is_statement(each) for each in kept):
        return " What shows it is attached to this file."
    if any(each.base64 is not None for each in kept):
        return " The record of how it was handed over stands in an annex. No slip or photograph was kept."
    if any(each.lines for each in kept):
        return " The print house's own file says so: its lines about this notice are in the JSON inside this file."
    return " Only the digest of what shows it was kept." if kept else " No document of it was kept."
