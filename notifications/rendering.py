"""
Facts to bytes, once. Text by Jinja2 with strict undefined; letters by Typst as tagged PDF (PDF/UA-1).

Facts reach Typst as JSON through `sys.inputs`, so markup in them stays text. Fonts are the compiler's own, days and
months are our own tables, and the timestamp is the letter's date, so the same facts give the same bytes on every
machine, in every locale and time zone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Literal

import typst
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.money import in_pounds
from core.settings import settings
from notifications import showing
from notifications.facts import LINE_BREAK, Fact
from notifications.language import ENGLISH, Language, language
from notifications.layout import runs_of
from notifications.lifecycle import Medium
from notifications.messages import TEMPLATES, MessageKind
from notifications.receipt_links import wanted
from notifications.recipients import Recipient
from notifications.showing import Names, RenderingError
from notifications.texts import BODY, LAID_OUT, LETTER, SMS, SUBJECT, Texts, texts_for
from notifications.unshown import set_whole

TEXT = "text/plain; charset=utf-8"
PDF = "application/pdf"
PLAIN_LETTER = "_letterhead/plain.typ"
LETTERHEAD = "_letterhead/letterhead.typ"
LAYOUT = "_letterhead/layout.html.j2"
FAULTS_OF_A_TEXT = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError)
"""What a text can come to that works something out; supplied ones are others' work."""
AN_EMPLOYER = "employer:"
"""How the key of a recipient begins who is one."""


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
    language: str = ENGLISH

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
    Everything a template may speak of. `facts` are checked by `MessageKind.check`, in JSON spelling; `acknowledge`
    is the address at which the recipient acknowledges the notice, where it has one.
    """

    kind: MessageKind
    facts: Mapping[str, Any]
    law: Mapping[str, Any]
    recipient: Recipient
    dated_on: date
    acknowledge: str | None = None

    @property
    def texts(self) -> Texts:
        """The texts in the recipient's language, else in English."""
        return texts_for(self.kind, self.recipient.language)

    def context(self) -> dict[str, Any]:
        """The names templates see: every fact, and `union`, `recipient`, `dated`, `law`, and what the language has."""
        configured, tongue = settings(), language(self.texts.language)
        return {
            # A paper frozen before its kind had a fact has none of it, and reads as it did.
            **{fact.name: spoken(fact, self.facts.get(fact.name), tongue) for fact in self.kind.facts},
            "union": {"name": configured.union_name, "address": configured.union_address, "signed": configured.caller},
            "recipient": {"name": self.recipient.name, "lines": _address_lines(self.recipient)},
            "dated": tongue.date(self.dated_on),
            "law": dict(self.law),
            "language": tongue.code,
            "words": dict(tongue.words),
            "months": list(tongue.months),
            "acknowledge": self.acknowledge,
            "wants_receipt": wanted(self.kind, Medium.LETTER),
        }


NOBODY = Names(())


def render(page: Page, medium: Medium, others: Names = NOBODY) -> Rendered:
    """
    The bytes of that page for that medium.

    Raises `RenderingError` for a template that fails or leaves out what it must show, for words that name one of
    `others`, and for a page about another employer than it goes to.
    """
    _require_addressee(page)
    subject_line, code = _subject(page), page.texts.language
    if medium is Medium.LETTER:
        return Rendered(subject_line, _letter_of(page, subject_line, others), PDF, language=code)
    if medium is Medium.SMS and page.texts.path(SMS).exists():
        return Rendered(subject_line, _text(page, SMS).strip().encode(), TEXT, language=code)
    body = _text(page, BODY)
    _require_words(page, f"{subject_line}\n{body}", others)
    if medium is Medium.SMS:
        return Rendered(subject_line, body.encode(), TEXT, language=code)
    attachment = _letter_of(page, subject_line, others) if page.kind.has_letter else None
    return Rendered(subject_line, body.encode(), TEXT, attachment, _laid_out(page, subject_line, body), code)


def on_letterhead(page: Page, title: str, body: str) -> Rendered:
    """The words of a mail as a letter: its title and its text as they stand, on the plain letterhead."""
    return Rendered(title, _plain(page, title, body, "pdf"), PDF, language=page.texts.language)


def words_of_letter(page: Page) -> str:
    """The words of the letter in reading order, white space collapsed: what a linter or a screen reader gets."""
    return words_of_html(_compile(page, _subject(page), "html").decode())


def words_of_html(document: str) -> str:
    """The words of a document's body, white space collapsed."""
    reader = _Words()
    reader.feed(document)
    return " ".join("".join(reader.pieces).split())


def number(count: int) -> str:
    """Such as 1,234."""
    return f"{count:,}"


SPOKEN: Mapping[str, Callable[[Any, Language], Any]] = {
    "date": lambda value, tongue: tongue.date(date.fromisoformat(value)),
    "dates": lambda values, tongue: [tongue.date(date.fromisoformat(each)) for each in values],
    "pence": lambda value, _tongue: in_pounds(value),
}


def spoken(fact: Fact, value: Any, tongue: Language) -> Any:
    """A fact as a reader says it: dates in words, money in pounds. Counts stay numbers for the template's grammar."""
    if value is None:
        return None
    if fact.kind == "rows":
        return [{column.name: spoken(column, row[column.name], tongue) for column in fact.columns} for row in value]
    if fact.kind == "record":
        return {column.name: spoken(column, value[column.name], tongue) for column in fact.columns}
    return SPOKEN[fact.kind](value, tongue) if fact.kind in SPOKEN else value


