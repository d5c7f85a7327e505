"""
Which texts say a message: English always, another language where somebody supplied it.

Supplied texts of a kind lie in `<texts folder>/<language>/<kind>/` of an installation, or beside the English ones in
`templates/<kind>/<language>/`. They are whole or they are a mistake: a kind with a letter of its own has one in each
language. None is ever made by a machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import ConfigurationError
from core.settings import settings
from notifications import messages
from notifications.language import ENGLISH
from notifications.messages import MessageKind

SUBJECT, BODY, LETTER = "subject.txt.j2", "body.txt.j2", "letter.typ"
SMS = "sms.txt.j2"
LAID_OUT = "body.html.j2"


@dataclass(frozen=True, slots=True)
class Texts:
    """
    The texts of one kind in one language. `root` is the folder that templates are loaded from, `prefix` where in it.
    """

    kind: MessageKind
    language: str
    root: Path
    prefix: str

    def name(self, text: str) -> str:
        """A text as the loader knows it."""
        return f"{self.prefix}/{text}"

    def path(self, text: str) -> Path:
        """Where a text lies."""
        return self.root / self.prefix / text


def english(kind: MessageKind) -> Texts:
    """The texts that every kind has."""
    return Texts(kind, ENGLISH, messages.TEMPLATES, kind.name)


def texts_for(kind: MessageKind, language: str) -> Texts:
    """The texts in the language wanted, else in English."""
    return supplied(kind, language) or english(kind)


def supplied(kind: MessageKind, language: str) -> Texts | None:
    """The texts of a kind in another language; the installation's own before those beside the English ones."""
    if language == ENGLISH:
        return None
    own = settings().effective_texts_folder / language
    found = (
        Texts(kind, language, own, kind.name),
        Texts(kind, language, messages.TEMPLATES, f"{kind.name}/{language}"),
    )
    return next((each for each in found if each.path("").is_dir()), None)


def require_whole(texts: Texts) -> None:
    """`ConfigurationError` naming the first file that supplied texts lack."""
    wanted = (SUBJECT, BODY, LETTER) if texts.kind.has_letter else (SUBJECT, BODY)
    for text in wanted:
        if not texts.path(text).is_file():
            raise ConfigurationError(
                f"{texts.path(text)}: found no such file, wanted one: texts in another language are given whole, "
                f"with {', '.join(wanted)}."
            )
