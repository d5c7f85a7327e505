"""The acts around the scrutineer's report: that it came, and that somebody who may asks for a copy."""

from __future__ import annotations

import uuid
from datetime import date

from pydantic import Field

from ballots import offers, report_copies, result_handlers
from casework.acts import Act, Facts, stages_naming
from casework.lifecycle import EventKind, Stage, stages
from casework.people.roles import REPORT_STAFF
from core.unit_of_work import UnitOfWork

AFTER_A_RESULT = frozenset({Stage.OFFICER_NEGOTIATION, *stages(Stage.BALLOT_PREPARATION, Stage.CLOSED)})
"""Where a case may have got to while a copy of the report can be asked for: a lost ballot sends it back."""
LONGEST_REPORT = 20_000


class Report(Facts):
    """The day it came, and whether it is without reservation."""

    received_on: date = Field(title="Received on")
    clean: bool = Field(title="Is it without reservation")
    text: str | None = Field(
        default=None,
        min_length=20,
        max_length=LONGEST_REPORT,
        title="The report, word for word",
        description="So that voters and the employer can be sent a copy",
    )


class ReportAsked(Facts):
    """A voter, or the employer, asks for the scrutineer's report; the copy goes out free of charge."""

    asked_on: date = Field(title="Asked on")
    membership_number: str | None = Field(
        default=None, min_length=1, title="Membership number of the voter", description="Leave empty for the employer"
    )


def _receive(uow: UnitOfWork, case_id: uuid.UUID, given: Report, key: str | None) -> None:
    result_handlers.receive_scrutineer_report(
        uow, case_id, received_on=given.received_on, clean=given.clean, text=given.text, key=key
    )


def _send_copy(uow: UnitOfWork, case_id: uuid.UUID, given: ReportAsked, _key: str | None) -> None:
    report_copies.send_copy(uow, case_id, asked_on=given.asked_on, membership_number=given.membership_number)


ACTS: tuple[Act, ...] = (
    Act(
        EventKind.SCRUTINEER_REPORTED.value,
        "Record the scrutineer's report",
        Report,
        REPORT_STAFF,
        stages_naming(EventKind.SCRUTINEER_REPORTED),
        _receive,
        offers.may_report,
    ),
    Act(
        "report_copy_asked",
        "Send a copy of the scrutineer's report",
        ReportAsked,
        REPORT_STAFF,
        AFTER_A_RESULT,
        _send_copy,
        report_copies.may_ask,
    ),
)
