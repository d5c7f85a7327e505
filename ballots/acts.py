"""The acts of ballots and action: what a person can record, with its facts, role and handler."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ballots import (
    action_handlers,
    approving,
    authorise_handlers,
    dispute_handlers,
    handlers,
    notice_handlers,
    offers,
    report_acts,
    result_handlers,
    service_acts,
)
from ballots.authorise_handlers import MethodChoice
from ballots.mandate import ActionKind
from ballots.models import BallotScope
from ballots.result import Votes
from ballots.timetable_facts import VotingMethod
from casework.acts import (
    SENT_AS_A_FILE,
    Act,
    Facts,
    HappenedOn,
    MeetingHeld,
    Nothing,
    Offered,
    Reason,
    always,
    recording,
    stages_naming,
)
from casework.lifecycle import EventKind, Stage
from casework.people.roles import BALLOT_STAFF, CASE_STAFF, SERVICE_STAFF, Role
from core.unit_of_work import UnitOfWork
from notifications.proof import ReceiptKind, Told

Count = Annotated[int, Field(ge=0)]


class DisputeToJoin(Facts):
    """The first school declares its dispute; the others of the same employer join it."""

    dispute: str = Field(
        min_length=3, title="Which dispute", description="As the first school's case shows it, such as D-2026-0001"
    )


class BallotPlan(Facts):
    """What is asked, and when."""

    questions: list[Literal["strike", "asos"]] = Field(min_length=1, title="What are members asked")
    opens_on: date = Field(title="Opening day", description="The first day a voting paper is sent")
    closes_on: date = Field(title="Closing day", description="The last day votes may be cast; the date of the ballot")
    scope: BallotScope = Field(
        default=BallotScope.SEPARATE,
        title="Who votes together",
        description="This school alone, or in one ballot every school of the dispute that is ready",
    )
    method: VotingMethod = Field(
        default=VotingMethod.POSTAL,
        title="How members vote",
        description="Another way than by post only once the law has it and somebody recorded that",
    )
    assessed_by: uuid.UUID | None = Field(
        default=None, title="Who answers for another way than by post", description="The officer who assessed it"
    )
    assessment: str | None = Field(
        default=None,
        min_length=20,
        title="Why that way is secure, secret and open to every member",
        description="No names of people",
    )

    @model_validator(mode="after")
    def closes_after_it_opens(self) -> BallotPlan:
        """No closing day before the opening day."""
        if self.closes_on < self.opens_on:
            wanted = f"a day not before the opening day, {self.opens_on.isoformat()}"
            raise ValueError(f"closes_on: found {self.closes_on.isoformat()}, wanted {wanted}")
        return self

    @model_validator(mode="after")
    def assessed(self) -> BallotPlan:
        """Another way than by post has both its assessment and who answers for it; the post has neither."""
        given = (self.assessed_by is not None, self.assessment is not None)
        if self.method is not VotingMethod.POSTAL and not all(given):
            wanted = "who answers for it, and why that way is secure, secret and open to every member"
            raise ValueError(f"method: found {self.method.value} alone, wanted also {wanted}")
        if self.method is VotingMethod.POSTAL and any(given):
            raise ValueError("assessment: found one for a postal ballot, wanted none, or another method")
        return self

    def chosen(self) -> MethodChoice:
        """How members vote, and who assessed that, for the handler."""
        return MethodChoice(self.method, self.assessed_by, self.assessment)


class Receipt(Facts):
    """How it reached its recipient, and on which day; the law counts that day."""

    notice: uuid.UUID = Field(title="Which notice", description="What went out and is not shown to have arrived")
    received_on: date = Field(title="Received on", description="The London date on which it arrived")
    how: Told = Field(title="How that is known")
    document: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{64}$",
        title="What shows it",
        description="The digest of a slip or photograph that was sent before",
        json_schema_extra=SENT_AS_A_FILE,
    )


class ReceiptWithdrawn(Reason):
    """For one that turned out wrong; what stood on it is looked at again."""

    proved: uuid.UUID = Field(title="Which notice", description="Its receipt counts no longer")


class NoticeReleased(Reason):
    """The same bytes are sent again."""

    held: uuid.UUID = Field(title="Which notice", description="The same bytes go out again")


class Returned(Facts):
    """How many papers came back; from whom is not asked."""

    cast: Count = Field(title="Voting papers returned")


class Figures(Facts):
    """The scrutineer's figures; leave out a question that was not asked."""

    entitled: Count = Field(title="Entitled to vote")
    cast: Count = Field(title="Voting papers returned, spoiled ones included")
    strike_yes: Count | None = Field(default=None, title="Strike: Yes")
    strike_no: Count | None = Field(default=None, title="Strike: No")
    strike_spoiled: Count | None = Field(default=None, title="Strike: spoiled")
    asos_yes: Count | None = Field(default=None, title="Action short of a strike: Yes")
    asos_no: Count | None = Field(default=None, title="Action short of a strike: No")
    asos_spoiled: Count | None = Field(default=None, title="Action short of a strike: spoiled")
    ballot: str | None = Field(
        default=None, title="Which ballot", description="Needed only where several await their results"
    )

    @model_validator(mode="after")
    def whole_questions(self) -> Figures:
        """A question has both its Yes and its No, or neither."""
        for kind in ActionKind:
            yes, no = getattr(self, f"{kind}_yes"), getattr(self, f"{kind}_no")
            if (yes is None) != (no is None):
                raise ValueError(f"{kind}_yes: found one of Yes and No, wanted both counts")
        return self

    def votes(self) -> tuple[Votes, ...]:
        """The counts by question."""
        asked = [kind for kind in ActionKind if getattr(self, f"{kind}_yes") is not None]
        return tuple(
            Votes(
                kind,
                getattr(self, f"{kind}_yes"),
                getattr(self, f"{kind}_no"),
                getattr(self, f"{kind}_spoiled") or 0,
            )
            for kind in asked
        )


