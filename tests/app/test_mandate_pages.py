"""Mandates have a list and a page each: their days and why, what rests on them, what ends them, and who sees them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from app.cli.mandates import tell_mandate, tell_mandates
from app.mandate_lines import MandateLine, MandateStanding, mandates, place_of
from app.mandate_views import MandatePage, mandate_page
from ballots.mandate import ActionKind
from ballots.models import MandateRow
from casework import handlers
from casework.lifecycle import EventKind
from casework.people.roles import Grant, Role
from core.db import Database
from core.settings import settings
from core.unit_of_work import UnitOfWork, unit_of_work
from tests.app.conftest import Command
from tests.app.schools import stand_on
from tests.app.signed_in import signed_in
from tests.ballots.schools import Schools, carried, joined, together, voting_over
from tests.builders import an_association
from tests.days import day

LAST = "Tue 2027-11-16"


def given(uow: UnitOfWork) -> Schools:
    """Two schools whose ballot, over on 17 November 2026, gave a mandate for each kind of action."""
    return carried(voting_over(together(joined(uow, 4, 5))), 9, 6, 1).on("Fri 2026-11-20")


def for_asos(uow: UnitOfWork) -> MandateLine:
    """The one for action short of a strike."""
    return next(each for each in mandates(uow) if each.kind is ActionKind.ASOS)


def page_of(made: Schools) -> MandatePage:
    """The page of the mandate for action short of a strike."""
    return mandate_page(made.uow, for_asos(made.uow).id)


def under_way(made: Schools) -> Schools:
    """The first school's action is authorised under that mandate."""
    made[0].act("asos_authorised", instructions=[2], starts_on=day("Mon 2026-12-07"))
    return made


def test_a_result_gives_a_mandate_for_each_kind_of_action_and_says_why_it_lasts_so_long(uow: UnitOfWork) -> None:
    """
    Turns red when the last day of receipt is not that of the last day of action, the first day cites another section
    than the last, or a school of the ballot is left out.
    """
    made = given(uow)
    page = page_of(made)
    assert len(mandates(made.uow)) == len(ActionKind)
    assert (page.line.standing, page.line.first_day, page.line.last_day) == (
        MandateStanding.LASTS,
        day("Tue 2026-11-17"),
        day(LAST),
    )
    assert page.last_notice is not None
    assert page.last_notice.on == day("Sat 2027-11-06")
    assert page.why is not None
    assert page.why_first["citation"]["provision"] == "s. 234"
    assert [(each.case_ref, each.settled_on) for each in page.schools] == [(each.case.ref, None) for each in made]
    assert [act.name for act in page.next] == ["asos_authorised", "escalation_sought"]


def test_what_rests_on_a_mandate_is_its_own_kind_of_action(uow: UnitOfWork) -> None:
    """Turns red when another mandate's action, or an event of it, is let through."""
    made = under_way(given(uow))
    page = page_of(made)
    (action,) = page.actions
    assert (action.case_ref, action.starts_on, action.instructions) == (made[0].case.ref, day("Mon 2026-12-07"), (2,))
    assert [event.title.partition(":")[0] for event in page.events] == [
        "Action short of a strike was authorised under instruction 2.",
        "The result was declared",
    ]
    assert {act.name for act in page.next} >= {"notice_received", "asos_authorised", "escalation_sought"}
    (other,) = (each for each in mandates(made.uow) if each.kind is ActionKind.STRIKE)
    of_strike = mandate_page(made.uow, other.id)
    assert of_strike.actions == ()
    assert "escalation_sought" in {act.name for act in of_strike.next}


def test_the_command_line_tells_a_mandate(uow: UnitOfWork, capsys: pytest.CaptureFixture[str]) -> None:
    """Turns red when a day is left out, or told as programs write it."""
    made = given(uow)
    tell_mandates(mandates(made.uow))
    assert "16 November 2027" in capsys.readouterr().out
    tell_mandate(page_of(made), explained=True)
    told = " ".join(capsys.readouterr().out.split())
    for piece in ("361 days left", "received by Saturday 6 November 2027", "Next: Authorise", "Last day to receive"):
        assert piece in told


def test_a_mandate_lasts_to_the_end_of_its_last_day(uow: UnitOfWork) -> None:
    """Turns red when the last day is not one of the mandate's, or the day after still is, or offers action under it."""
    made = given(uow).on(LAST)
    page = page_of(made)
    assert page.next
    assert (page.line.standing, page.line.days_left, page.runs_out_soon) == (MandateStanding.LASTS, 0, True)
    made.on("Wed 2027-11-17")
    page = page_of(made)
    assert (page.line.standing, page.last_notice, page.runs_out_soon) == (MandateStanding.OVER, None, False)
    assert (page.next, page.takes_back) == ((), ())
    assert place_of(page.line)[0] == 1


