"""
Where what waits for a person is read: papers that the viewer may approve, and what machines cannot serve.

Nobody is shown an approval that would be refused them: not what they authorised or approved themselves.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date

from sqlalchemy import func, select

from app import acts, approvals
from app.need_sources import Asked, OfCase, cases_by_ref, form_of
from app.people_views import named
from app.service_views import task_lines
from ballots.any_stale_law import rests_on_stale
from ballots.approving import APPROVED_BY
from ballots.models import Action, Ballot
from casework.levels import Level, level_on
from casework.needs import Need, NeedKind, Urgency, urgency_of
from casework.people.roles import BALLOT_STAFF
from core.calendar import counted, london_day
from core.nations import Nation
from core.people import two_people
from notifications import inbox, listing
from notifications.lifecycle import State
from notifications.models import Notice, ServiceTask
from notifications.tasks import TaskKind

STUCK: Mapping[State, tuple[str, str]] = {
    State.HELD: ("held until a person lets it go", "See why, and let it go"),
    State.UNKNOWN: ("of which nobody knows whether it went out", "See what was said of it"),
    State.FAILED_PERMANENT: ("refused or bounced for good", "Reach the recipient another way"),
}
"""States in which a notice goes nowhere until a person looks: how it is said, and what to do."""


def papers(asked: Asked) -> Iterator[Need]:
    """Papers that wait for a second person, whom the viewer may be: one need for a case and act."""
    uow = asked.uow
    waiting = (
        select(Notice.subject_ref, Notice.kind, func.count(), func.min(Notice.latest_receipt_on))
        .where(Notice.state == State.RENDERED, Notice.kind.in_(APPROVED_BY))
        .group_by(Notice.subject_ref, Notice.kind)
    )
    rows = list(uow.session.execute(waiting).tuples())
    subjects = {subject for subject, *_ in rows}
    refs = approvals.cases_of(uow, subjects) if subjects else {}
    authors, cases = _authorised(asked, subjects), cases_by_ref(asked, set(refs.values()))
    found: defaultdict[tuple[str, str], list[tuple[int, date | None]]] = defaultdict(list)
    for subject, kind, count, latest in rows:
        another = two_people(authors.get(subject, ""), asked.viewer.actor) or asked.viewer.caller is None
        if another and refs.get(subject) in cases:
            found[refs[subject], APPROVED_BY[kind]].append((count, latest))
    for (ref, act), waits in sorted(found.items()):
        form = form_of(asked, cases[ref], act)
        if form is not None:
            yield _of_papers(asked, cases[ref], act, form, waits)


def _authorised(asked: Asked, subjects: Collection[str]) -> dict[str, str]:
    """Who authorised each ballot or action, by how notices name it."""
    found: dict[str, str] = {}
    for kind, table in (("ballot", Ballot), ("action", Action)):
        ids = [uuid.UUID(key) for of, _, key in (each.partition(":") for each in subjects) if of == kind]
        rows = asked.uow.session.execute(select(table.id, table.authorised_by).where(table.id.in_(ids))) if ids else ()
        found |= {f"{kind}:{key}": by for key, by in rows}
    return found


def _of_papers(asked: Asked, of: OfCase, act: str, form: tuple[str, str], waits: list[tuple[int, date | None]]) -> Need:
    count = sum(each for each, _ in waits)
    due_on = min((day for _, day in waits if day), default=None)
    level, urgency = _by(asked, of, due_on)
    return Need(
        id=f"papers:{of.ref}:{act}",
        kind=NeedKind.APPROVE_PAPERS,
        urgency=urgency,
        what=f"{counted(count, 'paper')} to be read and approved; the employer has to receive them in time"
        if due_on
        else f"{counted(count, 'paper')} to be read and approved",
        who=f"Another person than authorised them: {named(acts.act_named(act).roles)}",
        href=form[0],
        does=form[1],
        due_on=due_on,
        level=level,
        **of.shown,
    )


def _by(asked: Asked, of: OfCase, due_on: date | None) -> tuple[Level | None, Urgency]:
    """How near the statutory day of receipt is; what has none waits."""
    level = level_on(asked.days(due_on, Nation(of.nation)), asked.uow.today) if due_on else None
    return level, urgency_of(level, is_law=True)


def to_serve(asked: Asked) -> Iterator[Need]:
    """What only a person can do about a notice: hand it over, reach somebody, read an answer, look at what bounced."""
    uow = asked.uow
    open_ones = select(ServiceTask).where(ServiceTask.done_at.is_(None))
    rows = uow.session.scalars(
        open_ones.order_by(ServiceTask.act_by.asc().nulls_last(), ServiceTask.opened_at).limit(asked.most)
    ).all()
    lines = list(task_lines(uow, rows))
    cases = cases_by_ref(asked, {each.case_ref for each in lines if each.case_ref})
    for line in lines:
        of = cases.get(line.case_ref or "")
        if of is None and asked.viewer.only is not None:
            continue
        by = london_day(line.act_by) if line.act_by else None
        to = "" if line.notice.lower().endswith(line.to.lower()) else f" to {line.to.lower()}"
        yield Need(
            id=f"task:{line.id}",
            kind=NeedKind.SERVE,
            urgency=_of_task(asked, line.kind, by, line.latest_receipt_on),
            what=f"{line.label}: {line.notice}{to}. {line.because[:1].upper()}{line.because[1:]}",
            who=f"{of.officer}, officer, or the ballot team" if of and of.officer else "The ballot team",
            href=f"/service#task-{line.id}",
            does="Do it, and say how",
            due_on=by,
            **(of.shown if of else {}),
        )


def _of_task(asked: Asked, kind: TaskKind, by: date | None, latest_receipt_on: date | None) -> Urgency:
    """A paper with a statutory day is the law's; anything else waits, and is late after its moment."""
    today = asked.uow.today
    if latest_receipt_on is not None:
        return Urgency.LAW_BROKEN if latest_receipt_on < today or kind is TaskKind.IN_DOUBT else Urgency.LAW_RED
    return Urgency.LATE if by is not None and by < today else Urgency.WAITING


