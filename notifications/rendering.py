"""
Facts to bytes, once. Text by Jinja2 with strict undefined; letters by Typst as tagged PDF (PDF/UA-1).

Facts reach Typst as JSON through `sys.inputs`, so markup in them stays text. Fonts are the compiler's own and the
timestamp is the letter's date, so the same facts give the same bytes on every machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any, Literal

import typst
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from core.errors import ConfigurationError
from core.settings import settings
from notifications.facts import LINE_BREAK, Fact
from notifications.lifecycle import Medium
from notifications.messages import TEMPLATES, MessageKind
from notifications.recipients import Recipient

TEXT = "text/plain; charset=utf-8"
PDF = "application/pdf"
PLAIN_LETTER = "_letterhead/plain.typ"
PENCE_IN_A_POUND = 100


class RenderingError(ConfigurationError):
    """A template cannot be rendered with facts that `message.yaml` allows, or leaves out what it must show."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """
    What a notice says, as bytes. `attachment` is a PDF; `html` a mail laid out. `language` is that of the texts:
    English where there is none in the recipient's.
    """

    subject_line: str
    body: bytes
    content_type: str
    attachment: bytes | None = None
    html: bytes | None = None
    language: str = "en"

    @property
    def sha256(self) -> str:
        """Digest of `body`."""
        return sha256(self.body)

    @property
    def attachment_sha256(self) -> str | None:
        """Digest of `attachment`."""
        return None if self.attachment is None else sha256(self.attachment)

    @property
    def html_sha256(self) -> str | None:
        """Digest of `html`."""
        return None if self.html is None else sha256(self.html)


def sha256(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, slots=True)
class Page:
    """
    Everything a template may speak of. `facts` are checked by `MessageKind.check`, in JSON spelling; `acknowledge` is
    the address at which the recipient acknowledges the notice, where it has one.
    """

    kind: MessageKind
    facts: Mapping[str, Any]
    law: Mapping[str, Any]
    recipient: Recipient
    dated_on: date
    acknowledge: str | None = None

    def context(self) -> dict[str, Any]:
        """The names templates see: every fact, and `union`, `recipient`, `dated`, `law`, `acknowledge`."""
        configured = settings()
        return {
            # A paper frozen before its kind had a fact has none of it, and reads as it did.
            **{fact.name: spoken(fact, self.facts.get(fact.name)) for fact in self.kind.facts},
            "union": {"name": configured.union_name, "address": configured.union_address, "signed": configured.caller},
            "recipient": {"name": self.recipient.name, "lines": _address_lines(self.recipient)},
            "dated": long_date(self.dated_on),
            "law": dict(self.law),
            "acknowledge": self.acknowledge,
        }


def render(page: Page, medium: Medium) -> Rendered:
    """The bytes of that page for that medium. Raises `RenderingError`."""
    subject_line = _subject(page)
    if medium is Medium.LETTER:
        return Rendered(subject_line, _letter_of(page, subject_line), PDF)
    body = _text(page, "body.txt.j2")
    _must_show(page, body)
    attachment = _letter_of(page, subject_line) if page.kind.has_letter else None
    return Rendered(subject_line, body.encode(), TEXT, attachment)


def words_of_letter(page: Page) -> str:
    """The words of the letter in reading order, white space collapsed: what a linter or a screen reader gets."""
    compiled = _compile(page, _subject(page), "html")
    reader = _Words()
    reader.feed(compiled.decode())
    return " ".join("".join(reader.pieces).split())


def long_date(day: date) -> str:
    """Such as Monday 21 September 2026."""
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def money(pence: int) -> str:
    """Such as £1,234.56."""
    pounds, rest = divmod(pence, PENCE_IN_A_POUND)
    return f"£{pounds:,}.{rest:02d}"


def number(count: int) -> str:
    """Such as 1,234."""
    return f"{count:,}"


SPOKEN: Mapping[str, Callable[[Any], Any]] = {
    "date": lambda value: long_date(date.fromisoformat(value)),
    "dates": lambda values: [long_date(date.fromisoformat(each)) for each in values],
    "pence": money,
}


def spoken(fact: Fact, value: Any) -> Any:
    """A fact as a reader says it: dates in words, money in pounds. Counts stay numbers for the template's grammar."""
    if value is None:
        return None
    if fact.kind == "rows":
        return [{column.name: spoken(column, row[column.name]) for column in fact.columns} for row in value]
    if fact.kind == "record":
        return {column.name: spoken(column, value[column.name]) for column in fact.columns}
    return SPOKEN[fact.kind](value) if fact.kind in SPOKEN else value


def _address_lines(to: Recipient) -> list[str]:
    """The address as it stands on a letter, the name first unless the address begins with it."""
    lines = list(to.postal_lines)
    return lines if lines and to.name.startswith(lines[0]) else [to.name, *lines]


@lru_cache(maxsize=1)
def _texts() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  plain text for mail, never HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["number"] = number
    return environment


def _text(page: Page, name: str) -> str:
    try:
        return _texts().get_template(f"{page.kind.name}/{name}").render(page.context())
    except TemplateError as error:
        raise RenderingError(f"{page.kind.name}/{name}: {type(error).__name__}: {error}") from error


def _subject(page: Page) -> str:
    line = _text(page, "subject.txt.j2").rstrip("\n")
    if not line.strip() or LINE_BREAK.search(line):
        raise RenderingError(f"{page.kind.name}/subject.txt.j2: a subject is one line of text.")
    return line


def _letter_of(page: Page, title: str) -> bytes:
    _must_show(page, words_of_letter(page))
    return _compile(page, title, "pdf")


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    # The compiler's own fonts only: a machine's fonts would change the bytes.
    return typst.Fonts(include_system_fonts=False)


def _compile(page: Page, title: str, wanted: Literal["pdf", "html"]) -> bytes:
    source = f"{page.kind.name}/letter.typ" if page.kind.has_letter else PLAIN_LETTER
    context = page.context() | {"title": title}
    if not page.kind.has_letter:
        context["text"] = _text(page, "body.txt.j2")
    try:
        return typst.compile(
            str(TEMPLATES / source),
            root=str(TEMPLATES),
            font_paths=_fonts(),
            sys_inputs={"data": json.dumps(context, ensure_ascii=False)},
            format=wanted,
            pdf_standards="ua-1",
            timestamp=_stamp(page.dated_on),
        )
    except typst.TypstError as error:
        raise RenderingError(f"{source}: {error.message}") from error


def _stamp(day: date) -> int:
    return int(datetime.combine(day, time(12), tzinfo=UTC).timestamp())


def _must_show(page: Page, words: str) -> None:
    collapsed = " ".join(words.split())
    by_name = {fact.name: fact for fact in page.kind.facts}
    for name in page.kind.must_show:
        value = spoken(by_name[name], page.facts[name])
        said = number(value) if by_name[name].kind == "number" else " ".join(str(value).split())
        if said not in collapsed:
            raise RenderingError(f"{page.kind.name}: the rendered words do not show {name}.")


class _Words(HTMLParser):
    """Collects the text of a document's body."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._in_body = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """The body begins; a block sets words apart."""
        self._in_body = self._in_body or tag == "body"
        self.pieces.append(" " if tag in {"p", "td", "th", "li", "br", "h1", "h2", "h3", "div", "tr"} else "")

    def handle_data(self, data: str) -> None:
        """Words."""
        if self._in_body:
            self.pieces.append(data)
