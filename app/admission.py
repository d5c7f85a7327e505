"""
Whether whoever asks may act on a notice, or on a task about one: as on the case that the notice belongs to.
And on which files that were kept before they may rest what they record.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from app.access import admit, caller_in
from app.narrowing import is_narrowed, narrow, widen
from app.notice_cases import cases_of
from casework import repository
from casework.cases import Case
from casework.people.roles import Role
from core.errors import NotFound
from core.unit_of_work import UnitOfWork
from notifications import evidence_files, outbox
from notifications.models import EvidenceFile, ServiceTask


def admit_notice(uow: UnitOfWork, notice_id: uuid.UUID, roles: frozenset[Role]) -> None:
    """
    Let whoever asked act on a notice that they found. `NotFound` for one that they do not reach, `NotAllowed` unless
    one of the roles reaches a case of it.

    A notice that belongs to no case is for whoever reaches everything.
    """
    subject = outbox.get(uow, notice_id).subject_ref
    wanted = cases_of(subject)
    found = () if wanted is None else uow.session.scalars(wanted).all()
    case = uow.session.scalars(select(Case).where(Case.id.in_(found)).order_by(Case.ref).limit(1)).one_or_none()
    if case is not None:
        admit(uow, case, roles)
    elif is_narrowed(uow.session):
        raise NotFound("notice", notice_id)


def admit_each(uow: UnitOfWork, keys: Sequence[str], roles: frozenset[Role]) -> None:
    """
    Let whoever asked act on cases by these references or ids: `NotFound` for one that they do not reach, which for
    somebody who sees no case is every one.
    """
    caller = caller_in(uow)
    if keys and caller is not None:
        narrow(uow.session, caller.using, caller.officer_id)
    cases = [repository.find(uow, each) for each in keys]
    for case in cases:
        admit(uow, case, roles)


def admit_document(uow: UnitOfWork, digest: str) -> None:
    """
    Let an act rest on a file that was kept before: on one's own, or on one that a notice shows which one reaches.
    `NotFound` otherwise: whoever has only read a digest, in a certificate or elsewhere, does not get the file by it.
    """
    caller, narrowed = caller_in(uow), is_narrowed(uow.session)
    if caller is None or evidence_files.is_given(uow, digest):
        return
    narrow(uow.session, caller.using, caller.officer_id)
    found = uow.session.scalar(select(EvidenceFile.sha256).where(EvidenceFile.sha256 == digest))
    if not narrowed:
        widen(uow.session)
    if found is None:
        raise NotFound("file with the digest", digest)


def admit_task(uow: UnitOfWork, task_id: uuid.UUID, roles: frozenset[Role]) -> None:
    """The same for a task that a person is asked to do: its notice decides."""
    task = uow.session.scalars(select(ServiceTask).where(ServiceTask.id == task_id)).one_or_none()
    if task is None:
        raise NotFound("task", task_id)
    admit_notice(uow, task.notice_id, roles)
