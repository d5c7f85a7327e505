"""
Service of papers: the ladder applied to what is in the database. Everything may run twice.

A paper is a notice with all its copies, by whatever medium. The queries read columns only: a notice's bytes are large.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from core.calendar import working_day_on_or_before
from core.errors import NotFound
from core.nations import GREAT_BRITAIN
from core.settings import Settings, settings
from core.sweeps import SweepRun
from core.unit_of_work import UnitOfWork
from notifications import inbox, outbox, proof, tasks
from notifications.ladder import Copy, Do, Paper, Practice, Step, act_by, next_step
from notifications.lifecycle import EvidenceClass, Medium, Outcome, State
from notifications.messages import registry
from notifications.models import Attempt, Evidence, Notice, ServiceTask
from notifications.proof import Sign
from notifications.tasks import TaskKind

ACTOR = "flow:service_sweep"
MAILBOX = "mailbox"
"""The row of `core.sweeps` that says when the mailbox was last read to its end."""
LOOK_AHEAD = timedelta(hours=1)
"""A sweep may be late by so much and a person is still asked in time."""
COLUMNS = (
    Notice.id,
    Notice.subject_ref,
    Notice.kind,
    Notice.recipient_key,
    Notice.content_version,
    Notice.medium,
    Notice.state,
    Notice.queued_at,
    Notice.latest_receipt_on,
    Notice.recipient_postal,
    Notice.epoch,
    Notice.created_at,
    Notice.idem_key,
)
Key = tuple[str, str, str, str]
"""What makes notices copies of one paper: subject, kind, recipient, content version."""


@dataclass(frozen=True, slots=True)
class Served:
    """
    A paper as the ladder sees it. `first` is the id that its tasks are asked under, `ids` those of all copies, `mails`
    those of its mails.
    """

    paper: Paper
    first: uuid.UUID
    ids: tuple[uuid.UUID, ...]
    mails: tuple[uuid.UUID, ...]


def practice(configured: Settings) -> Practice:
    """The union's hours as they are set."""
    return Practice(
        ask_before=timedelta(hours=configured.ask_person_hours),
        patience=timedelta(hours=configured.next_channel_hours),
        silence=timedelta(hours=configured.no_bounce_hours),
        look_ahead=LOOK_AHEAD,
    )


def to_climb(uow: UnitOfWork) -> list[uuid.UUID]:
    """The papers for which something follows now, by their first notice, the nearest last day first."""
    asked = _asked(uow)
    due = [
        each
        for each in _on_their_way(uow)
        if (step := _step(uow, each)).do is Do.TRY or (step.do is Do.ASK and _is_new(uow, each, asked[each.first]))
    ]
    due.sort(key=lambda each: (each.paper.latest_receipt_on or date.max, str(each.first)))
    return [each.first for each in due]


def climb(uow: UnitOfWork, notice_id: uuid.UUID) -> Step:
    """What follows now for the paper of a notice, done: the next channel is tried, or a person is asked."""
    notice = outbox.get(uow, notice_id)
    served = next(iter(_on_their_way(uow, proof.copies_of(notice))), None)
    if served is None:
        return Step(Do.NOTHING)
    step = _step(uow, served)
    if step.do is Do.TRY:
        for mail in served.mails:
            outbox.also_by_letter(uow, mail)
    elif step.do is Do.ASK:
        about = _again(_asked(uow, served.first)[served.first])
        tasks.ask(uow, served.first, TaskKind.HAND_OVER, step.because, _act_by(uow, served), about=about)
    return step


def served_of(uow: UnitOfWork, notice_id: uuid.UUID) -> Served:
    """The paper of a notice, with every copy. Raises `NotFound`."""
    notice = uow.session.get(Notice, notice_id)
    if notice is None:
        raise NotFound("notice", notice_id)
    which = proof.copies_of(notice)
    return _served(next(iter(_papers(uow, which))), _accepted(uow, which), _shown(uow, which))


