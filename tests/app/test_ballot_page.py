"""A ballot's page: its timetable and its turnout as drawings with tables, who is next, and who sees it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from app.ballot_timetable import lines_of
from app.ballot_views import ballot_page
from app.cli.ballot import tell_result, tell_timetable
from app.timetable_lines import Part, StepState, drawings
from casework.people.roles import Grant, Role
from core.db import Database
from core.errors import NotFound
from core.unit_of_work import UnitOfWork, unit_of_work
from tests.app.schools import stand_on
from tests.app.signed_in import signed_in
from tests.ballots.scenes import OPENS, SECOND
from tests.ballots.schools import Schools, carried, joined, together, voting_over
from tests.builders import an_association
from tests.days import day


def voting(uow: UnitOfWork) -> Schools:
    """Two schools of 14 and 15 vote together; 8 papers had come back by 27 October and 11 by 3 November."""
    made = together(joined(uow, 14, 15))
    made.on("Wed 2026-10-07")[0].act("ballot_notices_approved", by=SECOND)
    made.on("Thu 2026-10-08")[-1].arrives("notice_of_ballot").arrives("sample_voting_paper")
    made.on(OPENS, work=True).on("Tue 2026-10-27")[0].act("turnout_reported", cast=8)
    made.on("Tue 2026-11-03")[0].act("turnout_reported", cast=11)
    return made.on("Wed 2026-11-04")


def states(made: Schools) -> dict[str, StepState]:
    return {line.key: line.state for line in lines_of(made.uow, made[0].ballot)}


def test_a_paper_is_in_time_on_its_last_day_and_too_late_on_the_next(uow: UnitOfWork) -> None:
    """Turns red when `<=` becomes `<` in `receipt_state`: 13 October is the seventh day before 20 October."""
    made = together(joined(uow, 4, 5))
    made.on("Wed 2026-10-07")[0].act("ballot_notices_approved", by=SECOND)
    made.on("Tue 2026-10-13")
    assert states(made)["notice_of_ballot"] is StepState.TO_DO
    made.on("Wed 2026-10-14")
    assert states(made)["notice_of_ballot"] is StepState.OVERDUE
    assert states(made)["sample_voting_paper"] is StepState.TO_DO
    letter = made[0].papers("notice_of_ballot")[0]
    made[0].act("notice_received", notice=letter.id, received_on=day("Tue 2026-10-13"), how="handed_over")
    assert states(made)["notice_of_ballot"] is StepState.DONE


def test_the_timetable_of_a_ballot_that_gave_a_mandate(uow: UnitOfWork) -> None:
    """Turns red when a step is left out, or a day is another than the law's."""
    made = carried(voting_over(together(joined(uow, 4, 5))), 9, 6, 1).on("Fri 2026-11-20")
    lines = {line.key: line for line in lines_of(made.uow, made[0].ballot)}
    assert [*lines] == [
        "notice_of_ballot",
        "sample_voting_paper",
        "opens",
        "closes",
        "declared",
        "result_to_members",
        "result_to_employers",
        "earliest_action",
        "mandate_2027-11-16",
    ]
    assert lines["notice_of_ballot"].not_after == day("Tue 2026-10-13")
    assert lines["sample_voting_paper"].not_after == day("Sat 2026-10-17")
    assert lines["closes"].planned == (day("Tue 2026-10-20"), day("Tue 2026-11-17"))
    assert lines["earliest_action"].not_before == day("Mon 2026-11-30")
    assert lines["mandate_2027-11-16"].state is StepState.NOW
    assert {line.state for line in lines.values() if line.part is Part.BALLOT} == {StepState.DONE}
    assert all(line.why for key, line in lines.items() if key != "declared")
    assert all(line.who for line in lines.values())


