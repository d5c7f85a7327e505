"""Days that are easily counted wrongly: summer time, Christmas, and the law that changed on 18 February 2026."""

from __future__ import annotations

from datetime import time

import pytest
from sqlalchemy import delete

from ballots.repository import ballot_of
from casework.lifecycle import EventKind, Stage
from core.clock import StoredClock, london_instant, set_stored_clock
from core.db import Database
from core.unit_of_work import reading, unit_of_work
from notifications.proof import ReceiptKind
from tests.days import day
from tests.stories.climb import CARRIED
from tests.stories.conftest import At, raised
from tests.stories.telling import SECOND, STAFF, Story


@pytest.fixture
def last_winter(database: Database, tmp_path: object) -> Story:
    """A case that came to the threshold of a ballot in January 2026, under the law before 18 February."""
    with unit_of_work("staff:test") as uow:
        uow.session.execute(delete(StoredClock))
        set_stored_clock(uow.session, london_instant(day("Mon 2026-01-05"), time(9)))
    story = raised(tmp_path)  # type: ignore[arg-type]
    story.act("members_meeting_arranged", by=STAFF, meets_on=day("Mon 2026-01-05"))
    story.act("members_meeting_held", by=STAFF, happened_on=day("Mon 2026-01-05"), present=10, in_favour=9)
    story.act("head_met", by=STAFF, happened_on=day("Mon 2026-01-05"), answer="refused").act("officer_accepted")
    met = {"present": 11, "ready_for_asos": 10, "ready_to_strike": 8}
    story.act("assessment_recorded", happened_on=day("Mon 2026-01-05"), **met)
    return story.act("negotiation_held", happened_on=day("Mon 2026-01-05"), answer="refused").act("dispute_declared")


def voted(story: Story, opens: str, closes: str, papers_on: str, counted_on: str, **figures: int) -> Story:
    """A ballot whose papers came on a day, and its result."""
    story.ballot(opens, closes, ["strike", "asos"]).on(papers_on)
    story.arrives("notice_of_ballot").arrives("sample_voting_paper").on(counted_on)
    return story.act("result_declared", **figures)


def test_four_of_twelve_say_yes_under_the_old_law_and_the_new(last_winter: Story) -> None:
    """
    Seven vote, four Yes: half voted and most said Yes, and a third of all is not 40%. Opened on 17 February that loses.

    Turns red if the support threshold is dropped before its day (`ballots.support_fraction`).
    """
    seven = {"entitled": 12, "cast": 7, "strike_yes": 4, "strike_no": 3, "asos_yes": 5, "asos_no": 2}
    story = voted(last_winter, "Tue 2026-02-17", "Tue 2026-03-10", "Mon 2026-02-02", "Wed 2026-03-11", **seven)
    with reading() as uow:
        ballot = ballot_of(uow, story.case_id)
        assert ballot is not None
        assert ballot.result is not None
        reasons = {kind: each["reasons"] for kind, each in ballot.result["questions"].items()}
    assert reasons == {"strike": ["support_not_met"], "asos": []}
    assert story.due()["mandate_ends"] == day("Wed 2026-09-09")


def test_the_same_votes_carry_it_a_day_later(last_winter: Story) -> None:
    """Turns red if the law of the notice's day decides and not the opening's, or the mandate keeps its six months."""
    seven = {"entitled": 12, "cast": 7, "strike_yes": 4, "strike_no": 3, "asos_yes": 5, "asos_no": 2}
    story = voted(last_winter, "Wed 2026-02-18", "Tue 2026-03-10", "Mon 2026-02-02", "Wed 2026-03-11", **seven)
    assert story.events(EventKind.RESULT_DECLARED)[0].facts["mandates"] == ["strike", "asos"]
    assert story.due()["mandate_ends"] == day("Tue 2027-03-09")