class AsosPlan(Facts):
    """Which of the instructions members follow, and from when."""

    instructions: list[int] = Field(min_length=1, title="Instructions", description="Numbers from the list of 18")
    starts_on: date = Field(title="First day of action")


class StrikePlan(Facts):
    """Each is named, and stands so in the notice to the employer."""

    days: list[date] = Field(
        min_length=1, title="Strike days", description="Dates such as 2026-12-01, separated by commas"
    )


class StrikeDay(Facts):
    """How many took part."""

    on: date = Field(title="Which day")
    took_part: Count = Field(title="How many members took part", description="A number, never who")


class StrikeDayOff(Facts):
    """Members who were called are told."""

    on: date = Field(title="Which day")
    reason: str = Field(min_length=3, title="Why", description="No names of people")


class Escalation(HappenedOn):
    """Members ask to escalate."""


Handle = Callable[[UnitOfWork, uuid.UUID, Any, str | None], object]


def _act(
    name: str,
    label: str,
    facts: type[Facts],
    roles: frozenset[Role],
    handle: Handle,
    stages: frozenset[Stage] | None = None,
    offered: Offered = always,
) -> Act:
    where = stages if stages is not None else stages_naming(EventKind(name))

    def handler(uow: UnitOfWork, case_id: uuid.UUID, given: Any, key: str | None) -> None:
        handle(uow, case_id, given, key)

    return Act(name, label, facts, roles, where, handler, offered)


_EXPECTS_PAPERS = frozenset(Stage) - {
    Stage.RAISED,
    Stage.MEMBERS_MEETING,
    Stage.OFFICER_MEMBERS_MEETING,
}

