"""
What an act would send, before anybody sends it: the act and the steps that follow it are done for real, in a
transaction that is then given up, and what they drew up is shown. So nothing of what is shown is a guess, and nothing
of it stays. A member is counted, never named.

Meanwhile nobody else writes to SQLite. So what follows is looked at for some seconds at most, and of a stand-down the
first messages alone are drawn up; how many more there are is counted.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import NoReturn

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session

from app import acts
from app.access import caller_in
from app.narrowing import narrow
from app.notice_views import MEDIA, RECIPIENTS
from app.posted import new_nonce
from ballots import stand_down_messages
from ballots.stage_steps import STAGE_STEPS
from casework import disputes, stand_downs
from casework.acts import Act, Facts
from casework.cases import Case
from casework.handlers import ADVANCE_CASE
from casework.lifecycle import Stage
from casework.stand_downs import StandDown
from core import work
from core.errors import MandateError
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import Medium, State
from notifications.messages import MEMBER, registry
from notifications.models import Notice

AT_ONCE = 500
FOLLOWED_SECONDS = 3.0
"""So long is what follows of an act looked at: whoever wants to write waits for as long."""
FIRST_TOLD = 250
"""Messages of a stand-down that are drawn up for a look."""
TOO_LONG = "it would take too long. What is shown is right, and there may be more."


@dataclass(frozen=True, slots=True)
class Drawn:
    """
    What would be drawn up, or let go, for one recipient, or for so many members alike. `waits` for a second approval;
    otherwise it leaves with the next delivery. `text` is that of a mail to anybody but a member.
    """

    label: str
    to: str
    by: str
    count: int
    waits: bool
    subject_line: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """
    Everything that an act would send to whom whoever asks reaches, and how many more there are; `untold` are people who
    are told of a stand-down after those. `stopped` says why a later step could not be looked at.
    """

    drawn: tuple[Drawn, ...]
    elsewhere: int = 0
    untold: int = 0
    stopped: str | None = None


class Looked(Exception):
    """Carries a preview out of the transaction that it gives up."""

    def __init__(self, preview: Preview) -> None:
        super().__init__("nothing was recorded")
        self.preview = preview


def look(uow: UnitOfWork, case: Case, act: Act, facts: Facts) -> NoReturn:
    """
    Do an act and what follows of it, and give the transaction up: always raises, `Looked` or what the act raises.

    What was due of the case before is done first, and not shown: it leaves whether the act is recorded or not.
    """
    disputes.hold(uow, case.id)
    if work.is_open(uow, ADVANCE_CASE, case.id):
        _follow(uow, case)
    before = _stand_down(uow, case.id)
    with _leaving(uow) as made:
        acts.do(uow, case.id, act, facts, new_nonce())
        stopped = _follow(uow, case)
        ordered = _stand_down(uow, case.id)
        untold = _tell(uow, ordered) if ordered is not None and ordered is not before else 0
    kept = [each for each in made if each in uow.session]  # a step that failed half way took its own back
    shown = _reached(uow, kept)
    raise Looked(Preview(_told(shown), len(kept) - len(shown), untold, stopped))


@contextmanager
def _leaving(uow: UnitOfWork) -> Iterator[list[Notice]]:
    """The notices that the block draws up, and those that waited for an approval and that it lets go."""
    made: list[Notice] = []

    def note(_session: object, instance: object) -> None:
        if isinstance(instance, Notice):
            made.append(instance)

    def note_approved(session: Session, *_: object) -> None:
        changed = [each for each in session.dirty if isinstance(each, Notice) and each not in made]
        made.extend(each for each in changed if State.RENDERED in inspect(each).attrs.state.history.deleted)

    listening: tuple[tuple[str, Callable[..., None]], ...] = (
        ("pending_to_persistent", note),
        ("before_flush", note_approved),
    )
    for name, noting in listening:
        event.listen(uow.session, name, noting)
    try:
        yield made
        uow.session.flush()
    finally:
        for name, noting in listening:
            event.remove(uow.session, name, noting)


def _stand_down(uow: UnitOfWork, case_id: uuid.UUID) -> StandDown | None:
    """The stand-down of a case's dispute that stands."""
    dispute = disputes.dispute_of(uow, case_id)
    return None if dispute is None else stand_downs.standing(uow, dispute.id)


def _tell(uow: UnitOfWork, ordered: StandDown) -> int:
    """Draw the first messages of a stand-down up; how many people are told after those."""
    stand_down_messages.tell(uow, FIRST_TOLD, ordered)
    return stand_downs.count_untold(uow, ordered)


def _reached(uow: UnitOfWork, made: Sequence[Notice]) -> list[Notice]:
    """Those that whoever asks would find afterwards: an act in a dispute reaches schools that they do not."""
    caller = caller_in(uow)
    if caller is not None and not caller.whole:
        narrow(uow.session, caller.using, caller.officer_id)
    ids, found = [each.id for each in made], set()
    for begins in range(0, len(ids), AT_ONCE):
        wanted = select(Notice.id).where(Notice.id.in_(ids[begins : begins + AT_ONCE]))
        found |= set(uow.session.scalars(wanted))
    return [each for each in made if each.id in found]


def _follow(uow: UnitOfWork, case: Case) -> str | None:
    """What a worker does next for a case, which is nothing while it rests; why it could not be done to the end."""
    if case.wake_on is not None and case.wake_on > uow.today:
        return None
    until = time.monotonic() + FOLLOWED_SECONDS
    try:
        for step in _steps_of(case):
            if time.monotonic() > until:
                return TOO_LONG
            with uow.session.begin_nested():
                step(uow, case.id)
    except MandateError as error:
        return str(error)
    return None


def _steps_of(case: Case) -> Iterator[Callable[[UnitOfWork, uuid.UUID], None]]:
    """The steps of a case's stage, and of the one that they bring it to, until they move it no more."""
    before: tuple[Stage, int] | None = None
    while (now := (case.stage, case.events_count)) != before:
        before = now
        yield from STAGE_STEPS.get(case.stage, ())


def _told(made: Iterable[Notice]) -> tuple[Drawn, ...]:
    """Each once, with how many there are alike."""
    counted = Counter(_drawn(each) for each in made if each.state is not State.CANCELLED)
    return tuple(replace(each, count=count) for each, count in counted.items())


def _drawn(notice: Notice) -> Drawn:
    kind, words = notice.recipient_key.partition(":")[0], registry()
    to_member = kind == MEMBER
    shown = notice.medium is Medium.MAIL and not to_member
    return Drawn(
        label=words[notice.kind].label if notice.kind in words else notice.kind,
        to="members" if to_member else _named(notice),
        by=MEDIA[notice.medium],
        count=1,
        waits=notice.state is State.RENDERED,
        subject_line=notice.subject_line,
        text=notice.body.decode("utf-8") if shown else None,
    )


def _named(notice: Notice) -> str:
    """Workplaces and employers by name, anybody else by what they are."""
    kind = notice.recipient_key.partition(":")[0]
    return notice.recipient_name if kind in ("employer", "workplace") else RECIPIENTS.get(kind, "Somebody").lower()