@pytest.mark.parametrize(
    ("served", "stage"), [("Tue 2026-03-17", "strike_action"), ("Wed 2026-03-18", "strike_escalation")]
)
def test_a_ballot_of_the_old_law_and_a_notice_of_the_new(last_winter: Story, served: str, stage: str) -> None:
    """
    Opened on 9 February, so six months and 40%; the notice comes after the 18th, so ten days before Friday 27 March.

    Turns red if one switch decides for every rule.
    """
    story = voted(last_winter, "Mon 2026-02-09", "Fri 2026-03-13", "Mon 2026-01-26", "Mon 2026-03-16", **CARRIED)
    story.arrives("ballot_result_employer", ReceiptKind.ACKNOWLEDGED)
    assert story.due()["mandate_ends"] == day("Sat 2026-09-12")
    story.act("escalation_sought", happened_on=day("Mon 2026-03-16"))
    story.act("strike_authorised", days=[day("Fri 2026-03-27")])
    assert story.due()["action_notice_received"] == day("Tue 2026-03-17")
    story.act("action_notices_approved", by=SECOND).on(served).arrives("notice_of_action")
    assert story.stage is Stage(stage)


def test_clocks_go_back_while_members_vote(at: At) -> None:
    """
    Sunday 25 October 2026 has 25 hours; the ballot still closes after Tuesday 17 November.

    Turns red if days are counted in hours.
    """
    story = at("ballot_open").on("Sat 2026-10-24").on("Mon 2026-10-26").on("Tue 2026-11-17")
    assert story.stage is Stage.BALLOT_OPEN
    story.on("Wed 2026-11-18")
    assert story.events(EventKind.BALLOT_CLOSED)[0].happened_on == day("Tue 2026-11-17")


@pytest.mark.parametrize(
    ("first_day", "latest"),
    [("Thu 2027-04-01", "Mon 2027-03-22"), ("Mon 2027-01-04", "Fri 2026-12-25"), ("Mon 2027-11-08", "Fri 2027-10-29")],
    ids=["clocks go forward", "Christmas Day", "clocks go back"],
)
def test_every_day_counts_towards_the_notice(at: At, first_day: str, latest: str) -> None:
    """Turns red if ten days are 240 hours, or holidays and weekends do not count."""
    story = at("mandate").act("asos_authorised", instructions=[2], starts_on=day(first_day))
    assert story.due()["action_notice_received"] == day(latest)


def test_the_result_waits_over_the_weekend(at: At) -> None:
    """Declared on Friday 18 December, told by Monday; on Christmas Eve, by the Tuesday after Boxing Day's holiday."""
    story = at("ballot_preparation").ballot("Mon 2026-11-23", "Wed 2026-12-23", ["asos"])
    story.on("Mon 2026-11-09").arrives("notice_of_ballot").arrives("sample_voting_paper").on("Thu 2026-12-24")
    story.act("result_declared", entitled=12, cast=10, asos_yes=9, asos_no=1)
    assert story.due()["result_to_employers"] == day("Tue 2026-12-29")
    assert story.due()["mandate_ends"] == day("Wed 2027-12-22")


def test_a_proof_turns_out_wrong_and_the_paper_is_handed_over(at: At) -> None:
    """
    The courier's slip was somebody else's: the employer had refused the letter. It is handed over on the last good day.

    Turns red if a withdrawn proof still opens the ballot, or the second proof counts from the first day.
    """
    story = at("ballot_preparation").ballot("Tue 2026-10-20", "Tue 2026-11-17", ["strike", "asos"])
    story.on("Thu 2026-10-08").arrives("notice_of_ballot", ReceiptKind.COURIER).on("Fri 2026-10-09")
    (letter,) = [each for each in story.notices("notice_of_ballot") if each.medium.value == "letter"]
    story.act("receipt_withdrawn", proved=letter.id, reason="the desk refused the letter")
    story.arrives("sample_voting_paper").on("Tue 2026-10-13").arrives("notice_of_ballot")
    assert story.events(EventKind.BALLOT_NOTICES_SERVED)[0].facts["notice_of_ballot"] == "2026-10-13"
    story.on("Tue 2026-10-20")
    assert story.stage is Stage.BALLOT_OPEN
