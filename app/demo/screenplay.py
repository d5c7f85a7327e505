"""
What people do in the demonstration, day by day. Everything else (letters, assignments, notices, reminders, opening and
closing, instructions, ending the strike) the system does by itself when the clock comes to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.demo.opening import Cast

ISSUES = ("meetings", "observation")
INSTRUCTIONS = (2, 6, 7)
OPENS_ON, CLOSES_ON = date(2026, 10, 20), date(2026, 11, 17)
ASOS_BEGINS_ON = date(2026, 12, 7)
STRIKE_DAYS = (date(2027, 1, 27), date(2027, 1, 28))
CLAUSES = (
    {
        "issue": "meetings",
        "what_changes": "One meeting a week after school, of an hour at most, from a published calendar",
        "from_on": "2027-02-22",
    },
    {
        "issue": "observation",
        "what_changes": "Three observations a year for all purposes, three hours in total",
        "from_on": "2027-02-22",
    },
)


@dataclass(frozen=True, slots=True)
class Scene:
    """On a day, someone records an act. `facts` as a form or the command line would give them."""

    on: date
    act: str
    by: str
    said: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures that the story needs, taken from the register."""

    entitled: int

    def part(self, percent: int) -> int:
        """A share of those entitled, rounded down."""
        return self.entitled * percent // 100


def the_first_day(cast: Cast) -> Iterator[Scene]:
    """Addresses for service, and a meeting arranged."""
    staff = cast.staff
    yield Scene(
        date(2026, 9, 1),
        "employer_address_recorded",
        staff,
        "Staff record where the employer is served",
        {
            "postal_lines": ["The Director of Education", "Town Hall", "1 Specimen Road", "ZZ99 9AA"],
            "email": "employee.relations@employer.example",
        },
    )
    yield Scene(
        date(2026, 9, 1),
        "workplace_email_recorded",
        staff,
        "Staff record the school office's address",
        {"email": "office@school.example"},
    )
    yield Scene(
        date(2026, 9, 1),
        "members_meeting_arranged",
        staff,
        "The rep arranges a members' meeting",
        {"meets_on": "2026-09-08"},
    )


def before_the_ballot(cast: Cast, counts: Counts) -> Iterator[Scene]:
    """From the members' meeting to a failed negotiation."""
    staff, officer = cast.staff, cast.officer
    yield Scene(
        date(2026, 9, 8),
        "members_meeting_held",
        staff,
        "Members meet; most want the issues raised",
        {"happened_on": "2026-09-08", "present": counts.part(70), "in_favour": counts.part(62)},
    )
    yield Scene(date(2026, 9, 21), "officer_accepted", officer, "The officer accepts the case")
    yield Scene(
        date(2026, 9, 28),
        "assessment_recorded",
        officer,
        "The officer meets members and assesses readiness",
        {
            "happened_on": "2026-09-28",
            "present": counts.part(75),
            "ready_for_asos": counts.part(72),
            "ready_to_strike": counts.part(60),
        },
    )
    yield Scene(
        date(2026, 10, 5),
        "negotiation_held",
        officer,
        "Officer and rep meet the head; negotiation fails",
        {"happened_on": "2026-10-05", "answer": "refused"},
    )


def the_ballot(cast: Cast, counts: Counts) -> Iterator[Scene]:
    """From the dispute to a mandate."""
    officer, second = cast.officer, cast.second_officer
    yield Scene(date(2026, 10, 6), "dispute_declared", officer, "The union declares the dispute")
    yield Scene(
        date(2026, 10, 6),
        "ballot_authorised",
        officer,
        "The union authorises a ballot",
        {"questions": ["strike", "asos"], "opens_on": OPENS_ON, "closes_on": CLOSES_ON},
    )
    yield Scene(date(2026, 10, 7), "ballot_notices_approved", second, "A second officer approves the papers")
    yield Scene(
        date(2026, 10, 8),
        "notice_received",
        officer,
        "The notice of ballot is handed over",
        {"kind": "notice_of_ballot"},
    )
    yield Scene(
        date(2026, 10, 8),
        "notice_received",
        officer,
        "The sample voting paper is handed over",
        {"kind": "sample_voting_paper"},
    )
    yield Scene(
        date(2026, 11, 3),
        "turnout_reported",
        officer,
        "The scrutineer reports the turnout so far",
        {"cast": counts.part(55)},
    )
    yield Scene(date(2026, 11, 18), "result_declared", officer, "The result is declared", _result(counts))
    yield Scene(
        date(2026, 11, 19),
        "notice_received",
        officer,
        "The employer acknowledges the result",
        {"kind": "ballot_result_employer"},
    )


