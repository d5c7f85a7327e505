"""Whether the mail relay takes what it is handed: told by the attempts, before anything has waited for long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.templating import date_time
from core.calendar import counted, in_words, london_day, london_time
from core.settings import Settings
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import Medium, Outcome, State
from notifications.models import Attempt, Notice
from notifications.proof import RELAY

ANSWERED = (Outcome.ACCEPTED, Outcome.PERM)
"""Outcomes by which the relay showed that it works: it took a mail, or said for good that it does not take that one."""
STILL_WAITING = (Notice.medium == Medium.MAIL, Notice.state.in_((State.TEMP_WAIT, State.QUEUED, State.SENDING)))


def refusals(uow: UnitOfWork, configured: Settings) -> dict[str, Any] | None:
    """
    The hand-overs that the relay has refused since it last took one, of mails that still wait; None when there is none.

    `statutory` counts the statutory mails among all that wait whose last day of receipt is so near that it leaves time
    for one more way and a person at most, `by` is the nearest of these days.
    """
    last = select(Attempt.started_at).where(Attempt.channel == RELAY, Attempt.outcome.in_(ANSWERED))
    answered_at = uow.session.scalar(last.order_by(Attempt.started_at.desc()).limit(1))
    tried = (
        select(func.count(), func.count(Attempt.notice_id.distinct()), func.min(Attempt.started_at))
        .join(Notice, Notice.id == Attempt.notice_id)
        .where(Attempt.channel == RELAY, Attempt.outcome == Outcome.TEMP, *STILL_WAITING)
    )
    if answered_at is not None:
        tried = tried.where(Attempt.started_at > answered_at)
    refused, mails, since = uow.session.execute(tried).one()
    if not refused:
        return None
    horizon = uow.now + timedelta(hours=configured.ask_person_hours + configured.next_channel_hours)
    near = select(func.count(), func.min(Notice.latest_receipt_on)).where(
        *STILL_WAITING, Notice.statutory, Notice.latest_receipt_on < london_day(horizon)
    )
    statutory, by = uow.session.execute(near).one()
    return {"refused": refused, "mails": mails, "since": since, "statutory": statutory, "by": by}


def note(mail: Mapping[str, Any], at: datetime) -> str:
    """What the relay has refused, in a sentence."""
    told = mail["refusals"]
    since: datetime = told["since"]
    same_day = london_day(since) == london_day(at)
    moment = f"{london_time(since):%H:%M}" if same_day else date_time(since)
    of = counted(told["mails"], "mail")
    return (
        f"The relay {mail['relay']} has refused {counted(told['refused'], 'hand-over')} of {of} since {moment} (London "
        "time) and has taken none since. They are tried again by themselves."
    )


def trouble(told: Mapping[str, Any]) -> str:
    """What makes refusals trouble at once: statutory mails whose last day is near."""
    count = told["statutory"]
    waiting = "1 statutory notice waits" if count == 1 else f"{count} statutory notices wait"
    return (
        f"The relay takes no mail, and {waiting} for it whose last day of receipt is near, the first on "
        f"{in_words(told['by'])}: see to the relay, or serve by hand. `mandate notice list --only not_proved` has them."
    )
