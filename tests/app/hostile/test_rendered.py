"""Hostile texts as facts of notices: mail, its layout, and the letter as PDF, for every kind of message there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.errors import BadInput
from notifications.facts import Fact
from notifications.lifecycle import Medium
from notifications.messages import message_kind
from notifications.rendering import Page as Sheet
from notifications.rendering import RenderingError, render, words_of_letter
from tests.app.hostile.payloads import PAYLOADS
from tests.app.hypertext import Page
from tests.notifications.samples import RECIPIENTS, SAMPLES, kind_of, page

PLAIN = "Somebody said so"
MOST = 2_000
"""Letters of a text that any form takes."""
FITTING = [text for text in PAYLOADS if text.strip() and len(text) <= MOST]


def words_in(sample: str) -> list[str]:
    """The facts of a sample that are words somebody wrote."""
    kind = message_kind(kind_of(sample))
    given = page(sample).facts
    return [fact.name for fact in kind.facts if _is_words(fact) and isinstance(given.get(fact.name), str)]


def _is_words(fact: Fact) -> bool:
    return fact.kind in {"line", "text"}


def pairs(*, letters: bool) -> Iterator[tuple[str, str, str]]:
    """Every fact of each kind, with a letter of its own or without, with some texts; each text with some fact."""
    kinds = {sample: message_kind(kind_of(sample)) for sample in SAMPLES}
    known = [each for each, kind in kinds.items() if kind.audience in RECIPIENTS and kind.has_letter == letters]
    places = [(sample, name) for sample in known for name in words_in(sample)]
    count = max(len(places), len(FITTING))
    for number in range(count):
        yield (*places[number % len(places)], FITTING[number % len(FITTING)])


def told(sample: str, name: str, text: str) -> Sheet | None:
    """The sample with that text for a fact; None where it is refused in words."""
    sheet = page(sample)
    try:
        facts = sheet.kind.check({**sheet.facts, name: text})
    except BadInput:
        return None
    # What names the employer has to be the employer's name: then it is theirs.
    named = replace(sheet.recipient, name=text) if name == "employer_name" else sheet.recipient
    return replace(sheet, facts=facts, recipient=named)


def test_fm_32_every_text_of_a_mail_stays_text() -> None:
    """Turns red if `autoescape` is off for laid-out mail, a subject takes a line break, or a fact is a template."""
    tried, taken = 0, 0
    for sample, name, text in pairs(letters=False):
        sheet, plain = told(sample, name, text), told(sample, name, PLAIN)
        tried += 1
        if sheet is None or plain is None:
            continue
        try:
            sent = render(sheet, Medium.MAIL)
        except RenderingError:
            continue
        taken += 1
        said = render(plain, Medium.MAIL)
        assert "\n" not in sent.subject_line
        assert "\r" not in sent.subject_line
        assert "49" not in sent.body.decode().replace(text, "") or "49" in said.body.decode(), (sample, name)
        if sent.html is not None and said.html is not None:
            laid = Page(sent.html.decode())
            known = {element for element, _ in Page(said.html.decode()).skeleton}
            assert {element for element, _ in laid.skeleton} <= known | OF_LAYOUT, (sample, name, text)
            assert not [tag for tag, attrs in laid.elements for key, _ in attrs if key.startswith("on")], (sample, text)
    assert tried >= len(FITTING)
    assert taken > tried / 3


OF_LAYOUT = frozenset(
    {"p", "/p", "ul", "/ul", "li", "/li", "br", "ol", "/ol", "td", "tr", "/td", "/tr", "table", "/table"}
)
"""What the layout makes of lines that begin with a dash, and of empty ones."""


@pytest.mark.parametrize("nth", [60, pytest.param(1, marks=pytest.mark.full)])
def test_fm_32_every_text_of_a_letter_is_set_or_refused(nth: int) -> None:
    """Turns red if a fact reaches Typst by `eval` or as source: it fails to compile, or the words are not there."""
    tried, kept = list(pairs(letters=True))[::nth], 0
    for sample, name, text in tried:
        sheet = told(sample, name, text)
        if sheet is None:
            continue
        try:
            words = words_of_letter(sheet)
        except RenderingError:
            continue
        kept += 1
        plain = told(sample, name, PLAIN)
        if plain is not None and PLAIN in words_of_letter(plain):  # not every fact is on every letter
            assert "".join(text.split()) in "".join(words.split()), (sample, name, text)
    assert kept > len(tried) / 3
