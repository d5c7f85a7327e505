"""The everyday ways through the dashboard in a browser: with JavaScript and without, by keyboard, on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, NewPage
from tests.browser.serving import Served, serving

pytestmark = pytest.mark.browser

MOST_TABS = 120
BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Dashboard and worker, without Prefect."""
    with serving(tmp_path_factory.mktemp("served"), prefect=False) as running:
        yield running


def until_over(page: Page) -> None:
    """Wait until a run's page says by itself that the run is over."""
    expect(page.get_by_role("status")).to_contain_text(re.compile("Completed|Failed"))


@BOTH
def test_an_event_recorded_by_the_form_moves_the_stage_and_the_worker_carries_on(
    served: Served, new_page: NewPage, javascript: bool
) -> None:
    """Turns red if the form loses its action, or if the worker takes no pending work."""
    page = served.let_in(new_page(javascript=javascript))
    page.goto(f"{served.url}/cases/{served.case_at_head(f'Ash School {javascript}')}")
    page.get_by_role("combobox", name="What happened").select_option("Record the meeting with the head teacher")
    if not javascript:
        page.get_by_role("button", name="Show its form").click()
    page.get_by_label("Day", exact=True).fill("1")
    page.get_by_label("Month", exact=True).fill("9")
    page.get_by_label("Year", exact=True).fill("2026")
    page.get_by_label("Refused", exact=True).check()
    page.get_by_role("button", name="Record", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("Recorded: Record the meeting with the head teacher")
    expect(page.locator("[aria-current=step]")).to_contain_text("Officer assigned")
    for _ in range(PATIENCE_MS // 500):
        if page.get_by_text("An officer was assigned").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    runs = page.get_by_role("region", name="Runs")
    expect(runs).to_contain_text("Mandate, by itself")


@BOTH
def test_a_flow_that_somebody_starts_is_seen_to_finish(served: Served, new_page: NewPage, javascript: bool) -> None:
    """Turns red if the run's page does not look again by itself: take `refresh` or `hx-trigger` out of run.html."""
    page = served.let_in(new_page(javascript=javascript))
    ref = served.case_at_head(f"Birch School {javascript}")
    page.goto(f"{served.url}/cases/{ref}")
    page.get_by_role("button", name="Advance this case now").click()
    expect(page).to_have_url(re.compile(r"/runs/\d+$"))
    until_over(page)

    expect(page.get_by_role("status")).to_have_text(re.compile("Completed.*The case went on."))
    expect(page.get_by_role("main")).to_contain_text("Prefect was not there; the same steps ran without it.")
    line = page.get_by_role("row").filter(has_text=ref)
    expect(line).to_contain_text("1 event")
    line.get_by_role("link", name=ref).click()
    expect(page.get_by_role("main")).to_contain_text("letter was made out to the head teacher")
    expect(page.get_by_role("region", name="Runs")).to_contain_text("Completed")


@BOTH
def test_a_sweep_is_started_from_the_deadlines(served: Served, new_page: NewPage, javascript: bool) -> None:
    page = served.let_in(new_page(javascript=javascript))
    page.goto(f"{served.url}/deadlines")
    page.get_by_role("button", name="Sweep deadlines now").click()
    until_over(page)
    expect(page.get_by_role("main")).to_contain_text("What it counted")
    page.get_by_role("link", name="Runs", exact=True).first.click()
    expect(page.get_by_role("table")).to_contain_text("Sweep deadlines")


@BOTH
def test_a_case_is_opened(served: Served, new_page: NewPage, javascript: bool) -> None:
    """First with the issues forgotten: the summary leads to the field, and what was typed is still there."""
    name = served.school(f"Cedar School {javascript}")
    page = served.let_in(new_page(javascript=javascript))
    page.goto(served.url)
    page.get_by_role("button", name="Open a case").click()
    page.get_by_label("Which workplace is it").fill(name)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=name).click()
    page.get_by_label("One by one").check()
    page.get_by_role("button", name="Open the case").click()

    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("What is it about: choose at least one")
    expect(page.get_by_label("One by one")).to_be_checked()
    if javascript:
        expect(page.locator(".govuk-error-summary")).to_be_focused()
        summary.get_by_role("link").click()
        expect(page.locator("#facts-issues")).to_be_focused()

    page.get_by_label("Lesson planning").check()
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_role("alert")).to_contain_text("the case is open")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("[aria-current=step]")).to_contain_text("Raised")


def tab_to(page: Page, what: str) -> None:
    """Press Tab until the element is in focus."""
    target = page.locator(what).first
    for _ in range(MOST_TABS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{what} is not reached by keyboard")


def test_a_case_is_opened_and_advanced_by_keyboard_alone(served: Served, new_page: NewPage) -> None:
    """Turns red if a control is no button or link, or takes itself out of the order."""
    name = served.school("Damson School")
    page = served.let_in(new_page())
    page.goto(f"{served.url}/cases/new")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    tab_to(page, "#q")
    page.keyboard.type("damson")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=name)).to_be_visible()
    tab_to(page, ".mandate-deadlines a")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    tab_to(page, "#facts-issues")
    page.keyboard.press("Space")
    tab_to(page, "form#facts button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("the case is open")
    tab_to(page, "form[action$='/runs'] button")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/runs/\d+$"))
    until_over(page)
