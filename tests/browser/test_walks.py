"""Walks through the dashboard with the worker beside it: with JavaScript and without, and by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE_MS, NewPage
from tests.browser.looking import look_at
from tests.browser.pictures import keep
from tests.browser.serving import Served, serving

pytestmark = pytest.mark.browser

MOST_TABS = 120
TODAY = date(2026, 9, 1)
"""Where the clock of what is served stands."""
BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
WITH_AND_FULLY_WITHOUT = pytest.mark.parametrize(
    "javascript",
    [
        pytest.param(True, id="with-javascript"),
        pytest.param(False, id="without-javascript", marks=pytest.mark.full),
    ],
)


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

    expect(page.get_by_role("alert")).to_contain_text("Done: Record the meeting with the head teacher")
    expect(page.locator("[aria-current=step]")).to_contain_text("Officer assigned")
    for _ in range(PATIENCE_MS // 500):
        if page.get_by_text("An officer was assigned").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    runs = page.get_by_role("region", name="Runs")
    expect(runs).to_contain_text("Mandate, by itself")


@WITH_AND_FULLY_WITHOUT
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


@WITH_AND_FULLY_WITHOUT
def test_a_sweep_is_started_from_the_deadlines(served: Served, new_page: NewPage, javascript: bool) -> None:
    page = served.let_in(new_page(javascript=javascript))
    page.goto(f"{served.url}/deadlines")
    page.get_by_role("button", name="Sweep deadlines now").click()
    until_over(page)
    expect(page.get_by_role("main")).to_contain_text("What it counted")
    page.get_by_role("link", name="Runs", exact=True).first.click()
    expect(page.get_by_role("table")).to_contain_text("Sweep deadlines")


def record(page: Page, act: str, *, on: date | None = None, chosen: Sequence[str] = (), **typed: str) -> None:
    """Record an act by the form of the case's page, with JavaScript or without: days, choices, and what is typed."""
    page.get_by_role("combobox", name="What happened").select_option(act)
    form = page.locator("form#facts")
    if not page.evaluate("() => document.body.classList.contains('js-enabled')"):
        page.get_by_role("button", name="Show its form").click()
    expect(form.get_by_role("heading", name=act)).to_be_visible()
    if on is not None:
        fill_day(form, on)
    for label in chosen:
        form.get_by_label(label, exact=True).check()
    for label, value in typed.items():
        form.get_by_label(label.replace("_", " ")).fill(value)
    form.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text(f"Done: {act}")


def fill_day(where: Locator, day: date) -> None:
    """Fill in the three fields of a day."""
    for label, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        where.get_by_label(label, exact=True).fill(str(number))


def until_shown(page: Page, shown: Locator, javascript: bool) -> None:
    """Wait until the page shows it: by itself, or without JavaScript by the link to look again."""
    if javascript:
        expect(shown).to_be_visible()
        return
    for _ in range(PATIENCE_MS // 500):
        if shown.count():
            return
        page.wait_for_timeout(500)
        again = page.get_by_role("link", name="Look again")
        again.click() if again.count() else page.reload()
    raise AssertionError(f"the page never shows {shown}")


@WITH_AND_FULLY_WITHOUT
def test_a_case_is_opened_and_taken_to_a_failed_negotiation(
    served: Served, new_page: NewPage, javascript: bool
) -> None:
    """
    First with the issues forgotten: the summary leads to the field, and what was typed is still there. Then
    rung by rung: members, head teacher, officer, and a negotiation that management refuses.

    Turns red if the page of the case does not show by itself that an officer was assigned: take `goes_on` out of it.
    """
    name = served.school(f"{'Cedar' if javascript else 'Willow'} Grove School")
    page = served.let_in(new_page(javascript=javascript))
    page.goto(served.url)
    page.get_by_role("button", name="Open a case").click()
    page.get_by_label("Which workplace is it").fill(name)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=name).click()
    page.get_by_label("One by one").check()
    if javascript:
        page.get_by_label("Lesson planning").check()
        keep(page, "opening-a-case")
        page.get_by_label("Lesson planning").uncheck()
    page.get_by_role("button", name="Open the case").click()

    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("What is it about: choose at least one")
    expect(page.get_by_label("One by one")).to_be_checked()
    if javascript:
        assert look_at(page) == {}
        expect(page.locator(".govuk-error-summary")).to_be_focused()
        summary.get_by_role("link").click()
        expect(page.locator("#facts-issues")).to_be_focused()

    page.get_by_label("Lesson planning").check()
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_role("alert")).to_contain_text("the case is open")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("[aria-current=step]")).to_contain_text("Raised")

    record(page, "Arrange a members' meeting", on=TODAY)
    record(page, "Record the members' meeting", on=TODAY, Members_present="10", Of_them_in_favour="9")
    record(page, "Record the meeting with the head teacher", on=TODAY, chosen=["Refused"])
    until_shown(page, page.get_by_text("An officer was assigned").first, javascript)
    record(page, "The officer accepts the case")
    ready = {"Members_present": "10", "Ready_to_take_action_short_of_a_strike": "9", "Ready_to_strike": "8"}
    record(page, "Record the assessment of readiness", on=TODAY, **ready)
    record(page, "Record the officer's negotiation", on=TODAY, chosen=["Refused"])
    expect(page.locator("[aria-current=step]")).to_contain_text("Ballot in preparation")
    expect(page.get_by_role("link", name="Plan the ballot")).to_be_visible()
    if javascript:
        keep(page, "failed-negotiation")


