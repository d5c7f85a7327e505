"""
Trying supplied texts before anybody is sent one: whole, with the facts of their kind, and showing what must be shown.

A text that fails is named with its file. Nothing goes out in English instead: whoever supplied it wants it right.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

from core.errors import ConfigurationError
from notifications import specimen
from notifications.language import ENGLISH, LANGUAGES
from notifications.lifecycle import Medium
from notifications.messages import MessageKind, message_kind, registry
from notifications.rendering import Page, render
from notifications.showing import RenderingError
from notifications.texts import Texts, require_whole, supplied

DATED = date(2026, 9, 1)
LINK = "https://specimen.invalid/a/link"


def require_usable(kind: MessageKind, language: str) -> None:
    """`ConfigurationError` when texts of a kind are supplied in a language and one of them cannot be used."""
    texts = supplied(kind, language)
    if texts is not None:
        _tried(kind.name, language, texts.path(""), _stamp(texts))


def all_supplied() -> Iterator[Texts]:
    """Every set of texts that an installation has in another language than English."""
    for code in LANGUAGES:
        for kind in registry().values():
            texts = supplied(kind, code) if code != ENGLISH else None
            if texts is not None:
                yield texts


def _stamp(texts: Texts) -> tuple[tuple[str, int], ...]:
    """What changes when a file does, so that a mended text is tried again."""
    return tuple((path.name, path.stat().st_mtime_ns) for path in sorted(texts.path("").iterdir()))


@lru_cache(maxsize=256)
def _tried(kind: str, language: str, folder: Path, _files: tuple[tuple[str, int], ...]) -> None:
    texts = supplied(message_kind(kind), language)
    assert texts is not None
    require_whole(texts)
    for facts in specimen.specimens(texts.kind):
        to = specimen.recipient(texts.kind, language, facts)
        for link in (None, LINK):
            try:
                render(Page(texts.kind, facts, {}, to, DATED, link), Medium.MAIL)
            except RenderingError as error:
                raise ConfigurationError(f"{folder}: a supplied text cannot be used: {error}") from error