ACTS: tuple[Act, ...] = (
    _act(
        "dispute_declared",
        "Declare the trade dispute",
        Nothing,
        BALLOT_STAFF,
        lambda uow, case_id, _given, key: dispute_handlers.declare_dispute(uow, case_id, key),
        offered=offers.may_declare,
    ),
    _act(
        "dispute_joined",
        "Join a dispute of other schools",
        DisputeToJoin,
        BALLOT_STAFF,
        lambda uow, case_id, given, key: dispute_handlers.join_dispute(uow, case_id, given.dispute, key),
        offered=lambda uow, case_id: bool(dispute_handlers.joinable(uow, case_id)),
    ),
    _act(
        "ballot_authorised",
        "Authorise a ballot",
        BallotPlan,
        BALLOT_STAFF,
        lambda uow, case_id, given, key: authorise_handlers.authorise_ballot(
            uow,
            case_id,
            questions=[ActionKind(each) for each in dict.fromkeys(given.questions)],
            opens_on=given.opens_on,
            closes_on=given.closes_on,
            scope=given.scope,
            chosen=given.chosen(),
            key=key,
        ),
        offered=offers.may_authorise_ballot,
    ),
    _act(
        approving.BALLOT,
        "Approve the ballot's papers",
        approving.PapersRead,
        BALLOT_STAFF,
        lambda uow, case_id, given, _key: handlers.approve_ballot_notices(uow, case_id, given.digest),
        frozenset({Stage.BALLOT_PREPARATION}),
        offered=offers.may_approve_ballot_papers,
    ),
    _act(
        "notice_received",
        "Record that a notice was received",
        Receipt,
        SERVICE_STAFF,
        lambda uow, case_id, given, _key: handlers.receive_notice(
            uow,
            case_id,
            notice_id=given.notice,
            received_on=given.received_on,
            how=ReceiptKind(given.how),
            document=given.document,
        ),
        _EXPECTS_PAPERS,
        offered=offers.may_receive,
    ),
    _act(
        "receipt_withdrawn",
        "Withdraw a proof of receipt",
        ReceiptWithdrawn,
        BALLOT_STAFF,
        lambda uow, case_id, given, _key: notice_handlers.withdraw_receipt(uow, case_id, given.proved, given.reason),
        _EXPECTS_PAPERS,
        offered=lambda uow, case_id: bool(notice_handlers.proved(uow, case_id)),
    ),
    *service_acts.ACTS,
    _act(
        "notice_released",
        "Let a held notice go",
        NoticeReleased,
        BALLOT_STAFF,
        lambda uow, case_id, given, _key: notice_handlers.release_notice(uow, case_id, given.held, given.reason),
        _EXPECTS_PAPERS,
        offered=lambda uow, case_id: bool(notice_handlers.held(uow, case_id)),
    ),
    _act(
        "ballot_cancelled",
        "Cancel the ballot",
        Reason,
        BALLOT_STAFF,
        lambda uow, case_id, given, key: handlers.cancel_ballot(uow, case_id, given.reason, key),
        offered=offers.may_cancel,
    ),
    _act(
        "turnout_reported",
        "Report the turnout so far",
        Returned,
        BALLOT_STAFF,
        lambda uow, case_id, given, key: result_handlers.report_turnout(uow, case_id, cast=given.cast, key=key),
        offered=offers.may_report_turnout,
    ),
    _act(
        "result_declared",
        "Declare the result",
        Figures,
        BALLOT_STAFF,
        lambda uow, case_id, given, key: result_handlers.declare_result(
            uow,
            case_id,
            entitled=given.entitled,
            cast=given.cast,
            votes=given.votes(),
            ballot_ref=given.ballot,
            key=key,
        ),
        offered=offers.may_declare_result,
    ),
    *report_acts.ACTS,
    _act(
        "asos_authorised",
        "Authorise action short of a strike",
        AsosPlan,
        CASE_STAFF,
        lambda uow, case_id, given, key: action_handlers.authorise_asos(
            uow, case_id, instructions=given.instructions, starts_on=given.starts_on, key=key
        ),
        offered=offers.may_take_action,
    ),
    _act(
        approving.ACTION,
        "Approve the notices of action",
        approving.PapersRead,
        BALLOT_STAFF,
        lambda uow, case_id, given, _key: action_handlers.approve_action_notices(uow, case_id, given.digest),
        frozenset({Stage.ASOS_AUTHORISED, Stage.STRIKE_ESCALATION}),
        offered=offers.may_approve_action_papers,
    ),
    recording(
        EventKind.ESCALATION_SOUGHT, "Members ask to escalate", Escalation, CASE_STAFF, offered=offers.may_take_action
    ),
    recording(EventKind.ESCALATION_MEETING_HELD, "Record the meeting on escalation", MeetingHeld, CASE_STAFF),
    _act(
        "strike_authorised",
        "Authorise strike days",
        StrikePlan,
        CASE_STAFF,
        lambda uow, case_id, given, key: action_handlers.authorise_strike(uow, case_id, days=given.days, key=key),
    ),
    _act(
        "strike_day_held",
        "Record a strike day",
        StrikeDay,
        CASE_STAFF,
        lambda uow, case_id, given, key: action_handlers.hold_strike_day(
            uow, case_id, on=given.on, took_part=given.took_part, key=key
        ),
    ),
    _act(
        "strike_day_withdrawn",
        "Call off a strike day",
        StrikeDayOff,
        CASE_STAFF,
        lambda uow, case_id, given, key: action_handlers.withdraw_strike_day(
            uow, case_id, on=given.on, reason=given.reason, key=key
        ),
    ),
)