def test_a_mandate_that_every_school_has_left_counts_no_more(uow: UnitOfWork) -> None:
    """Turns red when it outlives its schools, though its days are not over."""
    made = given(uow)
    for school in made:
        handlers.record(made.uow, school.case_id, EventKind.SETTLEMENT_REACHED, {"reason": "by agreement"})
    page = page_of(made)
    assert (page.line.standing, page.next, page.takes_back) == (MandateStanding.LEFT, (), ())
    assert {school.settled_on for school in page.schools} == {day("Fri 2026-11-20")}


def test_a_mandate_runs_out_soon_from_the_first_day_of_the_warning(uow: UnitOfWork) -> None:
    """Turns red when the day that is exactly the union's figure of days before the last is not within it."""
    made = given(uow)
    begins = day(LAST) - timedelta(days=settings().mandate_warning_days)
    for on, soon in ((begins - timedelta(days=1), False), (begins, True)):
        made.on(f"{on:%a %Y-%m-%d}")
        assert mandate_page(made.uow, for_asos(made.uow).id).runs_out_soon is soon


def test_a_workplace_has_the_mandates_that_cover_it(uow: UnitOfWork) -> None:
    """Turns red when a workplace is given every mandate of its ballot, which may be with another's employer."""
    made = given(uow)
    one, other = (each.case.workplace_id for each in made)
    covers = made.uow.session.get_one(MandateRow, for_asos(made.uow).id)
    covers.workplace_ids = [str(other)]
    made.uow.session.flush()
    assert [len(mandates(made.uow, each)) for each in (one, other)] == [1, 2]


@dataclass
class Seen:
    """The mandate of two schools of two associations, as somebody at one of them and somebody elsewhere see it."""

    local: TestClient
    national: TestClient
    elsewhere: TestClient
    id: str
    cases: list[str]


@pytest.fixture
def seen(database: Database) -> Iterator[Seen]:
    with unit_of_work("staff:test", as_of=datetime(2026, 9, 1, 9, tzinfo=UTC), on=database) as uow:
        made = given(uow)
        made[0].act("asos_authorised", instructions=[2], starts_on=day("Mon 2026-12-07"))
        places = (made[0].case.workplace.association_id, an_association(uow).id)
        found, cases = str(for_asos(uow).id), [each.case.ref for each in made]
    stand_on(database, day("Fri 2026-11-20"))
    grants = [Grant(Role.ASSOCIATION_SECRETARY, places[0]), Grant(Role.NATIONAL_OFFICIAL)]
    grants.append(Grant(Role.ASSOCIATION_SECRETARY, places[1]))
    with ExitStack() as clients:
        yield Seen(*(clients.enter_context(signed_in(database, grant)) for grant in grants), found, cases)


def test_pages_csv_and_api_show_what_is_reached(seen: Seen) -> None:
    """
    Turns red when another association's school is named, a list shows a mandate whose page is not there, or one of the
    pages that name a mandate does not lead to its own.
    """
    page = seen.local.get(f"/mandates/{seen.id}").text
    assert "Mandate for action short of a strike" in page
    assert "Why this date?" in page
    assert [ref in page for ref in seen.cases] == [True, False]
    assert "1 more that your roles do not reach" in page
    assert all(ref in seen.national.get(f"/mandates/{seen.id}").text for ref in seen.cases)
    for client, there in ((seen.local, True), (seen.national, True), (seen.elsewhere, False)):
        assert (seen.id in client.get("/mandates").text) is there
        assert (seen.id in client.get("/mandates.csv").text) is there
        assert (seen.id in {each["id"] for each in client.get("/api/mandates").json()["mandates"]}) is there
        for address in (f"/mandates/{seen.id}", f"/mandates/{seen.id}/action.csv", f"/api/mandates/{seen.id}"):
            assert client.get(address).status_code == (200 if there else 404)
    (row,) = csv.DictReader(io.StringIO(seen.national.get(f"/mandates/{seen.id}/action.csv").text))
    assert (row["case"], row["starts_on"], row["stage"]) == (seen.cases[0], "2026-12-07", "authorised")
    told = seen.national.get(f"/api/mandates/{seen.id}").json()["mandate"]
    assert (told["line"]["last_day"], told["last_notice"]["on"]) == ("2027-11-16", "2027-11-06")

    _other_pages_lead_to_it(seen)


def _other_pages_lead_to_it(seen: Seen) -> None:
    line = seen.national.get(f"/api/mandates/{seen.id}").json()["mandate"]["line"]
    number = seen.national.get(f"/api/cases/{seen.cases[0]}").json()["number"].split()[1]
    for address in (
        f"/ballots/{line['ballot_ref']}",
        f"/disputes/{line['dispute_ref']}",
        f"/cases/{seen.cases[0]}",
        f"/workplaces/{number}",
    ):
        assert f'href="/mandates/{seen.id}"' in seen.national.get(address).text, address


def test_no_mandate_yet(client: TestClient, command: Command) -> None:
    """Turns red when the empty list says nothing."""
    assert "No ballot that your roles reach has given one yet" in client.get("/mandates").text
    assert "No ballot has given a mandate yet" in command("ballot", "mandates").out
    missing = command("ballot", "mandate", "0198c2a0-1111-7222-8333-444455556666")
    assert (missing.code, "There is no mandate" in missing.err) == (3, True)