def test_action_stands_in_the_timetable_with_its_notice(uow: UnitOfWork) -> None:
    """Turns red when the bound of the first day is not that of the receipt: ten days after 20 November."""
    made = carried(voting_over(together(joined(uow, 4, 5))), 9, 6, 1).on("Fri 2026-11-20")
    made[0].act("asos_authorised", instructions=[2], starts_on=day("Mon 2026-12-07"))
    before = {line.key: line for line in lines_of(made.uow, made[0].ballot)}
    assert before["notice_asos_2026-12-07"].state is StepState.TO_DO
    assert before["notice_asos_2026-12-07"].not_after == day("Fri 2026-11-27")
    assert before["asos_2026-12-07"].not_before is None
    made[0].action_arrives()
    after = {line.key: line for line in lines_of(made.uow, made[0].ballot)}
    assert after["notice_asos_2026-12-07"].done == (day("Fri 2026-11-20"),) * 2
    assert after["asos_2026-12-07"].not_before == day("Mon 2026-11-30")
    assert "earliest_action" not in after


def test_a_cancelled_ballot_has_nothing_to_do(uow: UnitOfWork) -> None:
    """Turns red when what will never happen is called overdue, or next."""
    made = together(joined(uow, 4, 5))
    ballot = made[0].ballot
    made[0].act("ballot_cancelled", reason="the head teacher agreed")
    made.on("Fri 2027-01-15")
    lines = lines_of(made.uow, ballot)
    assert {line.state for line in lines} == {StepState.OFF}
    assert [*drawings(lines, made.uow.today)] == [Part.BALLOT]
    assert ballot_page(made.uow, ballot.ref).next == ()


def test_a_ballot_says_that_all_action_is_off(uow: UnitOfWork) -> None:
    """Turns red when its page shows action that may go on, while nobody may be called."""
    made = carried(voting_over(together(joined(uow, 4, 5))), 9, 6, 1).on("Fri 2026-11-20")
    ballot = made[0].ballot.ref
    made[0].act("asos_authorised", instructions=[2], starts_on=day("Mon 2026-12-07"))
    assert ballot_page(made.uow, ballot).off_since is None
    made[0].act("dispute_stood_down", reason="injunction", note="The High Court.")
    assert ballot_page(made.uow, ballot).off_since == made.uow.now


def test_a_ballot_that_is_not_there_is_not_found(uow: UnitOfWork) -> None:
    with pytest.raises(NotFound):
        ballot_page(uow, "B-2026-0001-1")


def test_the_command_line_tells_the_same(uow: UnitOfWork, capsys: pytest.CaptureFixture[str]) -> None:
    """Turns red when a step or the forecast is left out."""
    made = voting(uow)
    shown = ballot_page(made.uow, made[0].ballot.ref)
    tell_timetable(shown)
    told = capsys.readouterr().out
    assert "Papers returned: 11 of 29; 15 are asked for." in told
    assert "At the paces so far: 17 to 22 by Tuesday 17 November 2026." in told
    assert all(line.label.split()[0] in told for line in shown.lines)


