"""Certificates of service for a page, the API and the command line: issued alike, and told alike when checked."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app import notice_views, views
from app.narrowing import is_narrowed
from core.errors import BadInput, NotFound
from core.unit_of_work import UnitOfWork
from notifications.certificates import issuing, sealing
from notifications.certificates.checking import Checked, check
from notifications.certificates.gathering import Setting
from notifications.certificates.issuing import Issue, Issued
from notifications.models import Notice

WANTED = "the file named certificate-….pdf or certificate-….json"
COMPARE = "Compare this digest with the one in the union's history: `mandate audit certificates` lists them."


def issue(uow: UnitOfWork, notice_id: uuid.UUID) -> Issued:
    """The certificate of a notice, its digest recorded. Raises `NotFound`."""
    notice = uow.session.get(Notice, notice_id)
    if notice is None:
        raise NotFound("notice", notice_id)
    case_ref = notice_views.case_ref_of(uow, notice.subject_ref)
    return issuing.issue(uow, notice_id, Setting(case_ref, notice_views.why_of(uow, notice)))


def issued(uow: UnitOfWork, notice_id: uuid.UUID | None = None) -> Sequence[Issue]:
    """The certificates that were issued of notices that whoever asks reaches, oldest first."""
    found = issuing.issues(uow, notice_id)
    if not is_narrowed(uow.session):
        return found
    named = {uuid.UUID(each.notice_id) for each in found}
    reached = {str(each) for each in uow.session.scalars(select(Notice.id).where(Notice.id.in_(named)))}
    return [each for each in found if each.notice_id in reached]


def issuers(uow: UnitOfWork, issued: Sequence[Issue]) -> Mapping[str, str]:
    """Who issued them, as officers read it: an officer by name, anybody else by what they are."""
    return {by: views.by_name(uow, by) for by in {each.by for each in issued}}


def checked(name: str, content: bytes) -> Checked:
    """What is wrong with a certificate. Raises `BadInput` for a file that is empty or is of another kind."""
    if not content.strip():
        raise BadInput(field="FILE", found=f"{name}, which is empty", wanted=f"a certificate of service: {WANTED}")
    if sealing.is_another_file(content):
        found = f"{name}, which is not a certificate of service"
        raise BadInput(field="FILE", found=found, wanted=WANTED)
    return check(content)


def told(checked: Checked) -> dict[str, Any]:
    """What came of a check, for a program: `holds`, the digest to compare, what it says of receipt, the findings."""
    certificate = checked.certificate
    return {
        "holds": checked.holds,
        "digest": checked.digest,
        "notice": certificate.notice if certificate else None,
        "kind": certificate.kind.label if certificate else None,
        "drawn_on": certificate.drawn_on if certificate else None,
        "sentence": certificate.standing.sentence if certificate else None,
        "compare": COMPARE if checked.digest else None,
        "findings": checked.findings,
    }
