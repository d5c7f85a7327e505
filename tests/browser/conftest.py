"""Chromium as the machine has it, and a page that must not complain."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)

NewPage = Callable[..., Page]


# One file's, not the session's: while Playwright runs, no other test of the process could start an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium on this machine; on Debian: apt-get install chromium")
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*FLAGS, *as_root])
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """
    Opens pages, `javascript` on or off, `width` pixels wide. At the end none that is `ours` may have complained: no
    error on the console, none that a script did not catch, nothing that the content security policy refused.
    """
    complaints: list[str] = []
    contexts = []

    def open_page(*, javascript: bool = True, width: int = 1280, ours: bool = True) -> Page:
        seen = {"width": width, "height": 900}
        context = browser.new_context(java_script_enabled=javascript, viewport=seen, locale="en-GB")
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        if ours:
            page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [each for each in complaints if not EXPECTED.match(each)] == []
