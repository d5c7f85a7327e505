"""What members are told of action: to begin, on which days, that a day is called off, and to stop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import select

from ballots import notices, papers, repository, stood_down
from ballots.models import Action
from casework import circulars, parties
from casework import repository as cases
from casework.issues.catalogue import instruction
from casework.register.models import Member
from core.calendar import LONDON, in_words
from core.findings import Finding, Severity
from core.law import Consultation, LegalValue
from core.nations import Nation
from core.unit_of_work import UnitOfWork
from notifications import listing
from notifications.lifecycle import State
from notifications.messages import Message
from notifications.models import Notice

REMINDER = "strike_day_reminder"
REMINDED_AT = time(15)


class EndOfAction(StrEnum):
    """Why members are told to stop: it was agreed, nobody pursues the dispute any more, or the mandate ends."""

    SETTLED = "settled"
    CLOSED = "closed"
    MANDATE_ENDS = "mandate_ends"


def instruct(uow: UnitOfWork, action: Action, starts_on: date) -> None:
    """
    Send the instructions of action short of a strike, as of a day, to each member of the workplace who holds none: a
    sheet that was kept back nobody has read.
    """
    sheets = repository.papers(uow, papers.action_ref(action.id), "instruction_sheet")
    held = {notice.recipient_key for notice in sheets if notice.state is not State.CANCELLED}
    members = cases.members_at(uow, action.case.workplace_id)
    version = str(len({notice.content_version for notice in sheets}) + 1)
    named = [instruction(number) for number in action.instructions]
    facts = {
        "workplace_name": action.case.workplace.name,
        "starts": starts_on.isoformat(),
        "instructions": [{"number": each.number, "text": each.text, "condition": each.condition} for each in named],
        "advice": "If you are asked to do work that an instruction covers, say that you are following the union's "
        "instruction, and tell your rep the same day.",
        "reference": action.case.ref,
    }
    without = [member for member in members if parties.member(member).key not in held]
    tell(uow, action, Message("instruction_sheet", facts), without, version=version)


def call_to_strike(uow: UnitOfWork, action: Action, days: Sequence[date]) -> None:
    """Call each member of the workplace who was not called before to strike on days still to come."""
    called = {notice.recipient_key for notice in _strike_calls(uow, action)}
    uncalled = [
        member for member in cases.members_at(uow, action.case.workplace_id) if parties.member(member).key not in called
    ]
    pickets = notices.most_pickets(days, Consultation(uow.law, Nation(action.case.workplace.nation)))
    workplace = action.case.workplace
    facts = notices.strike_call(
        workplace.name,
        workplace.employer.name,
        days,
        caller=action.mandate.ballot.caller,
        reference=action.case.ref,
        pickets=pickets.whole,
    )
    tell(uow, action, Message("strike_call", facts, papers.law_used(pickets)), uncalled)
    for day in days:
        if _eve(day).date() > uow.today:
            _remind(uow, action, day, pickets, uncalled)


def _remind(uow: UnitOfWork, action: Action, day: date, pickets: LegalValue, members: Iterable[Member]) -> None:
    """The reminder waits in the outbox for the day before; calling the day off takes it back, a stand-down keeps it."""
    facts = {
        "workplace_name": action.case.workplace.name,
        "day": day.isoformat(),
        "pickets": pickets.whole,
        "reference": action.case.ref,
    }
    message = Message(REMINDER, facts, papers.law_used(pickets))
    tell(uow, action, message, members, version=day.isoformat(), send_after=_eve(day))


def _eve(day: date) -> datetime:
    """The afternoon before, in London, when people look at their messages once more."""
    return datetime.combine(day - timedelta(days=1), REMINDED_AT, tzinfo=LONDON)


def against_reminder(uow: UnitOfWork, notice: Notice) -> tuple[Finding, ...]:
    """A stop for a reminder that says "tomorrow" of a day that has come: the worker may have been down."""
    if notice.kind != REMINDER:
        return ()
    day = date.fromisoformat(notice.facts["day"])
    if day > uow.today:
        return ()
    return (
        Finding(
            "reminder_too_late",
            Severity.STOP,
            f"The reminder speaks of tomorrow, and its day, {in_words(day)}, is here.",
            "Leave it: the next run for the case takes it back.",
        ),
    )


def take_back_past(uow: UnitOfWork, action: Action) -> None:
    """Take back the reminders that did not go out before their day came."""
    reminders = repository.papers(uow, papers.action_ref(action.id), REMINDER)
    papers.take_back(uow, [each for each in reminders if against_reminder(uow, each)], "the day has come")


def _take_back_reminders(uow: UnitOfWork, action: Action, day: str) -> None:
    reminders = repository.papers(uow, papers.action_ref(action.id), REMINDER)
    papers.take_back(uow, [each for each in reminders if each.content_version == day], "the day is called off")


def call_off(uow: UnitOfWork, action: Action, day: date) -> None:
    """Tell each member who was called to strike on a day, whether or not still at the workplace, that it is off."""
    written = day.isoformat()
    called = [
        parties.member_id(notice.recipient_key)
        for notice in _strike_calls(uow, action)
        if written in notice.facts["days"] and notice.state is not State.CANCELLED
    ]
    facts = {"workplace_name": action.case.workplace.name, "day": written, "reference": action.case.ref}
    _take_back_reminders(uow, action, written)
    members = uow.session.scalars(select(Member).where(Member.id.in_(called)).order_by(Member.id)).all()
    tell(uow, action, Message("strike_day_called_off", facts), members, version=written)


def tell_to_stop(uow: UnitOfWork, action: Action, reason: EndOfAction) -> None:
    """Tell each member of the workplace on which day the instructions hold for the last time, and why."""
    if repository.papers(uow, papers.action_ref(action.id), "stand_down"):
        return
    facts = {
        "workplace_name": action.case.workplace.name,
        "last_day": (action.mandate.last_day if reason is EndOfAction.MANDATE_ENDS else uow.today).isoformat(),
        "reason": reason.value,
        "reference": action.case.ref,
    }
    tell(uow, action, Message("stand_down", facts), cases.members_at(uow, action.case.workplace_id))


def were_called(uow: UnitOfWork, action: Action) -> Sequence[Member]:
    """Whoever was called to an action, still at the workplace or not; a call that was kept back calls nobody."""
    ids = [
        parties.member_id(notice.recipient_key)
        for notice in listing.about(uow, papers.action_ref(action.id), kinds=stood_down.calls())
        if notice.state is not State.CANCELLED
    ]
    return uow.session.scalars(select(Member).where(Member.id.in_(ids)).order_by(Member.id)).all()


def _strike_calls(uow: UnitOfWork, action: Action) -> list[Notice]:
    return repository.papers(uow, papers.action_ref(action.id), "strike_call")


def tell(
    uow: UnitOfWork,
    action: Action,
    message: Message,
    members: Iterable[Member],
    *,
    version: str = "1",
    send_after: datetime | None = None,
) -> None:
    """One message about an action to each of these members."""
    subject = papers.action_ref(action.id)
    circulars.tell_each(uow, message, members, subject_ref=subject, version=version, send_after=send_after)


def tell_all(
    uow: UnitOfWork,
    action: Action,
    kind: str,
    facts: Mapping[str, object],
    *,
    version: str,
    also: Iterable[Member] = (),
) -> None:
    """
    Tell the members of an action's workplace, and `also` others, by the message `<kind>_members`, and its employer by
    `<kind>_employer`, in every way that the employer can be reached by.
    """
    members = dict.fromkeys((*cases.members_at(uow, action.case.workplace_id), *also))
    tell(uow, action, Message(f"{kind}_members", facts), members, version=version)
    tell_employer(uow, action, f"{kind}_employer", facts, version=version)


def tell_employer(uow: UnitOfWork, action: Action, kind: str, facts: Mapping[str, object], *, version: str) -> None:
    """One message to the employer of an action's workplace, in every way that it can be reached by."""
    to, subject = parties.employer(action.case.workplace.employer), papers.action_ref(action.id)
    circulars.tell_both_ways(uow, Message(kind, facts), to, subject_ref=subject, version=version)
