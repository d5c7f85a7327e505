"""
What was sent, as a certificate carries it: the name of each file in it, and an annex for each copy.

The annex of an email has its words, taken from the frozen bytes. A letter is a PDF, and no tagged PDF may hold another
as a page: it is attached whole, and its annex says under which name and how to compare it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from notifications.certificates.shape import Certificate, Content, Copy, Document
from notifications.certificates.spelling import content_of
from notifications.certificates.vocabulary import MEDIA, PARTS
from notifications.evidence_files import ENDINGS
from notifications.lifecycle import Medium
from notifications.rendering import TEXT

HTML = "text/html"
WORD_BY_WORD = "What the person who recorded it said of the delivery, word by word"
PLAIN = "text/plain"
ENDING_OF = {**ENDINGS, TEXT: "txt", HTML: "html"}


@dataclass(frozen=True, slots=True)
class Annex:
    """One file that was sent, or that shows a receipt. `text` is None for one that is no text: it is attached."""

    title: str
    subject: str
    file: str
    sha256: str
    text: str | None

    def as_told(self) -> dict[str, Any]:
        """As the layout takes it."""
        return asdict(self)


def called(certificate: Certificate, copy: Copy) -> str:
    """A copy's medium, and its number where there are several."""
    number = certificate.copies.index(copy) + 1
    return MEDIA[copy.medium] if len(certificate.copies) == 1 else f"{number}. {MEDIA[copy.medium]}"


def part_of(copy: Copy, name: str) -> str:
    """What a part of a copy is, in words."""
    return "the letter" if copy.medium is Medium.LETTER and name == "body" else PARTS[name]


def name_of(certificate: Certificate, copy: Copy, part: Content) -> str:
    """What a part of a copy is called as a file."""
    kind = part.content_type.partition(";")[0]
    ending = ENDING_OF.get(part.content_type, ENDING_OF.get(kind, "txt" if kind == PLAIN else "bin"))
    name = "letter" if part.name == "attachment" or copy.medium is Medium.LETTER else copy.medium.value
    return f"{certificate.copies.index(copy) + 1}-{name}.{ending}"


def document_name(document: Document) -> str:
    """What a document that shows a receipt is called as a file."""
    return f"document-{document.sha256[:8]}.{ENDINGS.get(document.content_type or '', 'bin')}"


def annexes(certificate: Certificate) -> Iterator[Annex]:
    """An annex for the text of each copy and for each letter; another layout of the same text has none."""
    for copy in certificate.copies:
        for part in copy.contents:
            if part.name == "html":
                continue
            text = _text(part.base64) if part.content_type.startswith(PLAIN) else None
            pdf = "The PDF of" if copy.medium is Medium.LETTER else "The letter that went with"
            what = pdf if text is None else "The words of"
            title, file = f"{what} {_copy_of(certificate, copy)}", name_of(certificate, copy, part)
            yield Annex(title, copy.subject_line, file, part.sha256, text)
    for document in certificate.documents:
        if document.base64 is not None and is_statement(document):
            text, file = _text(document.base64), document_name(document)
            yield Annex("A record of how it was handed over", WORD_BY_WORD, file, document.sha256, text)


def _copy_of(certificate: Certificate, copy: Copy) -> str:
    """The copy in a heading: by its number where there are several."""
    medium = MEDIA[copy.medium].lower()
    return f"copy {certificate.copies.index(copy) + 1}, {medium}" if len(certificate.copies) > 1 else f"the {medium}"


def is_statement(document: Document) -> bool:
    """Whether it is what a person said of a delivery, and no paper or photograph."""
    return document.content_type == TEXT


def _text(base64: str) -> str:
    return (content_of(base64) or b"").decode("utf-8", "replace")
