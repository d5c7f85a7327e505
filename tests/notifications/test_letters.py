"""Letters as sheets of paper: where the window is, how long tables break, who can read them, the same bytes always."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from core.settings import settings
from notifications.lifecycle import Medium
from notifications.messages import message_kind, registry
from notifications.recipients import Recipient
from notifications.rendering import Page, render, sha256, words_of_letter
from tests.notifications.samples import DATED, RECIPIENTS, SAMPLES, kind_of, page

MM = 72 / 25.4
A_SAMPLE_EACH = sorted({kind_of(name): name for name in reversed(list(SAMPLES))}.values())
LINK = "https://disputes.union.test/a/aaisem2ekvthpcezqod7n7ycbu2n2dxf"
poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="reads the PDF itself with poppler")

ALL_LETTERS = """
import json, locale, sys
from contextlib import suppress
with suppress(locale.Error):
    locale.setlocale(locale.LC_ALL, "")
from notifications.lifecycle import Medium
from notifications.rendering import render, sha256
from tests.notifications.samples import page
json.dump({name: sha256(render(page(name), Medium.LETTER).body) for name in json.load(sys.stdin)}, sys.stdout)
"""

LONG_NAME = "The Most Reverend Bishops' Multi-Academy Trust of the Northern and Western Dioceses"
LONG_ADDRESS = (
    "Directorate of Education, Skills and Children's Services, Employee Relations Team",
    "Trust House, Floor 4, Building C",
    "The Old Industrial Estate",
    "14 Station Road",
    "Oldtown upon the Water",
    "Greater Countyshire",
    "OT1 4AB",
)
PLACES = [
    {
        "name": f"{('Hill', 'Dale', 'Brook')[number % 3]} {number} Primary School",
        "urn": 100_000 + number,
        "address": f"{number} Long Street, Little Snoring on the Water, AB{number % 20} {number % 9}CD",
    }
    for number in range(300)
]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a page, with its edges in millimetres from the left and the top."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def touches(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Whether it reaches into that box."""
        return self.left < right and self.right > left and self.top < bottom and self.bottom > top


def pages_of(letter: bytes, folder: Path) -> list[list[Word]]:
    """The words of each page, where they stand."""
    path = folder / "letter.pdf"
    path.write_bytes(letter)
    told = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True).stdout
    box = r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>'
    return [
        [
            Word(text, float(left) / MM, float(top) / MM, float(right) / MM, float(bottom) / MM)
            for left, top, right, bottom, text in re.findall(box, sheet)
        ]
        for sheet in told.split("<page ")[1:]
    ]


def of_many(sample: str, **changes: Any) -> Page:
    """A sample with three hundred workplaces, to an employer with a long name and address."""
    to = replace(RECIPIENTS["employer"], name=LONG_NAME, postal_lines=LONG_ADDRESS)
    return replace(page(sample, workplaces=PLACES, employer_name=LONG_NAME, **changes), recipient=to)


@pytest.mark.parametrize("kind", sorted(registry()))
def test_every_kind_has_a_sample(kind: str) -> None:
    """Turns red if a kind is added without one: nobody would have looked at its letter."""
    assert kind in {kind_of(name) for name in SAMPLES}