@WITH_AND_FULLY_WITHOUT
def test_a_ballot_is_planned_and_its_papers_approved_by_a_second_person(
    served: Served, new_page: NewPage, javascript: bool
) -> None:
    """
    One plans backwards from a first day of action and authorises; who authorised is refused the approval; another, in a
    browser of their own, finds it under Service, reads each paper and lets them go.

    Turns red if an act is taken for staff's, or the approval is not listed.
    """
    ref = served.case_at_ballot(f"{'Hazel' if javascript else 'Rowan'} Bank School")
    first = served.let_in(new_page(javascript=javascript))
    first.goto(f"{served.url}/cases/{ref}")
    record(first, "Declare the trade dispute")
    first.get_by_role("link", name="Plan the ballot").click()
    first.get_by_label("First day of action wanted").fill("2026-12-01")
    first.get_by_role("button", name="Plan", exact=True).click()
    plan = first.locator("#plan")
    expect(plan).to_contain_text("Tuesday 1 December 2026")
    if javascript:
        keep(first, "planning-a-ballot", top=plan)

    first.goto(f"{served.url}/cases/{ref}?act=ballot_authorised#record")
    form = first.locator("form#facts")
    form.get_by_label("A strike", exact=True).check()
    fill_day(form.get_by_role("group", name="Opening day"), date(2026, 10, 6))
    fill_day(form.get_by_role("group", name="Closing day"), date(2026, 11, 3))
    form.get_by_role("button", name="Record", exact=True).click()
    expect(first.get_by_role("alert")).to_contain_text("Done: Authorise a ballot")
    until_shown(first, first.get_by_role("region", name="Notices").get_by_text("Notice of ballot").first, javascript)

    record_refused(first, served, ref)
    second = served.let_in(new_page(javascript=javascript))
    second.goto(f"{served.url}/service")
    second.get_by_role("link", name=f"Approve the ballot's papers of case {ref}").click()
    if javascript:
        assert look_at(second, "#record") == {}
        keep(second, "approving-a-notice", top=second.locator("#record"))
    second.get_by_role("button", name="Record", exact=True).click()
    expect(second.get_by_role("alert")).to_contain_text("Done: Approve the ballot's papers")
    second.goto(f"{served.url}/service")
    expect(second.get_by_role("main")).not_to_contain_text(ref)


def record_refused(page: Page, served: Served, ref: str) -> None:
    """Whoever authorised the ballot asks to approve its papers, and is told why that is another's."""
    page.goto(f"{served.url}/cases/{ref}?act=ballot_notices_approved#record")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Whoever authorised the ballot cannot also approve its papers")


SEEN = """element => {
  const style = getComputedStyle(element);
  return style.boxShadow !== "none" || (style.outlineStyle !== "none" && !style.outlineColor.endsWith(", 0)"));
}"""
"""Whether the style of what is in focus shows it: an outline that has a colour, or a shadow."""


def tab_to(page: Page, what: str) -> None:
    """Press Tab until the element is in focus."""
    target = page.locator(what).first
    for _ in range(MOST_TABS):
        if target.evaluate("element => element === document.activeElement"):
            assert target.evaluate(SEEN), f"nobody sees that {what} is in focus"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{what} is not reached by keyboard")


def test_a_case_is_opened_and_advanced_by_keyboard_alone(served: Served, new_page: NewPage) -> None:
    """Turns red if a control is no button or link, takes itself out of the order, or does not show its focus."""
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