def _address_lines(to: Recipient) -> list[str]:
    """The address as it stands on a letter, the name first unless the address begins with it."""
    lines = list(to.postal_lines)
    return lines if lines and to.name.startswith(lines[0]) else [to.name, *lines]


@lru_cache(maxsize=8)
def _environment(root: Path, *, laid_out: bool, supplied: bool) -> Environment:
    # Supplied texts are others' work: a sandbox, which takes twice as long, keeps them to the facts.
    environment = (ImmutableSandboxedEnvironment if supplied else Environment)(
        loader=FileSystemLoader((root, TEMPLATES)),
        undefined=StrictUndefined,
        autoescape=laid_out,  # the text of a mail is no HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["number"] = number
    return environment


def _text(page: Page, text: str, *, laid_out: bool = False, **more: Any) -> str:
    texts = page.texts
    name = text if text.startswith("_") else texts.name(text)
    try:
        kept_in = texts.language != ENGLISH
        found = _environment(texts.root, laid_out=laid_out, supplied=kept_in).get_template(name)
        return found.render(page.context(), **more)
    except FAULTS_OF_A_TEXT as error:
        raise RenderingError(f"{name}: {type(error).__name__}: {error}") from error


def _subject(page: Page) -> str:
    line = _text(page, SUBJECT).rstrip("\n")
    if not line.strip() or LINE_BREAK.search(line):
        raise RenderingError(f"{page.texts.name(SUBJECT)}: a subject is one line of text.")
    return line


def _laid_out(page: Page, title: str, body: str) -> bytes:
    own = LAID_OUT if page.texts.path(LAID_OUT).exists() else LAYOUT
    laid = _text(page, own, laid_out=True, title=title, runs=runs_of(body, page.acknowledge))
    if own is LAID_OUT:
        _require_words(page, words_of_html(laid), NOBODY)
    return laid.encode()


def _letter_of(page: Page, title: str, others: Names) -> bytes:
    _require_words(page, words_of_letter(page), others)
    return _compile(page, title, "pdf")


def _require_addressee(page: Page) -> None:
    """What goes to an employer speaks of that employer."""
    named = page.facts.get("employer_name", page.recipient.name)
    if page.recipient.key.startswith(AN_EMPLOYER) and named != page.recipient.name:
        raise RenderingError(f"{page.kind.name}: it is about another employer than {page.recipient.key}.")


def _require_words(page: Page, words: str, others: Names) -> None:
    tongue = language(page.texts.language)
    by_name = {fact.name: fact for fact in page.kind.facts}
    wanted = {name: spoken(by_name[name], page.facts[name], tongue) for name in page.kind.to_show(page.facts)}
    showing.require_shown(page.texts.prefix, wanted, words, tongue, number)
    own = (page.recipient.name, *page.recipient.postal_lines, settings().union_name, *showing.own_names(page.facts))
    if others.in_text(words, own) is not None:
        # Whose name it is stays out of the message: it may go into a log.
        raise RenderingError(f"{page.texts.prefix}: the words for {page.recipient.key} name another employer.")


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """The compiler's own fonts only: a machine's fonts would change the bytes."""
    return typst.Fonts(include_system_fonts=False)


def _compile(page: Page, title: str, wanted: Literal["pdf", "html"]) -> bytes:
    if not page.kind.has_letter:
        return _plain(page, title, _text(page, BODY), wanted)
    return _set(page, page.texts.path(LETTER), page.context() | {"title": title}, wanted)


def _plain(page: Page, title: str, body: str, wanted: Literal["pdf", "html"]) -> bytes:
    runs = [asdict(run) for run in runs_of(body, page.acknowledge)]
    return _set(page, TEMPLATES / PLAIN_LETTER, page.context() | {"title": title, "runs": runs}, wanted)


def _set(page: Page, source: Path, context: Mapping[str, Any], wanted: Literal["pdf", "html"]) -> bytes:
    data = json.dumps(context, ensure_ascii=False)
    changed = (TEMPLATES / LETTERHEAD).stat().st_mtime_ns
    # A supplied letter lies outside the root: it is read here, and may itself read nothing but the letterhead.
    main, stamp = source.read_bytes(), _stamp(page.dated_on)
    try:
        return set_whole(data, lambda told: _compiled(main, str(TEMPLATES), told, wanted, stamp, changed))
    except typst.TypstError as error:
        raise RenderingError(f"{source.parent.name}/{source.name}: {error.message}") from error


@lru_cache(maxsize=4)
def _compiled(
    main: bytes, root: str, data: str, wanted: Literal["pdf", "html"], timestamp: int, _letterhead_changed: int
) -> bytes:
    """One paper goes by letter and by mail with the very same PDF: the last few are kept."""
    laid = typst.Compiler(main, root=root, font_paths=fonts()).compile(
        format=wanted, sys_inputs={"data": data, "wanted": wanted}, pdf_standards="ua-1", timestamp=timestamp
    )
    assert isinstance(laid, bytes)
    return laid


def _stamp(day: date) -> int:
    return int(datetime.combine(day, time(12), tzinfo=UTC).timestamp())


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