@pytest.mark.parametrize("sample", A_SAMPLE_EACH)
def test_every_letter_passes_the_compilers_check_for_pdf_ua_1(sample: str) -> None:
    """Turns red if `pdf_standards="ua-1"` is dropped from `rendering._compile`, or a letter has no title or tags."""
    letter = render(page(sample), Medium.LETTER).body
    assert b"<pdfuaid:part>1</pdfuaid:part>" in letter
    assert b"/StructTreeRoot" in letter
    assert b"/Lang(en-GB)" in letter.replace(b" ", b"")


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"TZ": "Pacific/Kiritimati", "LC_ALL": "cy_GB.UTF-8", "PYTHONHASHSEED": "1"},
        {"TZ": "America/Los_Angeles", "LC_ALL": "C", "PYTHONHASHSEED": "2"},
    ],
    ids=["kiritimati", "los_angeles"],
)
def test_letters_are_the_same_bytes_in_another_process_zone_and_locale(elsewhere: dict[str, str]) -> None:
    """Turns red if `rendering._stamp` takes local time, a date is written by `strftime`, or system fonts are used."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LC_")} | elsewhere
    ran = subprocess.run(
        [sys.executable, "-c", ALL_LETTERS],
        input=json.dumps(A_SAMPLE_EACH),
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert json.loads(ran.stdout) == {name: sha256(render(page(name), Medium.LETTER).body) for name in A_SAMPLE_EACH}


@poppler
@pytest.mark.parametrize("to", ["short", "long"])
def test_the_address_and_nothing_else_stands_in_the_window(to: str, tmp_path: Path) -> None:
    """
    A window of 90 by 35 mm stands 20 mm from the left and 18 to 20 mm from the foot of a DL envelope; a sheet folded in
    three slips in it by 10 mm or so. Turns red if `address-top` or `left-margin` of the letterhead moves by 15 mm.
    """
    whole = of_many("notice_of_ballot") if to == "long" else page("notice_of_ballot")
    first = pages_of(render(whole, Medium.LETTER).body, tmp_path)[0]
    window = [word for word in first if word.touches(20, 44.5, 118, 90)]
    lines = " ".join((whole.recipient.name, *whole.recipient.postal_lines))
    assert " ".join(word.text for word in window).replace("&apos;", "'") == lines
    assert all(word.left >= 20 and word.right <= 110 for word in window)
    assert min(word.top for word in window) >= 45
    assert max(word.bottom for word in window) <= 86


@poppler
def test_the_letterhead_stands_once_and_every_page_says_which_it_is(tmp_path: Path) -> None:
    """Turns red if `running-head` or `footer` is dropped, or the letterhead repeats."""
    sheets = pages_of(render(of_many("notice_of_ballot"), Medium.LETTER).body, tmp_path)
    assert len(sheets) > 5
    for number, sheet in enumerate(sheets, start=1):
        said = " ".join(word.text for word in sheet)
        assert f"Page {number} of {len(sheets)}" in said
        assert settings().union_name in said
        assert ("1 Example Street" in said) is (number == 1)


@poppler
@pytest.mark.parametrize(
    ("sample", "heads"),
    [("notice_of_ballot", ["Workplace", "Address", "URN"]), ("notice_of_action", ["Workplace", "concerned"])],
)
def test_a_table_of_three_hundred_workplaces_has_its_head_on_each_page(
    sample: str, heads: list[str], tmp_path: Path
) -> None:
    """Turns red if `ruled-table` sets its head by plain cells in place of `table.header`, or a row breaks in two."""
    counts = {"by_workplace": {str(place["urn"]): 3 for place in PLACES}} if sample == "notice_of_action" else {}
    sheets = pages_of(render(of_many(sample, **counts), Medium.LETTER).body, tmp_path)
    for sheet in sheets:
        said = [word.text for word in sheet if word.top < 250]
        assert all(head in said for head in heads) or not any(
            re.fullmatch(r"\(?1000\d\d\)?|\(?100[12]\d\d\)?", word.text) for word in sheet
        )
    whole = " ".join(word.text for sheet in sheets for word in sheet)
    for place in PLACES:
        assert whole.count(str(place["urn"])) == 1


@poppler
@pytest.mark.parametrize("sample", A_SAMPLE_EACH)
def test_nothing_runs_off_the_sheet_and_no_signature_stands_alone(sample: str, tmp_path: Path) -> None:
    """Turns red if the parting paragraph is set outside the unbreakable block with the signature."""
    sheets = pages_of(render(page(sample), Medium.LETTER).body, tmp_path)
    for sheet in sheets:
        assert all(word.left >= 20 and word.right <= 190 and word.bottom <= 290 for word in sheet)
        said = " ".join(word.text for word in sheet).split("Our reference")[0]
        closing = re.search(r"(Yours (faithfully|sincerely)|In solidarity)", said)
        if closing is not None:
            assert len(said[: closing.start()].split()) > 15


def test_a_slip_acknowledges_what_an_employer_must_be_shown_to_have() -> None:
    """Turns red if `letter` leaves out the slip, or the slip the link."""
    for name in A_SAMPLE_EACH:
        kind = message_kind(kind_of(name))
        if kind.proof is None or kind.audience != "employer":
            continue
        said = words_of_letter(replace(page(name), acknowledge=LINK))
        assert "Acknowledgement of receipt" in said
        assert LINK in said
        assert "without this slip" not in words_of_letter(page(name))


def test_hostile_names_stay_names_in_letters() -> None:
    """Turns red if a fact reaches Typst by `eval` or as source."""
    name = '#panic() *b* <label> $x$ "quote" @ref \\ [x] // no'
    to = Recipient("employer:1", name, "a@b.test", (name, "#set page(width: 1pt)"))
    said = words_of_letter(Page(message_kind("dispute_notified"), _facts(name), {}, to, DATED))
    assert said.count(name) == 2


def _facts(name: str) -> dict[str, Any]:
    return message_kind("dispute_notified").check(
        {**SAMPLES["dispute_notified"], "employer_name": name, "matters": [name]}
    )
