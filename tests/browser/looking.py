"""Looking at a page as those do who read it otherwise: axe-core's rules, and a screen 320 pixels wide."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, ViewportSize

AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 320, "height": 640}

RUN = """async ([part, tags, rules]) => {
  const found = await axe.run(part ?? document, {runOnly: tags, resultTypes: ["violations"], preload: false, rules});
  return found.violations.map((each) => each.id + ": " + each.help + " – "
    + each.nodes.slice(0, 3).map((node) => node.html.slice(0, 200) + " " + (node.any[0]?.message ?? "")).join(" | "));
}"""
WIDER = """() => {
  const edge = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= edge) return [];
  return [...document.body.querySelectorAll("*")].filter((each) => each.getBoundingClientRect().right > edge + 0.5)
    .slice(-3).map((each) => each.outerHTML.slice(0, 120));
}"""


@lru_cache(maxsize=1)
def _source() -> str:
    return AXE.read_text(encoding="utf-8")


def barriers(page: Page, part: str | None = None, **rules: bool) -> list[str]:
    """
    What keeps somebody out of the page as it stands: each rule that it breaks, with the first elements that do.

    `part` is the element that alone is looked at; `rules` puts single ones on or off (`color_contrast=False`).
    """
    # Evaluated by the browser's own debugger, so that the page's content security policy stays as it is served.
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_source())
    asked = {name.replace("_", "-"): {"enabled": on} for name, on in {"target_size": True, **rules}.items()}
    found: list[str] = page.evaluate(RUN, [part, list(TAGS), asked])
    return found


def sideways(page: Page) -> list[str]:
    """What is wider than the screen, so that the page would have to be moved sideways."""
    wider: list[str] = page.evaluate(WIDER)
    return wider


def look_at(page: Page, part: str | None = None) -> dict[str, Any]:
    """What is wrong with the page, or a part of it, at a desk and on a small phone; empty when nothing is."""
    before = page.viewport_size or DESK
    page.set_viewport_size(DESK)
    at_a_desk = barriers(page, part)
    page.set_viewport_size(PHONE)
    # Colours are the same on every screen, and most of the time goes into them.
    on_a_phone = barriers(page, part, color_contrast=False)
    wider = sideways(page)
    page.set_viewport_size(before)
    found = {"at a desk": at_a_desk, "on a phone": on_a_phone, "sideways": wider}
    return {where: wrong for where, wrong in found.items() if wrong}
