"""Every page that is served: no barrier that axe-core knows, at a desk and on a small phone, and nothing sideways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page

from app import signing_in
from tests.browser.answering import Standing, standing_demonstration
from tests.browser.conftest import EXPECTED
from tests.browser.every_page import ADDRESSES, Scene, Visit
from tests.browser.looking import look_at
from tests.demonstration import Demonstration
from tests.sampling import every

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class Viewer:
    """One page of one browser that goes everywhere, in the name of whoever is wanted."""

    page: Page
    standing: Standing
    complaints: list[str] = field(default_factory=list)

    @property
    def scene(self) -> Scene:
        return self.standing.scene

    def go(self, visit: Visit) -> int:
        """Go there as somebody; the status of the answer."""
        self.page.context.clear_cookies()
        url = self.standing.public_url if visit.public else self.standing.url
        if visit.key:
            self.page.context.add_cookies([{"name": signing_in.PLAIN_NAME, "value": visit.key, "url": url}])
        answer = self.page.goto(url + visit.address)
        assert answer is not None
        return answer.status


@pytest.fixture(scope="module")
def viewer(
    browser: Browser, demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Viewer]:
    """The played demonstration, served from a copy."""
    with standing_demonstration(demonstration.folder, tmp_path_factory.mktemp("every-page")) as standing:
        context = browser.new_context()
        viewer = Viewer(context.new_page(), standing)
        said = viewer.complaints.append
        viewer.page.on("console", lambda each: said(each.text) if each.type in {"error", "warning"} else None)
        viewer.page.on("pageerror", lambda error: said(str(error)))
        yield viewer
        context.close()


@pytest.mark.parametrize("path", every(2, ADDRESSES))
def test_nobody_is_kept_out_of_a_page(viewer: Viewer, path: str) -> None:
    """
    Turns red if a field of a form loses its label, if a muted colour becomes fainter, or if a table of a run, of the
    status or of a plan loses `mandate-stacked`.
    """
    viewer.complaints.clear()
    found = {}
    for visit in ADDRESSES[path](viewer.scene):
        assert viewer.go(visit) == visit.status, visit.address
        if wrong := look_at(viewer.page, visit.part):
            found[visit.address] = wrong
    assert found == {}
    assert [each for each in viewer.complaints if not EXPECTED.match(each)] == []
