"""Pictures of the walks for the documentation: kept where MANDATE_SCREENSHOTS names a folder, else not taken at all."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Locator, Page

FOLDER = "MANDATE_SCREENSHOTS"
MOST_BYTES = 150_000


def keep(page: Page, name: str, *, top: Locator | None = None, width: int = 1240, height: int = 720) -> None:
    """The page as `name`.png, from its top or from that of an element."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("() => window.scrollTo(0, 0)")
    if top is not None:
        top.evaluate("element => window.scrollTo(0, element.getBoundingClientRect().top - 16)")
    path = Path(folder) / f"{name}.png"
    # The browser draws them, so that whoever has the same one has the same bytes; a clock or a nonce is in none.
    page.screenshot(path=path)
    if before is not None:
        page.set_viewport_size(before)
    size = path.stat().st_size
    assert size <= MOST_BYTES, f"{path.name} has {size:,} bytes; make it less high"
