"""
Hostile texts in what is set as PDF: letters, and mails that are laid on the letterhead. The words stand there as they
were written, nothing of them is a link or an action, and no paper is lost because of one.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from pydantic import ValidationError

from casework.acts import Reason
from notifications.lifecycle import Medium
from notifications.rendering import render, words_of_letter
from tests.app.hostile.test_rendered import PLAIN, pairs, told
from tests.notifications.samples import page

STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
ACTIVE = re.compile(rb"/(?:URI|JavaScript|JS|Launch|OpenAction|AA|GoToR|SubmitForm|Annots?)\b")
"""What a reader of PDFs follows or runs."""
SEEN = re.compile(r"[ -~£éß\n]+")
"""Letters that every reader of PDFs gives back as they were set."""
LONG = 600
"""Letters beyond which a text goes over pages, with what stands at head and foot of them in between."""


def active(pdf: bytes) -> list[str]:
    """What of a PDF a reader would follow or run; its objects are looked at where they are packed too."""
    parts = [STREAM.sub(b"", pdf)]
    for packed in STREAM.findall(pdf):
        try:
            parts.append(zlib.decompress(packed))
        except zlib.error:
            continue
    return sorted({each.decode() for part in parts for each in ACTIVE.findall(part)})


def words_of(pdf: bytes, folder: Path) -> str:
    """The words as whoever opens the file copies them, without what is between them."""
    path = folder / "read.pdf"
    path.write_bytes(pdf)
    read = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, text=True, check=True).stdout
    return "".join(read.split())


def both() -> Iterator[tuple[str, str, str]]:
    """Texts as facts of every kind: of letters, and of mails that go by letter where they cannot be delivered."""
    return chain(pairs(letters=True), pairs(letters=False))


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="reads the PDF itself with poppler's pdftotext")
@pytest.mark.parametrize("nth", [97, pytest.param(1, marks=pytest.mark.full)])
def test_fm_32_every_text_that_is_taken_stands_in_the_pdf_as_words(tmp_path: Path, nth: int) -> None:
    """
    Turns red if a fact reaches Typst by `eval` or as source, if an address among the facts becomes a link, or if a
    letter that no font has keeps a paper from being set.
    """
    tried, read, wrong = list(both())[::nth], 0, []
    for sample, name, text in tried:
        sheet, plain = told(sample, name, text), told(sample, name, PLAIN)
        if sheet is None or plain is None:
            continue
        pdf = render(sheet, Medium.LETTER).body
        wrong += [f"{sample} {name} {text[:40]!r}: {each}" for each in active(pdf)]
        if SEEN.fullmatch(text) and len(text) < LONG and PLAIN in words_of_letter(plain):
            read += 1
            if "".join(text.split()) not in words_of(pdf, tmp_path):
                wrong.append(f"{sample} {name} {text[:40]!r}: is not there")
    assert not wrong, f"{len(wrong)} faults\n" + "\n".join(wrong[:20])
    assert read > len(tried) / 4


NO_FONT_HAS = ("王明 of 日本語 School", "Thank you 😀🎉", "ﷺ", "ᚠᛇ", "👩‍👩‍👧", "𓂀")
"""Names and words that people do write, in letters that are not among the compiler's own."""


@pytest.mark.parametrize("sample", ["case_reopened", "officer_assigned"])
@pytest.mark.parametrize("text", NO_FONT_HAS)
def test_fm_32_a_letter_that_no_font_has_loses_no_paper(sample: str, text: str) -> None:
    """
    A letter of its own, and a mail that is laid on the letterhead. Turns red if `_set` does not go by `set_whole`:
    the notice was not made at all, and what waited for it stood still.
    """
    [name] = [each for each in ("evidence", "reason") if each in page(sample).facts]
    sheet = told(sample, name, text)
    assert sheet is not None
    assert render(sheet, Medium.LETTER).body.startswith(b"%PDF")
    if sheet.kind.has_letter:
        assert text.split()[0] in words_of_letter(sheet)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="reads the PDF itself with poppler's pdftotext")
def test_what_no_font_has_is_spelled_by_its_number_and_nothing_else_is(tmp_path: Path) -> None:
    """Turns red if letters that a font has are spelled out too, or one that none has is left out."""
    sheet = told("case_reopened", "evidence", "Łukasz Ó Briain, 王明 and Zoë: naïve 👍.")
    assert sheet is not None
    assert "ŁukaszÓBriain,[U+738B][U+660E]andZoë:naïve[U+1F44D]." in words_of(
        render(sheet, Medium.LETTER).body, tmp_path
    )


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="reads the PDF itself with poppler's pdftotext")
@pytest.mark.parametrize("text", ["9" * 400, "https://union.test/" + "a-b_c/" * 60, "W" * 50])
def test_a_word_longer_than_a_line_stays_on_the_sheet(tmp_path: Path, text: str) -> None:
    """Turns red if `maybe-longer-than-a-line` goes: what stood beyond the edge of the paper was lost."""
    sheet = told("strike_call#one", "workplace_name", text)
    assert sheet is not None
    assert words_of(render(sheet, Medium.LETTER).body, tmp_path).count(text) == 2


@pytest.mark.parametrize("letter", ["\ufffe", "\uffff", "\ufdd0", "\x85", "\x9f"])
def test_what_is_no_letter_at_all_is_refused_in_words(letter: str) -> None:
    """Turns red if `CONTROL` of the facts, or `NO_LETTERS` of the acts, lets one through: no paper could hold it."""
    assert told("case_reopened", "evidence", f"before{letter}after") is None
    with pytest.raises(ValidationError, match="control character"):
        Reason(reason=f"before{letter}after")
