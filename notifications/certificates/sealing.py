"""
A certificate as a file: one spelling of its JSON, sealed by a digest, and how it is taken out of a file again.

What is sealed is every value; how the file spells them is fixed as well, so that a change of any byte is seen. Reading
trusts nothing: a file may be cut off, altered, or made to break its reader.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.findings import Finding
from core.history import digest
from notifications.certificates.faults import fault

MOST_BYTES = 256 * 1024 * 1024
DEEPEST = 64
"""Levels of lists and names within each other; a certificate has a dozen."""
NAME = "certificate.json"
ALGORITHM = "sha256"
PDF_BEGINS = b"%PDF-"
ATTACHED = re.compile(
    rb"<</Length (\d{1,10})/Type/EmbeddedFile/Filter/FlateDecode/Subtype/application#2Fjson"
    rb"/Params<<[^<>]{0,200}>>>>\s{1,4}stream\r?\n"
)


@dataclass(frozen=True, slots=True)
class Opened:
    """
    What a file holds. `file` is the JSON as it was spelled, `pages` the PDF around it where there is one, `sealed` the
    value under the seal, `digest` what the seal says of it.
    """

    file: bytes
    pages: bytes | None
    sealed: dict[str, Any]
    digest: str


class Unreadable(Exception):
    """A file from which no certificate can be taken; the finding says why."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.finding: Finding = fault(code, sentence)


def file_of(sealed: dict[str, Any]) -> bytes:
    """The file of a certificate: its JSON under its seal, in the one spelling it has."""
    return _under_seal(sealed, digest(sealed))


def opened(content: bytes) -> Opened:
    """The certificate in a file, JSON or PDF, before anything in it is believed. Raises `Unreadable`."""
    if len(content) > MOST_BYTES:
        raise Unreadable("too_large", f"The file is larger than {MOST_BYTES // 1024 // 1024} megabytes.")
    pages = content if content.startswith(PDF_BEGINS) else None
    file = _attached(content) if pages is not None else content
    return _taken(_value_of(file), file, pages)


def is_another_file(content: bytes) -> bool:
    """Whether a file is of another kind altogether: it shows no sign of a certificate, not even of a broken one."""
    signs = (NAME.encode(), b"application#2Fjson") if content.startswith(PDF_BEGINS) else (b'"certificate"', b'"seal"')
    return not any(sign in content for sign in signs)


def digest_in(file: bytes) -> str:
    """The digest in the seal of a file that we made."""
    return str(json.loads(file)["seal"]["digest"])


def plain(sealed: dict[str, Any]) -> bytes:
    """The value again as JSON, for a reader that wants its text."""
    return _spelled(sealed)


def is_spelled_as_made(found: Opened) -> bool:
    """Whether the file is spelled as we spell it: spaces, line ends, the order of names."""
    return found.file == _under_seal(found.sealed, found.digest)


def _under_seal(sealed: dict[str, Any], digest_: str) -> bytes:
    return _spelled({"certificate": sealed, "seal": {"algorithm": ALGORITHM, "digest": digest_}})


def _spelled(document: Any) -> bytes:
    return (json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def _attached(pages: bytes) -> bytes:
    found = list(ATTACHED.finditer(pages))
    if len(found) != 1:
        raise Unreadable("not_a_certificate", "The PDF carries no certificate, or more than one.")
    begins, length = found[0].end(), int(found[0][1])
    reader = zlib.decompressobj()
    try:
        file = reader.decompress(pages[begins : begins + length], MOST_BYTES)
    except zlib.error:
        raise Unreadable("attachment_broken", "The certificate inside the PDF is damaged.") from None
    if not reader.eof or reader.unused_data:
        raise Unreadable("attachment_broken", "The certificate inside the PDF is cut off, or too large.")
    return file


def _value_of(file: bytes) -> Any:
    try:
        value = json.loads(file.decode("utf-8"), object_pairs_hook=_names_once, parse_constant=_no_number)
        _require_plain(value)
    except UnicodeDecodeError:
        raise Unreadable("not_json", "The file is neither a PDF nor JSON in UTF-8.") from None
    except json.JSONDecodeError as error:
        sentence = f"The file is not whole JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        raise Unreadable("not_json", sentence) from None
    except (ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, _Refused) else "it holds what no certificate holds"
        raise Unreadable("not_json", f"The file cannot be read: {said}.") from None
    return value


class _Refused(ValueError):
    """A value that no certificate holds."""


def _names_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused("a name stands twice in one place, so that readers may read different things")
    return found


def _no_number(text: str) -> Any:
    raise _Refused(f"{text} is no number")


def _require_plain(value: Any) -> None:
    """No deeper than a certificate is, and nothing that cannot be written as UTF-8."""
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        each, depth = waiting.pop()
        if depth > DEEPEST:
            raise _Refused("it is nested too deeply")
        if isinstance(each, str):
            each.encode()
        waiting.extend((inner, depth + 1) for inner in _within(each))


def _within(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _taken(value: Any, file: bytes, pages: bytes | None) -> Opened:
    if not isinstance(value, dict) or not isinstance(value.get("certificate"), dict):
        raise Unreadable("not_a_certificate", "The file is no certificate of service.")
    seal = value.get("seal")
    if set(value) != {"certificate", "seal"} or not isinstance(seal, dict) or set(seal) != {"algorithm", "digest"}:
        raise Unreadable("not_a_certificate", "The file holds more, or less, than a certificate and its seal.")
    if seal["algorithm"] != ALGORITHM or not isinstance(seal["digest"], str):
        raise Unreadable("unknown_seal", f"The certificate is sealed otherwise than by {ALGORITHM}.")
    return Opened(file, pages, value["certificate"], seal["digest"])
