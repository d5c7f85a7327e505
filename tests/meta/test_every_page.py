"""Every page is looked at: by its route, with an address in the played demonstration."""

from __future__ import annotations

from tests.browser import every_page


def test_somebody_looks_at_every_page() -> None:
    """Red when a route with a page has no address in tests/browser/every_page.py, or one there is served no more."""
    assert (every_page.missing(), every_page.gone()) == ([], [])
