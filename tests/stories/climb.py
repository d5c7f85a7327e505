"""The plain climb, scene by scene: where a story begins that is about something higher up."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from notifications.proof import ReceiptKind
from tests.days import day
from tests.stories.telling import FINANCE, SECOND, STAFF, Story

MANDATE = "mandate"
"""Both questions carried, and the employer shown to know it; the case still stands at `ballot_result`."""
SECOND_COUNT = "second_count"
"""The first mandate has two weeks left, action goes on, and a second vote is over and not counted."""
QUESTIONS = ("strike", "asos")
CARRIED = {"entitled": 12, "cast": 10, "strike_yes": 7, "strike_no": 3, "asos_yes": 9, "asos_no": 1}
LOST = {"entitled": 12, "cast": 5, "strike_yes": 5, "strike_no": 0, "asos_yes": 5, "asos_no": 0}
CLAUSES = (
    {"issue": "meetings", "what_changes": "One meeting a week, of an hour at most", "from_on": "2027-02-01"},
    {
        "issue": "observation",
        "what_changes": "Three observations a year, three hours in total",
        "from_on": "2027-02-01",
    },
)


def _members_arrange_to_meet(story: Story) -> None:
    story.act("members_meeting_arranged", by=STAFF, meets_on=day("Tue 2026-09-08"))


def _members_want_it_raised(story: Story) -> None:
    story.on("Tue 2026-09-08")
    story.act("members_meeting_held", by=STAFF, happened_on=day("Tue 2026-09-08"), present=10, in_favour=9)


def _the_head_refuses(story: Story) -> None:
    story.on("Tue 2026-09-15").act("head_met", by=STAFF, happened_on=day("Tue 2026-09-15"), answer="refused")


def _the_officer_accepts(story: Story) -> None:
    story.on("Mon 2026-09-21").act("officer_accepted")


def _the_officer_meets_members(story: Story) -> None:
    story.on("Mon 2026-09-28").act(
        "assessment_recorded", happened_on=day("Mon 2026-09-28"), present=11, ready_for_asos=10, ready_to_strike=8
    )


def _negotiation_fails(story: Story) -> None:
    story.on("Mon 2026-10-05").act("negotiation_held", happened_on=day("Mon 2026-10-05"), answer="refused")
    story.act("dispute_declared")


def _members_vote(story: Story) -> None:
    story.ballot("Tue 2026-10-20", "Tue 2026-11-17", QUESTIONS)
    story.on("Thu 2026-10-08").arrives("notice_of_ballot").arrives("sample_voting_paper").on("Tue 2026-10-20")


def _voting_is_over(story: Story) -> None:
    story.on("Wed 2026-11-18")


def _both_are_carried(story: Story) -> None:
    story.act("result_declared", **CARRIED)
    story.on("Thu 2026-11-19").arrives("ballot_result_employer", ReceiptKind.ACKNOWLEDGED)


def _asos_is_authorised(story: Story) -> None:
    story.act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07"))
    story.act("action_notices_approved", by=SECOND).on("Tue 2026-11-24").arrives("notice_of_action")


def _asos_begins(story: Story) -> None:
    story.on("Mon 2026-12-07")


def _members_want_to_escalate(story: Story) -> None:
    story.on("Mon 2027-01-11").act("escalation_sought", happened_on=day("Mon 2027-01-11"))


def _strike_days_are_notified(story: Story) -> None:
    story.act("escalation_meeting_held", happened_on=day("Mon 2027-01-11"), present=11, in_favour=8)
    story.strike("Thu 2027-01-14", "Wed 2027-01-27", "Thu 2027-01-28")


def _members_strike(story: Story) -> None:
    story.struck("Wed 2027-01-27", 7).struck("Thu 2027-01-28", 6).on("Fri 2027-01-29")


def _it_settles_and_pay_is_made_good(story: Story) -> None:
    """Two claim, the others worked; the union's sixty days pass before claims are closed."""
    story.on("Mon 2027-02-01").settle("Mon 2027-02-01", CLAUSES)
    story.claim(0, "Wed 2027-01-27", pence=10_000).claim(1, "Wed 2027-01-27", "Thu 2027-01-28", pence=20_000)
    story.approve_claims(by=FINANCE[0]).approve_claims(by=FINANCE[1]).pay()
    story.on("Tue 2027-03-30").act("claims_window_closed", by=FINANCE[0], reason="the others worked on both days")


def _the_agreement_is_signed(story: Story) -> None:
    story.on("Thu 2027-04-01").act("agreement_signed_off", happened_on=day("Thu 2027-04-01"))


def _monitoring_ends(story: Story) -> None:
    story.on("Wed 2027-06-30").act(
        "monitoring_check_recorded", by=STAFF, happened_on=day("Wed 2027-06-30"), evidence="One meeting a week"
    )
    story.act("monitoring_finished", reason="kept to for a term")


def _members_vote_again(story: Story) -> None:
    story.on("Mon 2027-09-06").act("negotiation_held", happened_on=day("Mon 2027-09-06"), answer="refused")
    story.ballot("Mon 2027-10-04", "Mon 2027-11-01", QUESTIONS)
    story.on("Thu 2027-09-23").arrives("notice_of_ballot").arrives("sample_voting_paper").on("Tue 2027-11-02")


SCENES: Mapping[str, Callable[[Story], None]] = {
    "raised": lambda story: None,
    "members_meeting": _members_arrange_to_meet,
    "head_meeting": _members_want_it_raised,
    "officer_assigned": _the_head_refuses,
    "officer_members_meeting": _the_officer_accepts,
    "officer_negotiation": _the_officer_meets_members,
    "ballot_preparation": _negotiation_fails,
    "ballot_open": _members_vote,
    "ballot_result": _voting_is_over,
    MANDATE: _both_are_carried,
    "asos_authorised": _asos_is_authorised,
    "asos_in_force": _asos_begins,
    "strike_escalation": _members_want_to_escalate,
    "strike_action": _strike_days_are_notified,
    "pay_reimbursement": _members_strike,
    "settled": _it_settles_and_pay_is_made_good,
    "monitoring": _the_agreement_is_signed,
    "closed": _monitoring_ends,
    SECOND_COUNT: _members_vote_again,
}
BRANCHES = {SECOND_COUNT: "strike_escalation"}
"""Where a place is reached from that does not follow the one before it."""
PLACES = tuple(SCENES)


def place_before(place: str) -> str | None:
    """The place from which one is reached; None for the first."""
    index = PLACES.index(place)
    return BRANCHES.get(place) or (PLACES[index - 1] if index else None)
