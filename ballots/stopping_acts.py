"""The acts that stop action: stand-down and its lifting, suspension, variation and withdrawal, repudiation."""

from __future__ import annotations

import uuid
from datetime import date

from pydantic import Field

from ballots import repudiation, stand_down, suspensions, withdrawals
from ballots.mandate import ActionKind
from ballots.repudiation import CalledBy, Repudiator, UnofficialCall
from ballots.restart import Pause
from casework import disputes, stand_downs
from casework.acts import Act, Facts, Handler, Offered, Refused, never
from casework.lifecycle import Stage, stages
from casework.people.roles import CASE_STAFF
from casework.stand_downs import StandDownReason
from core.unit_of_work import UnitOfWork

IN_DISPUTE = frozenset({*stages(Stage.OFFICER_NEGOTIATION, Stage.PAY_REIMBURSEMENT), Stage.SETTLED, Stage.MONITORING})
"""Where a case may have action that is on, or a ballot under way, its own or that of a school it is in dispute with."""


class StandDownOrder(Facts):
    """All action of the dispute stops at once, at every school in it, and everybody concerned is told."""

    reason: StandDownReason = Field(title="Why", description="Everybody is told this")
    note: str = Field(
        min_length=3, title="What happened", description="For the record, officers and reps. No names of members"
    )


class StandDownLift(Facts):
    """A second person ends the stand-down. New action wants a new notice, but for what stopped for a court."""

    reason: str = Field(min_length=3, title="Why", description="No names of people")
    resumes_on: date | None = Field(
        default=None,
        title="Continuous action goes on from",
        description="Only where it stopped to comply with a court's order or an undertaking; leave empty otherwise",
    )


class SuspensionAgreed(Facts):
    """Union and employer agreed, before the action stops, on which day it stops and on which it may resume."""

    agreed_on: date = Field(title="Agreed on")
    suspends_on: date = Field(title="First day without action")
    resumes_on: date = Field(title="Action resumes on", description="It does so by itself, without a new notice")
    agreement: str = Field(min_length=3, title="Where the agreement is written down", description="Such as a letter")


class SuspensionExtended(Facts):
    """A further agreement, made while the action is suspended, puts the day of resumption off."""

    agreed_on: date = Field(title="Further agreed on")
    resumes_on: date = Field(title="Action now resumes on")
    agreement: str = Field(min_length=3, title="Where that is written down", description="Such as a letter")


class NoticeVaried(Facts):
    """Days fall away from a notice of a strike; members and the employer are told. Other days want a new notice."""

    cancelled: list[date] = Field(min_length=1, title="Days that fall away")
    added: list[date] = Field(default=[], title="Days to be added", description="Refused: they want a new notice")
    reason: str = Field(min_length=3, title="Why", description="No names of people")


class NoticeWithdrawn(Facts):
    """All action of the kind that was notified at this workplace is off; members and the employer are told."""

    kind: ActionKind = Field(title="Which action")
    reason: str = Field(min_length=3, title="Why", description="No names of people")


class CallRepudiated(Facts):
    """A call by a committee or an official that could not call; everybody who may follow it is written to at once."""

    repudiated_by: Repudiator = Field(title="Who repudiates it", description="Nobody else can")
    called_by: CalledBy = Field(title="Who made the call", description="What the union itself called is refused here")
    caller: str = Field(min_length=3, title="Name of the committee or official", max_length=200)
    postal_lines: list[str] = Field(min_length=2, title="Their postal address, line by line")
    email: str | None = Field(default=None, title="Their address for mail", description="Leave empty if there is none")
    call: str = Field(min_length=3, title="What they called members to", description="No names of members")
    known_on: date = Field(title="When it came to the executive's, president's or general secretary's knowledge")


def _may_stand_down(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    dispute = disputes.live_dispute_of(uow, case_id)
    return dispute is not None and stand_downs.standing(uow, dispute.id) is None


def _stands_down(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    dispute = disputes.dispute_of(uow, case_id)
    return dispute is not None and stand_downs.standing(uow, dispute.id) is not None


def _in_dispute(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    return disputes.dispute_of(uow, case_id) is not None


def _order(uow: UnitOfWork, case_id: uuid.UUID, given: StandDownOrder, _key: str | None) -> None:
    stand_down.order(uow, case_id, given.reason, given.note)


def _lift(uow: UnitOfWork, case_id: uuid.UUID, given: StandDownLift, _key: str | None) -> None:
    stand_down.lift(uow, case_id, given.reason, given.resumes_on)


def _suspend(uow: UnitOfWork, case_id: uuid.UUID, given: SuspensionAgreed, _key: str | None) -> None:
    pause = Pause(given.agreed_on, given.suspends_on, given.resumes_on)
    suspensions.suspend(uow, case_id, pause, given.agreement)


def _extend(uow: UnitOfWork, case_id: uuid.UUID, given: SuspensionExtended, _key: str | None) -> None:
    suspensions.extend(uow, case_id, agreed_on=given.agreed_on, resumes_on=given.resumes_on, agreement=given.agreement)


def _vary(uow: UnitOfWork, case_id: uuid.UUID, given: NoticeVaried, key: str | None) -> None:
    withdrawals.vary(uow, case_id, cancelled=given.cancelled, added=given.added, reason=given.reason, key=key)


def _withdraw(uow: UnitOfWork, case_id: uuid.UUID, given: NoticeWithdrawn, _key: str | None) -> None:
    withdrawals.withdraw_notice(uow, case_id, given.kind, given.reason)


def _repudiate(uow: UnitOfWork, case_id: uuid.UUID, given: CallRepudiated, _key: str | None) -> None:
    call = UnofficialCall(given.called_by, given.caller, given.postal_lines, given.email, given.call, given.known_on)
    repudiation.repudiate(uow, case_id, call, given.repudiated_by)


def _act(name: str, label: str, facts: type[Facts], handle: Handler, offered: Offered, refused: Refused = never) -> Act:
    return Act(name, label, facts, CASE_STAFF, IN_DISPUTE, handle, offered, refused)


ACTS: tuple[Act, ...] = (
    _act(
        "dispute_stood_down",
        "Stand all action down",
        StandDownOrder,
        _order,
        _may_stand_down,
        stand_down.against_order_in,
    ),
    _act("stand_down_lifted", "Lift the stand-down", StandDownLift, _lift, _stands_down),
    _act("action_suspended", "Suspend action by agreement", SuspensionAgreed, _suspend, suspensions.may_suspend),
    _act("suspension_extended", "Extend a suspension", SuspensionExtended, _extend, suspensions.may_extend),
    _act("notice_varied", "Take days out of a strike notice", NoticeVaried, _vary, withdrawals.may_vary),
    _act("notice_withdrawn", "Withdraw a notice of action", NoticeWithdrawn, _withdraw, withdrawals.may_withdraw),
    _act("call_repudiated", "Repudiate a call", CallRepudiated, _repudiate, _in_dispute),
)
