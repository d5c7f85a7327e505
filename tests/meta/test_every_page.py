"""Every page is looked at: by its route, with an address in the played demonstration."""

from __future__ import annotations

import re

from app.templating import STATIC
from tests.browser import every_page

TEMPLATES = STATIC.parent / "templates"
SHOWN_ONCE = re.compile(r'<div class="govuk-inset-text" role="status"[^>]*>')


def test_somebody_looks_at_every_page() -> None:
    """Red when a route with a page has no address in tests/browser/every_page.py, or one there is served no more."""
    assert (every_page.missing(), every_page.gone()) == ([], [])


def test_what_a_press_shows_once_takes_the_focus() -> None:
    """Whoever cannot see it would not know that it is there. Red when one of these boxes lies beside the focus."""
    boxes = [box for path in TEMPLATES.rglob("*.html") for box in SHOWN_ONCE.findall(path.read_text("utf-8"))]
    assert len(boxes) >= 4
    assert [box for box in boxes if 'tabindex="-1" autofocus' not in box] == []