def silent(uow: UnitOfWork) -> list[uuid.UUID]:
    """The mails handed over long enough ago for their silence to show receipt, where it may."""
    hours, heard = settings().no_bounce_hours, heard_at(uow)
    kinds = [name for name, kind in registry().items() if kind.proof is EvidenceClass.B]
    if not hours or heard is None:
        return []
    signs = select(Evidence.notice_id).where(
        Evidence.revoked_at.is_(None),
        or_(Evidence.kind.in_([sign.value for sign in Sign]), proof.IS_PROOF),
    )
    rows = (
        select(Notice.id)
        .join(Attempt, and_(Attempt.notice_id == Notice.id, Attempt.epoch == Notice.epoch))
        .where(Notice.state == State.ACCEPTED, Notice.medium == Medium.MAIL, Notice.kind.in_(kinds))
        .where(Attempt.outcome == Outcome.ACCEPTED, Attempt.channel == proof.RELAY)
        .where(Attempt.finished_at <= min(heard.last_success_at, uow.now) - timedelta(hours=hours))
        .where(Notice.id.not_in(signs))
        .order_by(Notice.latest_receipt_on.asc().nulls_last(), Notice.id)
    )
    return list(uow.session.scalars(rows))


def take_silence(uow: UnitOfWork, notice_id: uuid.UUID) -> bool:
    """Record that a mail did not bounce, if its silence shows receipt; whether it did."""
    heard = heard_at(uow)
    if heard is None:
        return False
    shown = proof.record_silence(uow, notice_id, heard_at=heard.last_success_at, recorded_by=ACTOR)
    return shown is not None


def heard_at(uow: UnitOfWork) -> SweepRun | None:
    """When the mailbox was last read to its end; None where none is read."""
    return uow.session.get(SweepRun, MAILBOX)


def bounced_before_their_result(uow: UnitOfWork) -> list[uuid.UUID]:
    """Notices handed over whose bounce came before the result of the send was written down."""
    signs = select(Evidence.notice_id).where(Evidence.kind == Sign.BOUNCED.value, Evidence.revoked_at.is_(None))
    proved = select(Evidence.notice_id).where(proof.IS_PROOF)
    handed_over = Notice.state.in_((State.ACCEPTED, State.EVIDENCED, State.CLOSED))
    rows = select(Notice.id).where(handed_over, Notice.id.in_(signs), Notice.id.not_in(proved)).order_by(Notice.id)
    return list(uow.session.scalars(rows))


def settle_bounce(uow: UnitOfWork, notice_id: uuid.UUID) -> bool:
    """What follows from such a bounce; whether anything did."""
    return inbox.settle_bounces(uow, outbox.get(uow, notice_id))


def _step(uow: UnitOfWork, served: Served) -> Step:
    return next_step(served.paper, practice(settings()), uow.now, lambda day: _working_day(uow, day))


def _working_day(uow: UnitOfWork, day: date) -> date:
    """The last day not after `day` that is a working day everywhere: a notice does not say where it goes."""
    first = min(working_day_on_or_before(day, nation, uow.holidays_in(nation)) for nation in GREAT_BRITAIN)
    return day if first == day else _working_day(uow, first)


def _act_by(uow: UnitOfWork, served: Served) -> datetime | None:
    latest = served.paper.latest_receipt_on
    return None if latest is None else act_by(latest, lambda day: _working_day(uow, day))


def _asked(uow: UnitOfWork, first: uuid.UUID | None = None) -> defaultdict[uuid.UUID, list[ServiceTask]]:
    """The requests to hand a paper over, done or not, by the notice they are asked under."""
    found: defaultdict[uuid.UUID, list[ServiceTask]] = defaultdict(list)
    for task in tasks.ever_asked(uow, TaskKind.HAND_OVER, first):
        found[task.notice_id].append(task)
    return found


def _again(asked: Sequence[ServiceTask]) -> str:
    """What a request is about: the one that is open, or one more after those that are done and show nothing."""
    waits = next((task for task in asked if task.done_at is None), None)
    return waits.about if waits is not None else f"again-{len(asked)}" if asked else ""


def _is_new(uow: UnitOfWork, served: Served, asked: Sequence[ServiceTask]) -> bool:
    """Whether asking changes anything: nobody is asked now, or only by a later moment."""
    by, waits = _act_by(uow, served), [task for task in asked if task.done_at is None]
    return not waits or any(tasks.is_earlier(by, task.act_by) for task in waits)


