"""Setting Mandate up and signing in, in a browser: with and without JavaScript, on a phone, by keyboard."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime

import pyotp
import pytest
from playwright.sync_api import Page, expect

from casework.people import accounts
from core.unit_of_work import unit_of_work
from tests.browser.conftest import NewPage
from tests.browser.looking import look_at, sideways
from tests.browser.pictures import keep
from tests.browser.serving import Served, serving
from tests.demonstration import outside
from tests.processes import ROOT, mandate

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GOOD = "otter-lamp-seven"
PHONE = 320


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """What `mandate serve` starts on an empty database."""
    with serving(tmp_path_factory.mktemp("set-up"), prefect=False) as running:
        yield running


def the_link(served: Served) -> str:
    """The link that makes the first account, as `mandate user set-up` prints it for whoever read the log of serving."""
    assert "mandate user set-up" in (served.settings.home / "serve.log").read_text()
    told = {
        **outside(),
        "MANDATE_HOME": str(served.settings.home),
        "MANDATE_DATABASE_URL": served.settings.effective_database_url,
    }
    asked = mandate("user", "set-up")
    printed = subprocess.run(asked, cwd=ROOT, env=told, capture_output=True, text=True, check=True).stdout
    found = re.search(r"/welcome/\S+", printed)
    assert found, printed
    return served.url + found.group()


def type_the_code(page: Page, secret: str) -> None:
    page.get_by_label("The six digits that your app shows now").fill(pyotp.TOTP(secret).at(datetime.now(UTC)))
    page.keyboard.press("Enter")


def key_shown(page: Page) -> str:
    """The key that stands in letters beside the picture, as somebody without a camera types it."""
    return page.locator("dd code").inner_text().replace(" ", "")


def test_mandate_is_set_up_on_a_phone_and_somebody_else_is_let_in(served: Served, new_page: NewPage) -> None:
    """Turns red if a step of the set-up cannot be done without JavaScript, or does not fit 320 pixels."""
    page = new_page(javascript=False, width=PHONE)
    page.goto(served.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.goto(the_link(served))
    page.get_by_label("Your name").fill("Jo Rowanmere")
    page.get_by_label("Your mail address").fill("jo@union.test")
    page.get_by_label("Password", exact=True).fill(GOOD)
    page.get_by_label("The password again").fill(GOOD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your second factor")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    keep(page, "second-factor", width=390, height=844)
    type_the_code(page, key_shown(page))
    expect(page.get_by_role("listitem").filter(has_text=re.compile(r"^[a-z2-7-]{19}$"))).to_have_count(10)
    assert sideways(page) == []
    page.get_by_role("button", name="I have them: go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Needs you today")
    page.get_by_role("link", name="People").click()
    page.get_by_label("Name", exact=True).fill("Kim Fernshaw")
    page.get_by_label("Mail address").fill("kim@union.test")
    page.get_by_label("Ballot team").check()
    page.get_by_role("button", name="Make the account").click()
    link = page.get_by_role("status").locator("code").first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE

    other = new_page()
    other.goto(link)
    expect(other.get_by_role("heading", level=1)).to_have_text("Welcome, Kim Fernshaw")
    other.get_by_label("Password", exact=True).fill(GOOD)
    other.get_by_label("The password again").fill(GOOD)
    other.keyboard.press("Enter")
    secret = key_shown(other)
    assert look_at(other) == {}
    type_the_code(other, secret)
    expect(other.get_by_role("button", name="I have them: go on")).to_be_visible()
    assert look_at(other) == {}, "the recovery codes"
    with unit_of_work("staff:command-line", on=served.database) as uow:
        kim = accounts.by_email(uow, "kim@union.test")
        assert kim is not None
        accounts.confirm(uow, kim.id)
    other.get_by_role("button", name="I have them: go on").click()
    other.goto(served.url)
    expect(other.get_by_role("link", name="Cases", exact=True)).to_have_count(1)
    expect(other.get_by_role("link", name="People")).to_have_count(0)
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("status")).to_contain_text("You have signed out")
    other.goto(f"{served.url}/deadlines")
    expect(other.get_by_role("heading", level=1)).to_have_text("Sign in")