def _result(counts: Counts) -> dict[str, int]:
    cast, spoiled = counts.part(80), 1
    strike_yes, asos_yes = counts.part(63), counts.part(70)
    return {
        "entitled": counts.entitled,
        "cast": cast,
        "strike_yes": strike_yes,
        "strike_no": cast - spoiled - strike_yes,
        "strike_spoiled": spoiled,
        "asos_yes": asos_yes,
        "asos_no": cast - spoiled - asos_yes,
        "asos_spoiled": spoiled,
    }


def the_asos(cast: Cast) -> Iterator[Scene]:
    """Action short of a strike, and the scrutineer's report."""
    officer, second = cast.officer, cast.second_officer
    yield Scene(
        date(2026, 11, 20),
        "asos_authorised",
        officer,
        "Action short of a strike is authorised",
        {"instructions": list(INSTRUCTIONS), "starts_on": ASOS_BEGINS_ON},
    )
    yield Scene(date(2026, 11, 23), "action_notices_approved", second, "A second officer approves the notice of action")
    yield Scene(
        date(2026, 11, 24),
        "notice_received",
        officer,
        "The notice of action is handed over",
        {"kind": "notice_of_action"},
    )
    yield Scene(
        date(2026, 12, 8),
        "scrutineer_reported",
        officer,
        "The scrutineer reports, without reservation",
        {"received_on": "2026-12-08", "clean": True},
    )


def the_strike(cast: Cast, counts: Counts) -> Iterator[Scene]:
    """Members escalate, and two strike days are held."""
    officer, second = cast.officer, cast.second_officer
    yield Scene(
        date(2027, 1, 11), "escalation_sought", officer, "Members ask to escalate", {"happened_on": "2027-01-11"}
    )
    yield Scene(
        date(2027, 1, 12),
        "escalation_meeting_held",
        officer,
        "Members meet; most want strike days",
        {"happened_on": "2027-01-12", "present": counts.part(72), "in_favour": counts.part(60)},
    )
    yield Scene(
        date(2027, 1, 12),
        "strike_authorised",
        officer,
        "Two strike days are authorised",
        {"days": [day.isoformat() for day in STRIKE_DAYS]},
    )
    yield Scene(date(2027, 1, 13), "action_notices_approved", second, "A second officer approves the notice of strike")
    yield Scene(
        date(2027, 1, 14),
        "notice_received",
        officer,
        "The notice of strike is handed over",
        {"kind": "notice_of_action"},
    )
    for day, percent in zip(STRIKE_DAYS, (45, 43), strict=True):
        yield Scene(
            day, "strike_day_held", officer, "A strike day is held", {"on": day, "took_part": counts.part(percent)}
        )


def the_settlement(cast: Cast) -> Iterator[Scene]:
    """Agreement, and later a check that finds it broken. Claims and payments come between (`app.demo.pay_scenes`)."""
    officer = cast.officer
    yield Scene(
        date(2027, 2, 10),
        "settlement_reached",
        officer,
        "Management agrees to terms",
        {"happened_on": "2027-02-10", "clauses": list(CLAUSES)},
    )
    yield Scene(
        date(2027, 3, 30),
        "claims_window_closed",
        cast.finance,
        "Claims close: the others did not lose pay",
        {"reason": "every member who lost pay has claimed; the others worked on both days"},
    )
    yield Scene(
        date(2027, 4, 1), "agreement_signed_off", officer, "The agreement is signed off", {"happened_on": "2027-04-01"}
    )
    yield Scene(
        date(2027, 6, 29),
        "monitoring_check_recorded",
        officer,
        "A check finds the agreement broken: the case reopens",
        {
            "happened_on": "2027-06-29",
            "broken": ["meetings"],
            "evidence": "Six meetings after school in four weeks, two of them longer than an hour",
        },
    )