def _on_their_way(uow: UnitOfWork, *only: ColumnElement[bool]) -> Iterator[Served]:
    """Papers somebody has to be shown to have, that were let go and whose last day is not over."""
    kinds = [name for name, kind in registry().items() if kind.proof is not None]
    in_time = or_(Notice.latest_receipt_on.is_(None), Notice.latest_receipt_on >= uow.today)
    which = and_(*only, Notice.kind.in_(kinds), in_time)
    accepted, shown = _accepted(uow, which), _shown(uow, which)
    for rows in _papers(uow, which):
        gone = [row for row in rows if row.queued_at is not None and row.state not in tasks.OVER]
        if gone:
            yield _served(gone, accepted, shown, kept_back=any(_is_kept_back(row) for row in rows))


def _is_kept_back(row: Any) -> bool:
    return row.medium is Medium.LETTER and row.state not in outbox.BEYOND_QUEUE


def _papers(uow: UnitOfWork, which: ColumnElement[bool]) -> Iterable[Sequence[Any]]:
    """The rows of each paper's copies, oldest first."""
    uow.session.flush()
    by_paper: dict[Key, list[Any]] = defaultdict(list)
    for row in uow.session.execute(select(*COLUMNS).where(which).order_by(Notice.created_at, Notice.idem_key)):
        by_paper[row.subject_ref, row.kind, row.recipient_key, row.content_version].append(row)
    return by_paper.values()


def _accepted(uow: UnitOfWork, which: ColumnElement[bool]) -> Mapping[uuid.UUID, Any]:
    last: Select[Any] = (
        select(Attempt.notice_id, func.max(Attempt.finished_at))
        .join(Notice, Notice.id == Attempt.notice_id)
        .where(which, Attempt.outcome == Outcome.ACCEPTED)
        .group_by(Attempt.notice_id)
    )
    return dict(uow.session.execute(last).tuples().all())


def _shown(uow: UnitOfWork, which: ColumnElement[bool]) -> Mapping[uuid.UUID, list[Any]]:
    found: dict[uuid.UUID, list[Any]] = defaultdict(list)
    rows = select(
        Evidence.notice_id, Evidence.evidence_class, Evidence.kind, Evidence.received_on, Evidence.revoked_at
    ).join(Notice, Notice.id == Evidence.notice_id)
    for row in uow.session.execute(rows.where(which)):
        found[row.notice_id].append(row)
    return found


def _served(
    rows: Sequence[Any],
    accepted: Mapping[uuid.UUID, Any],
    shown: Mapping[uuid.UUID, list[Any]],
    *,
    kept_back: bool = False,
) -> Served:
    evidence = [each for row in rows for each in shown.get(row.id, ())]
    proofs = [each for each in evidence if each.evidence_class is not EvidenceClass.C]
    enough = registry()[rows[0].kind].proof
    # Of the proofs that suffice the earliest counts; one that does not suffice counts only where none does.
    standing = sorted(
        (enough is not None and each.evidence_class > enough, each.received_on, each.evidence_class)
        for each in proofs
        if each.revoked_at is None
    )
    _, received_on, worth = standing[0] if standing else (None, None, None)
    mails = [row for row in rows if row.medium is Medium.MAIL]
    days = [row.latest_receipt_on for row in rows if row.latest_receipt_on is not None]
    paper = Paper(
        enough=enough,
        copies=[_copy(row, accepted, shown) for row in rows],
        has_letter=any(row.recipient_postal for row in mails) and not kept_back,
        latest_receipt_on=min(days, default=None),
        proved=worth,
        received_on=received_on,
    )
    return Served(
        paper,
        first=rows[0].id,
        ids=tuple(row.id for row in rows),
        mails=tuple(row.id for row in mails),
    )


def _copy(row: Any, accepted: Mapping[uuid.UUID, Any], shown: Mapping[uuid.UUID, list[Any]]) -> Copy:
    standing = tuple(each.kind for each in shown.get(row.id, ()) if each.revoked_at is None)
    return Copy(row.medium, row.state, row.queued_at, bool(row.epoch), accepted.get(row.id), standing)
