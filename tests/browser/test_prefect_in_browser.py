"""A flow started from a case's page with Prefect's server up: the run is Prefect's too, and the page leads to it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from app import prefect_server
from tests.browser.conftest import PATIENCE_MS, NewPage
from tests.browser.serving import START_SECONDS, Served, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Everything, once Prefect's server answers."""
    with serving(tmp_path_factory.mktemp("served"), prefect=True) as running:
        until = time.monotonic() + START_SECONDS
        while not prefect_server.answers(running.settings):
            assert time.monotonic() < until, "Prefect's server did not answer"
            time.sleep(0.2)
        yield running


def test_a_flow_started_from_the_page_completes_at_prefect_and_the_page_leads_there(
    served: Served, new_page: NewPage
) -> None:
    """
    Turns red if the worker does not keep Prefect's id of the run (leave `is_run` out of app/performing.py), or if the
    link goes to the run itself, which Prefect answers with a page that is not found.

    Without JavaScript on our pages: a run that is started with it is in test_walks.py. Prefect's own needs it.
    """
    page = served.let_in(new_page(javascript=False))
    ref = served.case_at_head("Fir School")
    page.goto(f"{served.url}/cases/{ref}")
    page.get_by_role("button", name="Advance this case now").click()
    expect(page.get_by_role("status")).to_contain_text("Completed")
    expect(page.get_by_role("row").filter(has_text=ref)).to_contain_text("1 event")

    link = page.get_by_role("link", name="Its flow run").get_attribute("href") or ""
    number = urlsplit(page.url).path.rpartition("/")[2]
    run = at_prefect(served, link.rpartition("/")[2])
    assert (run["state_type"], run["name"]) == ("COMPLETED", f"workplace_case-{number}")
    assert set(run["parameters"]) == {"case_ids"}
    assert str(prefect_server.home(served.settings) / "password") in page.get_by_role("main").inner_text()

    theirs = served.let_in(new_page(ours=False))
    theirs.goto(page.url)
    theirs.get_by_role("link", name="Its flow run").click()
    theirs.locator("input").first.fill(prefect_server.password(served.settings))
    theirs.keyboard.press("Enter")
    expect(theirs.get_by_text(re.compile(f"workplace_case-{number}$")).first).to_be_visible()


def at_prefect(served: Served, flow_run_id: str) -> dict[str, object]:
    """The run as Prefect's server has it, once it has been told of the end."""
    user, _, secret = prefect_server.password(served.settings).partition(":")
    until = time.monotonic() + PATIENCE_MS / 1000
    with httpx.Client(auth=(user, secret), trust_env=False) as client:
        while True:
            answer = client.get(f"{prefect_server.api_url(served.settings)}/flow_runs/{flow_run_id}")
            found: dict[str, object] = answer.raise_for_status().json()
            if found["state_type"] in {"COMPLETED", "FAILED", "CRASHED"} or time.monotonic() > until:
                return found
            time.sleep(0.2)
