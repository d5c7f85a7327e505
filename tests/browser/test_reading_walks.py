"""Walks over the played demonstration, which only read: an officer's morning, and a rep on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from app import signing_in
from app.web import create_app
from core.clock import set_stored_clock
from core.db import Database
from core.unit_of_work import unit_of_work
from tests.app.signed_in import EVERYTHING, a_key, an_account
from tests.app.test_ballot_page import voting
from tests.browser.answering import Standing, answering, standing_demonstration
from tests.browser.conftest import NewPage
from tests.browser.looking import look_at, sideways
from tests.browser.pictures import keep
from tests.demonstration import Demonstration
from tests.engines import Engine

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
PHONE = {"width": 390, "height": 844}
MORNING = datetime(2027, 7, 9, 8, 0, tzinfo=UTC)
"""On which the head teacher of the case that climbs every rung is to answer."""
ANSWER = "The head teacher's answer"
FINGER = 24
"""Pixels that a control measures at least (WCAG 2.2, 2.5.8)."""


@pytest.fixture(scope="module")
def standing(demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """The demonstration, served from a copy without a worker."""
    with standing_demonstration(demonstration.folder, tmp_path_factory.mktemp("walks")) as found:
        with found.scene.database.writing() as session:
            set_stored_clock(session, MORNING)
        yield found


@pytest.fixture(scope="module")
def engine(engines: Callable[[str], Engine]) -> Engine:
    """A browser shows the same whichever database is behind."""
    return engines("sqlite")


def let_in(page: Page, standing: Standing, key: str) -> Page:
    """The page in the browser of whoever holds the key of a sign-in."""
    page.context.add_cookies([{"name": signing_in.PLAIN_NAME, "value": key, "url": standing.url}])
    return page


@BOTH
def test_an_officers_morning(standing: Standing, new_page: NewPage, javascript: bool) -> None:
    """
    What needs somebody today, the case that the first of it is about, and why a date falls on its day.

    Turns red if a need leads nowhere, or if `Why this date?` opens by a script only.
    """
    page = let_in(new_page(javascript=javascript), standing, standing.scene.whole)
    page.goto(standing.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Needs you today")
    need = page.locator(".mandate-need").filter(has=page.get_by_role("heading", name=ANSWER)).first
    if javascript:
        keep(page, "morning")
    ref = need.get_by_role("link", name=re.compile(r"^\d{4}-\d{4}$")).inner_text()
    need.get_by_role("link", name=ref, exact=True).click()
    expect(page.get_by_text(f"Case {ref}", exact=True)).to_be_visible()
    case = page.get_by_role("region", name="What is next")
    expect(case).to_contain_text(ANSWER)
    why = case.locator("details").first
    expect(why.get_by_text("Rule", exact=True)).to_be_hidden()
    why.get_by_text("Why this date?").click()
    expect(why.get_by_text("Rule", exact=True)).to_be_visible()
    if javascript:
        keep(page, "case", height=900)
        keep(page, "why-this-date", top=case)


def test_a_ballot_that_is_open(database: Database, new_page: NewPage) -> None:
    """
    What no ballot of the demonstration shows any more: voting under way, with a count and a forecast.

    Turns red if the drawing of the turnout, or a state of a step that is ahead, is a barrier to somebody.
    """
    with unit_of_work("staff:test", as_of=datetime(2026, 9, 1, 9, tzinfo=UTC), on=database) as uow:
        ref = voting(uow)[0].ballot.ref
    with database.writing() as session:
        set_stored_clock(session, datetime(2026, 11, 4, 9, tzinfo=UTC))
    key = a_key(database, an_account(database, EVERYTHING))
    with answering(create_app(database)) as url:
        page = new_page(javascript=True)
        page.context.add_cookies([{"name": signing_in.PLAIN_NAME, "value": key, "url": url}])
        page.goto(f"{url}/ballots/{ref}")
        expect(page.get_by_text("4 more papers must come back")).to_be_visible()
        keep(page, "ballot", top=page.get_by_role("heading", name="The timetable"), height=640)
        assert look_at(page) == {}


@BOTH
def test_a_rep_on_a_phone(standing: Standing, new_page: NewPage, javascript: bool) -> None:
    """
    A rep sees the dispute of their own workplace, what is due and why; and nothing else.

    Turns red if a control is too small for a finger, if the page moves sideways, or if a rep sees the board.
    """
    page = let_in(new_page(javascript=javascript, width=PHONE["width"]), standing, standing.scene.rep)
    page.goto(f"{standing.url}/your-workplace")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your workplace")
    if javascript:
        page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Your workplace")).to_be_visible()
    expect(page.get_by_role("link", name="Notices")).to_have_count(0)
    if javascript:
        page.get_by_role("button", name="Menu").click()
    assert sideways(page) == []
    if javascript:
        keep(page, "rep-on-a-phone", width=PHONE["width"], height=PHONE["height"])
        assert look_at(page) == {}
    page.get_by_text("Why this date?").first.click()
    expect(page.get_by_text("Rule", exact=True).first).to_be_visible()
    for control in page.locator("main summary, main button").all():
        box = control.bounding_box()
        assert box is None or min(box["height"], box["width"]) >= FINGER
    page.goto(f"{standing.url}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your workplace")
