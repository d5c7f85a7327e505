"""
Whether anything live rests on a stale value of the law, of however many ballots and actions in a few statements: the
same as `law_relied_on` says of each by itself.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ballots import papers
from ballots.action_notice import NoticeTerms
from ballots.law_relied_on import anything_stale, ballot_values, values_under
from ballots.models import LIVE, Action, Ballot, MandateRow
from ballots.repository import OVER
from casework.cases import Case
from core.law import LegalValue
from core.law_findings import stale_values
from core.unit_of_work import UnitOfWork
from notifications import proof
from notifications.models import Notice

AT_ONCE = 500
"""Actions whose notices are looked up by one statement."""
Under = tuple[uuid.UUID, uuid.UUID]
"""A ballot and an employer: action under both is taken together."""


def rests_on_stale(uow: UnitOfWork) -> bool:
    """Whether a live ballot or action rests on a value that wants to be read again."""
    if not anything_stale(uow):
        return False
    return any(stale_values(values, uow.today) for values in chain(_of_ballots(uow), _of_actions(uow)))


def _of_ballots(uow: UnitOfWork) -> Iterator[tuple[LegalValue, ...]]:
    """The values of each ballot that is not over, once for those that are made alike."""
    seen = set()
    for ballot in uow.session.scalars(select(Ballot).where(Ballot.stage.not_in(OVER))):
        alike = (ballot.nation, ballot.service, ballot.method, ballot.entitled, ballot.opens_on, ballot.closes_on)
        if alike not in seen:
            seen.add(alike)
            yield ballot_values(uow, ballot)


def _of_actions(uow: UnitOfWork) -> Iterator[tuple[LegalValue, ...]]:
    rows = (
        select(Action)
        .where(Action.stage.in_(LIVE))
        .options(
            joinedload(Action.case).joinedload(Case.workplace), joinedload(Action.mandate).joinedload(MandateRow.ballot)
        )
    )
    live = uow.session.scalars(rows).all()
    beside = _beside(uow)
    received = _received(uow, [each for ids in beside.values() for each in ids])
    for action in live:
        mandate = action.mandate
        days = [received[each] for each in beside[mandate.ballot_id, mandate.employer_id] if each in received]
        terms = NoticeTerms(earlier_received_on=min(days, default=None))
        yield values_under(uow, action.case, mandate, action.starts_on, received.get(action.id), terms)


def _beside(uow: UnitOfWork) -> Mapping[Under, Sequence[uuid.UUID]]:
    """All action under each ballot and employer that live action is under."""
    live = select(MandateRow.ballot_id).join(Action, Action.mandate_id == MandateRow.id).where(Action.stage.in_(LIVE))
    rows = select(MandateRow.ballot_id, MandateRow.employer_id, Action.id).join(
        Action, Action.mandate_id == MandateRow.id
    )
    found: defaultdict[Under, list[uuid.UUID]] = defaultdict(list)
    for ballot_id, employer_id, action_id in uow.session.execute(rows.where(MandateRow.ballot_id.in_(live))):
        found[ballot_id, employer_id].append(action_id)
    return found


def _received(uow: UnitOfWork, action_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, date]:
    """The earliest day for which receipt of a notice of each action is proved."""
    days: dict[uuid.UUID, date] = {}
    for begins in range(0, len(action_ids), AT_ONCE):
        refs = {papers.action_ref(each): each for each in action_ids[begins : begins + AT_ONCE]}
        notices = select(Notice.id, Notice.subject_ref).where(Notice.subject_ref.in_(refs))
        of: dict[uuid.UUID, str] = dict(
            uow.session.execute(notices.where(Notice.kind == "notice_of_action")).tuples().all()
        )
        for notice_id, status in proof.receipt_status(uow, list(of)).items():
            action_id = refs[of[notice_id]]
            if status.received_on is not None:
                days[action_id] = min(status.received_on, days.get(action_id, status.received_on))
    return days