def mails(asked: Asked) -> Iterator[Need]:
    """Mails that fit no notice: one need for all of them, for nobody knows whose they are."""
    count = len(inbox.unsettled(asked.uow)) if asked.viewer.only is None else 0
    if count:
        yield Need(
            id="mails",
            kind=NeedKind.READ_MAIL,
            urgency=Urgency.WAITING,
            what=f"{counted(count, 'mail')} that {'fits' if count == 1 else 'fit'} no notice, and may be a bounce",
            who="Whoever sees to service",
            href="/service",
            does="Read and settle",
        )


def stuck(asked: Asked) -> Iterator[Need]:
    """Notices to employers and workplaces that go nowhere until a person looks: one need for a state of them."""
    if asked.viewer.only is not None:
        return
    counts = (
        select(Notice.state, func.count())
        .where(Notice.state.in_(STUCK), Notice.recipient_key.not_like(listing.TO_A_MEMBER))
        .where(Notice.id.not_in(select(ServiceTask.notice_id).where(ServiceTask.done_at.is_(None))))
        .group_by(Notice.state)
    )
    for state, count in asked.uow.session.execute(counts).tuples():
        words, does = STUCK[state]
        yield Need(
            id=f"stuck:{state}",
            kind=NeedKind.SERVE,
            urgency=Urgency.WAITING,
            what=f"{counted(count, 'notice')} {words}",
            who="The ballot team, or whoever sees to service",
            href=f"/notices?state={state}",
            does=does,
        )


def stale_law(asked: Asked) -> Iterator[Need]:
    """That values of the law want to be read again, where a ballot or action rests on them."""
    if asked.viewer.only is None and rests_on_stale(asked.uow):
        yield Need(
            id="law",
            kind=NeedKind.READ_LAW,
            urgency=Urgency.LAW_AMBER,
            what="Law to read again: until it is, no paper that rests on it is approved or served, and no ballot opens",
            who=named(BALLOT_STAFF).capitalize(),
            href="/law",
            does="See which, and confirm it",
        )
