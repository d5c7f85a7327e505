"""
Digests by mail: what needs somebody, as the home page has it for them, once on the days they chose. Counts, references
and addresses of pages; no member is named. What is told is what their roles reach at the time; one that still waits for
the mail server is taken back from whoever may look at no case any more.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import time

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.access import caller_with, grants_to_look
from app.links import dashboard_at
from app.narrowing import narrow, widen
from app.today import today, viewer_of
from casework.needs import Need, NeedKind
from casework.people import digests
from casework.people.digests import PARTS, DigestPart, MailDigest
from casework.people.models import Account
from core import sweeps
from core.calendar import in_words, london_time
from core.db import Database
from core.settings import settings
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications import outbox
from notifications.lifecycle import Medium, State
from notifications.messages import Message
from notifications.models import Notice
from notifications.recipients import Recipient

SWEEP = "mail_digests"
ACTOR = "flow:mail-digests"
KIND = "mail_digest"
NOT_BEFORE = time(7)
"""London time of day."""
LISTED = 25
WAITING = (State.QUEUED, State.TEMP_WAIT)
NOBODYS = "its reader may look at no case any more"
OF: Mapping[NeedKind, DigestPart] = {
    NeedKind.DEADLINE: DigestPart.DEADLINES,
    NeedKind.TURNING_POINT: DigestPart.DEADLINES,
    NeedKind.MANDATE_ENDS: DigestPart.DEADLINES,
    NeedKind.APPROVE_PAPERS: DigestPart.APPROVALS,
    NeedKind.RELEASE_PAYMENT: DigestPart.APPROVALS,
    NeedKind.APPROVE_CLAIMS: DigestPart.APPROVALS,
    NeedKind.CLAIMS_LEFT_OUT: DigestPart.APPROVALS,
    NeedKind.PAY_CLAIMS: DigestPart.APPROVALS,
    NeedKind.SERVE: DigestPart.NOTICES,
    NeedKind.READ_MAIL: DigestPart.NOTICES,
    NeedKind.QUIET_CASE: DigestPart.QUIET_CASES,
}


def send_due(database: Database) -> dict[str, int]:
    """Put today's digest of everybody who is due into the outbox; a second time there is nobody left. Counts."""
    with reading(on=database) as uow:
        taken_back = _to_nobody(uow)
    for notice_id in taken_back:
        with unit_of_work(ACTOR, on=database) as uow:
            outbox.cancel(uow, notice_id, NOBODYS)
    with reading(on=database) as uow:
        if london_time(uow.now).time() < NOT_BEFORE:
            return {"due": 0, "sent": 0}
        waiting = digests.due(uow)
    sent = 0
    for account_id in waiting:
        with unit_of_work(ACTOR, on=database) as uow:
            sent += _send(uow, account_id)
    with unit_of_work(ACTOR, on=database) as uow:
        return sweeps.succeeded(uow, SWEEP, {"due": len(waiting), "sent": sent}).counts


def _to_nobody(uow: UnitOfWork) -> Sequence[uuid.UUID]:
    """The digests that wait, to accounts that may look at no case any more."""
    told = select(Account).join(MailDigest, MailDigest.account_id == Account.id).options(selectinload(Account.roles))
    gone = [f"account:{each.id}" for each in uow.session.scalars(told) if not (each.active and grants_to_look(each))]
    waiting = select(Notice.id).where(Notice.subject_ref.in_(gone), Notice.kind == KIND, Notice.state.in_(WAITING))
    return uow.session.scalars(waiting).all() if gone else ()


def _send(uow: UnitOfWork, account_id: uuid.UUID) -> bool:
    chosen = digests.take(uow, account_id)
    account = uow.session.get_one(Account, account_id)
    grants = grants_to_look(account)
    if chosen is None or not account.active or not grants:
        return False
    narrow(uow.session, grants, account.officer_id)
    viewer = viewer_of(caller_with(account, grants))
    found = [each for each in today(uow, viewer).listed if OF.get(each.kind) in chosen.wanted]
    widen(uow.session)
    if not found:
        return False
    to = Recipient(f"account:{account.id}", account.name, account.email)
    message = Message(KIND, _facts(uow, account, found))
    version = uow.today.isoformat()
    outbox.enqueue(uow, message, to, medium=Medium.MAIL, subject_ref=f"account:{account.id}", content_version=version)
    return True


def _facts(uow: UnitOfWork, account: Account, found: list[Need]) -> dict[str, object]:
    counts, dashboard = Counter(OF[each.kind] for each in found), dashboard_at(settings())
    return {
        "name": account.name,
        "day": uow.today.isoformat(),
        "counts": [f"{words}: {counts[part]}" for part, words in PARTS.items() if counts[part]],
        "listed": [_line(each, dashboard) for each in found[:LISTED]],
        "more": len(found) - len(found[:LISTED]),
        "dashboard": dashboard,
        "reference": f"digest of {uow.today.isoformat()}",
    }


def _line(need: Need, dashboard: str) -> str:
    by = f", by {in_words(need.due_on)}" if need.due_on else ""
    ref = f"{need.case_ref}: " if need.case_ref else ""
    return f"{ref}{need.what}{by}. {dashboard}{need.href}"
