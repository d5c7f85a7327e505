"""
What ought to change as one ballot is moved through the years, written by hand from the Acts and the instruments.

The ballot's papers and its action stand at fixed distances from the opening day, each at a distance of its own, so that
the opening day at which a rule changes tells which date of the dispute chose it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

BEFORE = {"ballot_notice_received_on": 10, "sample_paper_received_on": 4}
"""Days before the opening."""

AFTER = {
    "ballot_opened_on": 0,
    "ballot_closed_on": 21,
    "action_notice_received_on": 25,
    "action_started_on": 40,
    "action_taken_on": 40,
    "strike_day_on": 40,
    "picketing_on": 40,
    "repudiated_on": 40,
    "proceedings_begun_on": 45,
    "dismissed_on": 50,
    "return_period_ended_on": 60,
}
"""Days after the opening."""

EARLIER_NOTICE = 23
"""Where the action was noticed before: days from the opening to that notice, two before the one that counts."""

EVERYWHERE = ("england", "wales", "scotland")
NOT_WALES = ("england", "scotland")
TUA_2016, WALES_2017, ERA_2025 = "Trade Union Act 2016", "Trade Union (Wales) Act 2017", "Employment Rights Act 2025"
STPCD = "School Teachers' Pay and Conditions Document"

TUA_IN_FORCE, WALES_IN_FORCE, ERA_IN_FORCE = date(2017, 3, 1), date(2017, 9, 13), date(2026, 2, 18)
"""SI 2017/139; section 2 of the Act of 2017; section 159 of the Act of 2025 and SI 2026/3."""


@dataclass(frozen=True, slots=True)
class Move:
    """
    At the opening day `opens`, `rule` changes in `nations`, because the date `key` reaches the day `reaches`.

    `act` is what the new value rests on: for the count of spoiled papers, section 297A that the Act of 2016 put in.
    """

    opens: date
    rule: str
    nations: tuple[str, ...]
    key: str
    reaches: date
    act: str


def _moves(opens: date, key: str, reaches: date, *changes: tuple[str, str, tuple[str, ...]]) -> tuple[Move, ...]:
    return tuple(Move(opens, rule, nations, key, reaches, act) for rule, act, nations in changes)


MOVES: tuple[Move, ...] = (
    *_moves(
        date(2016, 12, 31),
        "return_period_ended_on",
        TUA_IN_FORCE,
        ("ballots.annual_return_action_details", TUA_2016, EVERYWHERE),
    ),
    *_moves(
        date(2017, 1, 20),
        "picketing_on",
        TUA_IN_FORCE,
        ("ballots.picket_supervisor_required", TUA_2016, EVERYWHERE),
    ),
    *_moves(
        date(2017, 2, 4),
        "action_notice_received_on",
        TUA_IN_FORCE,
        ("ballots.action_notice_days", TUA_2016, EVERYWHERE),
        ("ballots.action_notice_agreed_days", TUA_2016, EVERYWHERE),
    ),
    *_moves(
        date(2017, 3, 1),
        "ballot_opened_on",
        TUA_IN_FORCE,
        ("ballots.turnout_fraction", TUA_2016, EVERYWHERE),
        ("ballots.turnout_counts_spoiled", "TULRCA 1992", EVERYWHERE),
        ("ballots.support_fraction", TUA_2016, EVERYWHERE),
        ("ballots.support_services", "SI 2017/133", EVERYWHERE),
        ("ballots.result_items", TUA_2016, EVERYWHERE),
        ("ballots.voting_paper_summaries_required", TUA_2016, EVERYWHERE),
        ("ballots.mandate_months", TUA_2016, EVERYWHERE),
        ("ballots.mandate_agreed_months", TUA_2016, EVERYWHERE),
        ("ballots.mandate_start_weeks", TUA_2016, EVERYWHERE),
        ("ballots.mandate_agreed_start_weeks", TUA_2016, EVERYWHERE),
    ),
    *_moves(
        date(2017, 9, 13),
        "ballot_opened_on",
        WALES_IN_FORCE,
        ("ballots.support_fraction", WALES_2017, ("wales",)),
    ),
    *_moves(
        date(2021, 9, 1),
        "school_year_started_on",
        date(2021, 9, 1),
        ("working_time.second_year_reduction_fraction", STPCD, ("england",)),
    ),
    *_moves(
        date(2022, 6, 6),
        "proceedings_begun_on",
        date(2022, 7, 21),
        ("ballots.damages_cap", "SI 2022/699", EVERYWHERE),
    ),
    *_moves(
        date(2022, 6, 11),
        "action_taken_on",
        date(2022, 7, 21),
        ("ballots.agency_cover_prohibited", "SI 2022/852", NOT_WALES),
    ),
    *_moves(
        date(2023, 6, 10),
        "action_taken_on",
        date(2023, 7, 20),
        ("ballots.minimum_service_levels", "Strikes (Minimum Service Levels) Act 2023", EVERYWHERE),
    ),
    *_moves(
        date(2023, 7, 1),
        "action_taken_on",
        date(2023, 8, 10),
        (
            "ballots.agency_cover_prohibited",
            "Conduct of Employment Agencies and Employment Businesses Regulations 2003",
            NOT_WALES,
        ),
    ),
    *_moves(
        date(2025, 11, 8),
        "action_taken_on",
        date(2025, 12, 18),
        ("ballots.minimum_service_levels", ERA_2025, EVERYWHERE),
    ),
    *_moves(
        date(2025, 12, 20),
        "return_period_ended_on",
        ERA_IN_FORCE,
        ("ballots.annual_return_action_details", ERA_2025, EVERYWHERE),
    ),
    *_moves(
        date(2026, 1, 9),
        "picketing_on",
        ERA_IN_FORCE,
        ("ballots.picket_supervisor_required", ERA_2025, EVERYWHERE),
    ),
    *_moves(
        date(2026, 1, 9),
        "action_started_on",
        ERA_IN_FORCE,
        ("ballots.dismissal_protection_weeks", ERA_2025, EVERYWHERE),
    ),
    *_moves(
        date(2026, 1, 24),
        "action_notice_received_on",
        ERA_IN_FORCE,
        ("ballots.action_notice_days", ERA_2025, EVERYWHERE),
        ("ballots.action_notice_agreed_days", ERA_2025, EVERYWHERE),
        ("ballots.action_notice_contents", ERA_2025, EVERYWHERE),
    ),
    *_moves(
        date(2026, 2, 18),
        "ballot_opened_on",
        ERA_IN_FORCE,
        ("ballots.support_fraction", ERA_2025, NOT_WALES),
        ("ballots.support_services", ERA_2025, EVERYWHERE),
        ("ballots.result_items", ERA_2025, EVERYWHERE),
        ("ballots.mandate_months", ERA_2025, EVERYWHERE),
        ("ballots.mandate_agreed_months", ERA_2025, EVERYWHERE),
    ),
    *_moves(
        date(2026, 2, 22),
        "sample_paper_received_on",
        ERA_IN_FORCE,
        ("ballots.voting_paper_summaries_required", ERA_2025, EVERYWHERE),
        ("ballots.dismissal_warning", ERA_2025, EVERYWHERE),
        ("ballots.dismissal_warning_statement", ERA_2025, EVERYWHERE),
    ),
    *_moves(
        date(2026, 2, 28),
        "ballot_notice_received_on",
        ERA_IN_FORCE,
        ("ballots.notice_of_ballot_contents", ERA_2025, EVERYWHERE),
    ),
)
"""A ballot with every receipt known, whose action was not noticed before."""

NOTICED_BEFORE: tuple[Move, ...] = _moves(
    date(2026, 1, 26),
    "earlier_action_notice_received_on",
    ERA_IN_FORCE,
    ("ballots.action_notice_days", ERA_2025, EVERYWHERE),
    ("ballots.action_notice_agreed_days", ERA_2025, EVERYWHERE),
    ("ballots.action_notice_contents", ERA_2025, EVERYWHERE),
)
"""What changes on another day where the action was noticed before: SI 2026/3, Schedule 2, paragraph 10."""

BY_TIMETABLE: dict[date, dict[str, tuple[object, object]]] = {
    date(2017, 2, 4): {"action_notice.days": (7, 14)},
    date(2017, 3, 1): {
        "thresholds.turnout_fraction": (None, "1/2"),
        "thresholds.support_fraction": (None, "2/5"),
        "voting_paper.summaries_required": (False, True),
        "mandate.months": (None, 6),
        "mandate.begins_by": (True, False),
    },
    date(2026, 1, 24): {"action_notice.days": (14, 10), "action_notice.items": ("by_category", "")},
    date(2026, 2, 18): {"thresholds.support_fraction": ("2/5", None), "mandate.months": (6, 12)},
    date(2026, 2, 22): {
        "voting_paper.summaries_required": (True, False),
        "voting_paper.dismissal_warning": ("twelve_weeks", "whole_action"),
        "voting_paper.statement": ("twelve weeks", ""),
    },
    date(2026, 2, 28): {
        "ballot_notice.contents": ("full_figures", "lists_and_total"),
        "ballot_notice.items": ("by_category by_workplace explanation", ""),
    },
}
"""The same, as the timetable shows it in England and Scotland: opening day, value, before and after."""

IN_WALES = {date(2017, 9, 13): {"thresholds.support_fraction": ("2/5", None)}}
"""In Wales the share of all members went earlier, so that nothing is left to go in 2026."""

WITHOUT_RECEIPTS = {
    date(2017, 2, 4): date(2017, 2, 8),
    date(2026, 1, 24): date(2026, 1, 28),
    date(2026, 2, 22): date(2026, 2, 21),
    date(2026, 2, 28): date(2026, 2, 25),
}
"""With no receipt known: papers at their latest day (seven and three days before), notice of action on the close."""