def test_a_lost_ballot_is_told_in_words(uow: UnitOfWork, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Turns red when a finding, a stage or a shortfall is told by its code, or a scrutineer's report is next of a ballot
    without.
    """
    made = carried(voting_over(together(joined(uow, 4, 5))), 9, 1, 2).on("Fri 2026-11-20")
    shown = ballot_page(made.uow, made[0].ballot.ref)
    told = [finding.sentence for finding in shown.findings]
    assert not [each for each in told if "asos" in each or each.startswith("strike:")]
    assert shown.scrutineer is None
    assert "scrutineer_reported" not in {act.name for act in shown.next}
    tell_result(made[0].ballot.result or {})
    told_by_command = " ".join(capsys.readouterr().out.split())
    assert "The result: 3 papers came back" in told_by_command
    assert "none: no majority" in told_by_command
    assert "_not_met" not in told_by_command


@dataclass
class Seen:
    """The ballot of two schools of two associations, as somebody at one of them and somebody national see it."""

    local: TestClient
    national: TestClient
    ref: str
    cases: list[str]
    elsewhere: TestClient


@pytest.fixture
def seen(database: Database) -> Iterator[Seen]:
    with unit_of_work("staff:test", as_of=datetime(2026, 9, 1, 9, tzinfo=UTC), on=database) as uow:
        made = voting(uow)
        grants = [
            Grant(Role.ASSOCIATION_SECRETARY, made[0].case.workplace.association_id),
            Grant(Role.NATIONAL_OFFICIAL),
        ]
        ref, cases = made[0].ballot.ref, [each.case.ref for each in made]
        grants.append(Grant(Role.ASSOCIATION_SECRETARY, an_association(uow).id))
    stand_on(database, day("Wed 2026-11-04"))
    with ExitStack() as clients:
        local, national, elsewhere = (clients.enter_context(signed_in(database, grant)) for grant in grants)
        yield Seen(local, national, ref, cases, elsewhere)


def test_the_page_draws_and_tells_the_same(seen: Seen) -> None:
    """Turns red when a drawing has no title, description or table, or the page says more than counts of papers."""
    answer = seen.national.get(f"/ballots/{seen.ref}")
    assert answer.status_code == 200
    for key in ("ballot-days", "action-days", "turnout"):
        assert re.search(rf'<title id="{key}-title">[^<]+</title>\s*<desc id="{key}-desc">[^<]+</desc>', answer.text)
    assert answer.text.count("Why this date?") == 6
    said = " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())
    assert "Received: not later than Tue 13 October 2026" in said
    assert "4 more papers must come back of the 15 that the law asks for: up to 1 on each of the 13 days left." in said
    assert "Forecast for 17 November 2026: 17 to 22 papers, enough either way." in said
    assert "Report the turnout so far Who: ballot team, national official" in said
    assert f'href="/cases/{seen.cases[0]}?act=turnout_reported#record"' in answer.text
    assert "A day of voting is changed by cancelling the ballot" in said
    nonce = re.findall(r'name="nonce" value="([^"]+)"', answer.text)[0]
    made = seen.national.post("/account/calendars", data={"ballot": seen.ref, "nonce": nonce})
    assert made.status_code == 200
    assert f"Ballot {seen.ref}" in made.text
    assert re.search(r"/calendar/[\w-]{40,}/deadlines\.ics", made.text)


def test_somebody_at_one_school_sees_the_whole_timetable_and_their_own_case(seen: Seen) -> None:
    """Turns red when the other school's case is named, or the days rest on one school alone."""
    answer = seen.local.get(f"/ballots/{seen.ref}")
    assert answer.status_code == 200
    assert seen.cases[0] in answer.text
    assert seen.cases[1] not in answer.text
    assert "1 more that your roles do not reach" in answer.text
    assert "29 entitled to vote" in answer.text
    assert "act=turnout_reported" not in answer.text, "an association secretary reports no turnout"


def test_whoever_reaches_none_of_its_schools_finds_no_ballot(seen: Seen) -> None:
    """Turns red when the ballot is asked for before the session is narrowed."""
    for path in ("", "/timetable.csv", "/turnout.csv"):
        assert seen.elsewhere.get(f"/ballots/{seen.ref}{path}").status_code == 404
    assert seen.elsewhere.get(f"/api/ballots/{seen.ref}").status_code == 404


def test_the_tables_can_be_kept_and_programs_read_the_same(seen: Seen) -> None:
    timetable = list(csv.DictReader(io.StringIO(seen.national.get(f"/ballots/{seen.ref}/timetable.csv").text)))
    assert (timetable[0]["step"], timetable[0]["not_after"]) == ("Notice of ballot to the employer", "2026-10-13")
    counts = list(csv.DictReader(io.StringIO(seen.national.get(f"/ballots/{seen.ref}/turnout.csv").text)))
    assert [row["papers_returned"] for row in counts] == ["8", "11", "17", "22"]
    document = seen.national.get(f"/api/ballots/{seen.ref}").json()["ballot"]
    assert [line["not_after"] for line in document["lines"][:2]] == ["2026-10-13", "2026-10-17"]
    assert document["turnout"]["forecast"] == {
        "by": "2026-11-17",
        "at_the_latest_pace": 17,
        "at_the_pace_so_far": 22,
    }
    assert [act["name"] for act in document["next"]] == ["notice_received", "turnout_reported"]
