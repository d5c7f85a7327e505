"""
Telling everybody of a stand-down: each of those written down gets one message, by the fastest way there is to them.

Made chunk by chunk from the rows that have none yet, between two rounds of the delivery: whoever is killed in the
middle leaves rows that the next one goes on with.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ballots.models import Ballot
from ballots.scrutineers import addressed_to
from casework import parties, stand_downs
from casework.cases import Case
from casework.register.models import Employer, Member, Officer, Workplace
from casework.stand_downs import Party, StandDown, StandDownRecipient
from core.calendar import london_day
from core.errors import BadInput
from core.settings import settings
from core.unit_of_work import UnitOfWork
from notifications import crowd
from notifications.channels.available import configured_media
from notifications.crowd import Addressed
from notifications.lifecycle import Medium
from notifications.messages import Message
from notifications.models import Attempt
from notifications.recipients import Recipient

FASTEST = (Medium.SMS, Medium.MAIL, Medium.LETTER)
"""The ways to somebody, the fastest first."""
TOGETHER = 250
"""Messages of one transaction: everybody who wants to write waits so long."""
KINDS = {party: f"stood_down_{party.value}" for party in Party}
Facts = dict[str, Any]


def tell(uow: UnitOfWork, limit: int = TOGETHER, of: StandDown | None = None) -> int:
    """
    Make messages for so many at most who have none yet, or whom a text message did not reach; for how many. Of one
    stand-down where it is named, else of any.
    """
    rows = stand_downs.untold(uow, limit, of) or stand_downs.unreached_by_text(uow, limit, of)
    by_order: defaultdict[StandDown, list[StandDownRecipient]] = defaultdict(list)
    for row in rows:
        by_order[row.stand_down].append(row)
    for ordered, concerned in by_order.items():
        _tell(uow, ordered, concerned)
    uow.session.flush()
    return len(rows)


def fastest(to: Recipient, media: Collection[Medium], *, but: Collection[Medium] = ()) -> Medium | None:
    """The fastest of the media that somebody can be reached by; None where the register has no address of any kind."""
    return next((each for each in FASTEST if each in media and each not in but and to.can_receive(each)), None)


def _tell(uow: UnitOfWork, ordered: StandDown, rows: Sequence[StandDownRecipient]) -> None:
    media, schools = configured_media(settings()), _schools(uow, rows)
    to = _recipients(uow, rows)
    copies: dict[str, Addressed] = {}
    for row in rows:
        who = to.get((row.party, row.party_id))
        medium = fastest(who, media, but=(Medium.SMS,) if row.notice_id else ()) if who else None
        if who is not None and medium is not None:
            message = Message(KINDS[row.party], FACTS[row.party](ordered, schools[row.case_id]))
            copies[who.key] = Addressed(message, who, medium)
    made = crowd.enqueue_all(uow, list(copies.values()), subject_ref=ordered.ref)
    tried = _first_tried(uow, rows)
    for row in rows:
        who = to.get((row.party, row.party_id))
        notice_id = made.get(who.key) if who else None
        # Nobody to write to, or no address that can be written to: it stands in the list, for a person to see to.
        row.unreachable = notice_id is None
        if notice_id is not None and row.notice_id is not None:
            row.tried_before_at = tried.get(row.notice_id)
        row.notice_id = notice_id or row.notice_id


def _first_tried(uow: UnitOfWork, rows: Sequence[StandDownRecipient]) -> Mapping[uuid.UUID, datetime]:
    """When the messages that another now takes the place of were first tried."""
    ids = [row.notice_id for row in rows if row.notice_id is not None]
    if not ids:
        return {}
    attempts = select(Attempt.notice_id, func.min(Attempt.started_at)).where(Attempt.notice_id.in_(ids))
    return dict(uow.session.execute(attempts.group_by(Attempt.notice_id)).tuples().all())


def _schools(uow: UnitOfWork, rows: Sequence[StandDownRecipient]) -> Mapping[uuid.UUID, Case]:
    wanted = (
        select(Case)
        .where(Case.id.in_({row.case_id for row in rows}))
        .options(joinedload(Case.workplace).joinedload(Workplace.employer))
    )
    return {case.id: case for case in uow.session.scalars(wanted)}


def _recipients(uow: UnitOfWork, rows: Sequence[StandDownRecipient]) -> Mapping[tuple[Party, uuid.UUID], Recipient]:
    """The recipient of each row, by one query for each table of the register."""
    found: dict[tuple[Party, uuid.UUID], Recipient] = {}
    for party, (table, made) in REGISTER.items():
        ids = [row.party_id for row in rows if row.party is party]
        if ids:
            for each in uow.session.scalars(select(table).where(table.id.in_(ids))):
                with suppress(BadInput):  # what stands in the register cannot be written to
                    found[party, each.id] = made(each)
    return found


REGISTER: Mapping[Party, tuple[Any, Callable[[Any], Recipient]]] = {
    Party.OFFICER: (Officer, parties.officer),
    Party.REP: (Member, parties.member),
    Party.EMPLOYER: (Employer, parties.employer),
    Party.SCRUTINEER: (Ballot, lambda ballot: addressed_to(ballot.scrutineer)),
    Party.MEMBER: (Member, parties.member),
}


def _common(ordered: StandDown) -> Facts:
    return {
        "reason": ordered.reason.value,
        "ordered_on": london_day(ordered.ordered_at).isoformat(),
        "reference": ordered.dispute.ref,
    }


def _to_member(ordered: StandDown, school: Case) -> Facts:
    return {**_common(ordered), "workplace_name": school.workplace.name}


def _to_rep(ordered: StandDown, school: Case) -> Facts:
    return {**_to_member(ordered, school), "note": ordered.note}


def _to_officer(ordered: StandDown, _school: Case) -> Facts:
    return {**_common(ordered), "note": ordered.note}


def _to_employer(ordered: StandDown, school: Case) -> Facts:
    return {**_common(ordered), "employer_name": school.workplace.employer.name}


FACTS: Mapping[Party, Callable[[StandDown, Case], Facts]] = {
    Party.OFFICER: _to_officer,
    Party.REP: _to_rep,
    Party.EMPLOYER: _to_employer,
    Party.SCRUTINEER: lambda ordered, _school: _common(ordered),
    Party.MEMBER: _to_member,
}
