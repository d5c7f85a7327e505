"""Mails laid out: the same words as their text, nothing fetched, nothing that a name could smuggle in."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from notifications.layout import Item, Run, Shape, runs_of
from notifications.lifecycle import Medium, State
from notifications.messages import message_kind
from notifications.models import Notice
from notifications.receipt_links import wanted
from notifications.rendering import render, sha256, words_of_html
from tests.notifications.conftest import Desk
from tests.notifications.samples import SAMPLES, kind_of, page

HOSTILE = "<script>alert(1)</script><img src=x onerror=y> & \"quoted\" <a href='https://evil.test/'>Click</a>"
LINK = "https://disputes.union.test/a/aaisem2ekvthpcezqod7n7ycbu2n2dxf"
ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "div", "table", "tr", "td", "th", "p", "h1", "ul", "ol", "li"),
    *("br", "span", "a"),
}


class Tags(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One more."""
        self.found.append((tag, dict(attrs)))


def laid(sample: str, **changes: Any) -> str:
    """A sample's mail, laid out."""
    html = render(page(sample, **changes), Medium.MAIL).html
    assert html is not None
    return html.decode()


def bare(text: str) -> list[str]:
    """The words of a text without the marks of its lists and pairs."""
    marks = re.sub(r"(?m)^- |^\d+\. |(?<=[a-z]): (?=\S)", " ", text)
    return re.findall(r"\w+", marks)


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_layout_says_what_the_text_says(sample: str) -> None:
    """Turns red if a run of lines is dropped or set twice: who reads the layout reads the same words."""
    rendered = render(page(sample), Medium.MAIL)
    assert rendered.html is not None
    shown = re.findall(r"\w+", words_of_html(rendered.html.decode()))
    wanted = [*re.findall(r"\w+", _union()), *re.findall(r"\w+", rendered.subject_line), *bare(rendered.body.decode())]
    # The number of a step is drawn by the reader's program.
    steps = {item.mark for run in runs_of(rendered.body.decode()) for item in run.items if run.shape is Shape.STEPS}
    assert [word for word in wanted if word not in steps] == [word for word in shown if word not in steps]


def _union() -> str:
    return str(page("stand_down").context()["union"]["name"])


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_mail_fetches_nothing_and_runs_nothing(sample: str) -> None:
    """Turns red if the layout gets a picture, a style sheet from elsewhere, a script or a form."""
    html = laid(sample)
    for tag, attributes in Tags(html).found:
        assert tag in ALLOWED
        assert not {"src", "background", "srcset", "onclick", "action"} & attributes.keys()
    assert "url(" not in html
    assert "@import" not in html
    assert html.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_mail_can_be_read_by_everybody(sample: str) -> None:
    """Turns red if the language, the heading, the roles of layout tables or the dark colours are dropped."""
    html = laid(sample)
    tags = Tags(html).found
    assert ("html", {"lang": "en"}) in tags
    assert sum(tag == "h1" for tag, _ in tags) == 1
    assert "prefers-color-scheme: dark" in html
    for tag, attributes in tags:
        if tag == "table" and attributes.get("width") == "100%":
            assert attributes.get("role") == "presentation"
    assert '<meta name="color-scheme" content="light dark">' in html


@pytest.mark.parametrize(
    ("sample", "changes"),
    [
        ("strike_call", {"workplace_name": HOSTILE}),
        ("strike_call", {"advice": f"- {HOSTILE}\n- {HOSTILE}\n\n{LINK}"}),
        ("meeting_call", {"issues": [HOSTILE]}),
        ("deadline_reminder_officer", {"what": HOSTILE, "why": HOSTILE}),
        ("instruction_sheet", {"instructions": [{"number": 1, "text": HOSTILE, "condition": HOSTILE}]}),
    ],
)
def test_a_hostile_fact_stays_text(sample: str, changes: dict[str, Any]) -> None:
    """Turns red if `autoescape` is off for laid-out mail, or a line that looks like an address becomes a link."""
    html = laid(sample, **changes)
    tags = [tag for tag, _ in Tags(html).found]
    assert set(tags) <= ALLOWED
    assert "a" not in tags
    assert "&lt;script&gt;" in html
    assert HOSTILE in words_of_html(html)


def test_only_our_own_link_becomes_one() -> None:
    """Turns red if any other line is made a link, or ours is not."""
    said = f"Please click:\n\n{LINK}\n\nhttps://evil.test/a"
    assert [run.shape for run in runs_of(said, LINK)] == [Shape.PARAGRAPH, Shape.LINK, Shape.PARAGRAPH]
    assert all(run.shape is Shape.PARAGRAPH for run in runs_of(said))


def test_an_employers_mail_has_the_link_in_text_and_layout() -> None:
    """Turns red if the body of a kind whose receipt an employer has to be shown leaves out `acknowledge.txt.j2`."""
    samples = [each for each in SAMPLES if wanted(message_kind(kind_of(each)), Medium.MAIL)]
    assert {"notice_of_ballot", "stood_down_employer", "repudiation_employer"} <= {kind_of(each) for each in samples}
    for sample in samples:
        whole = page(sample)
        object.__setattr__(whole, "acknowledge", LINK)
        rendered = render(whole, Medium.MAIL)
        assert f"\n{LINK}\n" in rendered.body.decode()
        assert ("a", LINK) in [(tag, each.get("href")) for tag, each in Tags((rendered.html or b"").decode()).found]


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("one\ntwo", [Run(Shape.PARAGRAPH, (Item("one"), Item("two")))]),
        (
            "a:\n- b\n- c\nd",
            [
                Run(Shape.PARAGRAPH, (Item("a:"),)),
                Run(Shape.BULLETS, (Item("b"), Item("c"))),
                Run(Shape.PARAGRAPH, (Item("d"),)),
            ],
        ),
        ("7. seven\n   Applies: x", [Run(Shape.STEPS, (Item("seven", "7", ("Applies: x",)),))]),
        ("Yes: 1\nNo: 2", [Run(Shape.PAIRS, (Item("1", "Yes"), Item("2", "No")))]),
        ("Reference: 1", [Run(Shape.PARAGRAPH, (Item("Reference: 1"),))]),
        ("\n\n \n", []),
    ],
)
def test_lines_are_read_as_people_read_them(text: str, runs: list[Run]) -> None:
    """Turns red if a pattern of `layout` changes what it takes for a list, a step or a pair."""
    assert runs_of(text) == runs


def test_the_layout_is_frozen_and_sealed_with_the_text(desk: Desk) -> None:
    """Turns red if `outbox._row` leaves out `html` or its digest, or a letter gets one."""
    mail = desk.notice(desk.queue("claim_paid"))
    letter = desk.notice(desk.queue("dispute_notified", medium=Medium.LETTER))
    assert mail.html is not None
    assert mail.html_sha256 == sha256(mail.html)
    assert (letter.html, letter.html_sha256) == (None, None)


def test_a_layout_that_was_changed_is_not_sent(desk: Desk) -> None:
    """Turns red if `html` is left out of the seal that delivery looks at."""
    notice_id = desk.queue("claim_paid")
    with desk.work() as uow:
        uow.session.get_one(Notice, notice_id).html = b"<p>other</p>"
    desk.sweep()
    assert desk.state(notice_id) is State.HELD
