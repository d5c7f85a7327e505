"""
A pack's file: TOML or JSON in UTF-8, by the name it ends in.

`BadInput` names the file and, where the text itself breaks the format, the line.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from ballots.pack import Pack
from ballots.pack_reading import Place, read_pack
from core.errors import BadInput

LARGEST = 5_000_000
"""Bytes; a pack of a thousand workplaces is a tenth of it."""

_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"\s*([^=#\[\]{},]+?)\s*=")


def read_pack_file(path: Path) -> Pack:
    """The pack in a `.toml` or `.json` file."""
    formats = {".toml": (_toml, False), ".json": (_json, True)}
    if path.suffix.lower() not in formats:
        raise BadInput(field="PACK", found=path.name, wanted="a file that ends in .toml or .json")
    parsed, texts = formats[path.suffix.lower()]
    written = _text(path)
    return read_pack(parsed(written, path), file=path.name, texts=texts)


def _text(path: Path) -> str:
    """What the file says, without the mark that some editors put before it."""
    wanted = f"a file of at most {LARGEST} bytes to read"
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInput(field="PACK", found=str(path), wanted=f"{wanted} ({reason})") from None
    if len(content) > LARGEST:
        raise BadInput(field="PACK", found=f"{path} of more bytes", wanted=wanted)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"the byte {content[error.start]:#04x}"
        raise BadInput(field="text", found=found, wanted="UTF-8", path=path.name, line=line) from None


@contextmanager
def _faults_told(path: Path, form: str) -> Iterator[None]:
    """Tell of text that breaks a format, or that no reader of it can hold, as bad input."""
    try:
        yield
    except RecursionError:
        raise BadInput(field=form, found="brackets too deep", wanted="the sections of a pack", path=path.name) from None
    except json.JSONDecodeError as error:
        raise BadInput(field=form, found=error.msg, wanted=f"valid {form}", path=path.name, line=error.lineno) from None
    except ValueError:
        raise BadInput(field=form, found="a number too long to read", wanted="a count", path=path.name) from None


def _toml(written: str, path: Path) -> Any:
    with _faults_told(path, "TOML"):
        try:
            return tomllib.loads(written)
        except tomllib.TOMLDecodeError as error:
            at = _LINE.search(str(error))
            line = int(at.group(1)) if at else len(written.splitlines())
            found = _LINE.sub("", str(error)).strip()
            wanted = "a day or time of the calendar" if "date" in found else "valid TOML"
            field = _key_at(written, line) or "TOML"
            fault = BadInput(field=field, found=found, wanted=wanted, path=path.name, line=line)
        raise fault


def _key_at(written: str, line: int) -> str | None:
    """The path of the key that a line of TOML gives a value, as far as its headers tell; None without one."""
    table, key, seen = "", None, dict[str, int]()
    for text in written.splitlines()[:line]:
        if header := _HEADER.match(text):
            table, key = header.group(2), None
            if header.group(1) == "[[":
                seen[table] = seen.get(table, -1) + 1
                table = f"{table}[{seen[table]}]"
        elif entry := _KEY.match(text):
            key = entry.group(1)
    if key is None:
        return None
    return f"{table}.{key}" if table else key


def _json(written: str, path: Path) -> Any:
    def no_constant(name: str) -> NoReturn:
        raise BadInput(field="JSON", found=name, wanted="a whole number", path=path.name)

    def once_each(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
        table = dict(pairs)
        if len(table) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise Place(texts=True, file=path.name).key(twice).wrong("given twice", "each key of a table once")
        return table

    with _faults_told(path, "JSON"):
        return json.loads(written, parse_constant=no_constant, object_pairs_hook=once_each)
