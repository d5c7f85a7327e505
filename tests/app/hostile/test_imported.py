"""
Hostile texts in the files that the register takes in, CSV and workbooks: in every column, in headings, in the names of
files and sheets. What comes of them on the page, in the file of rejected rows, and where the register is shown.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice, product
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from app import signing_in
from casework.register.kinds import KINDS
from casework.register.spreadsheets import unguarded
from core.settings import settings
from tests.app.hostile.payloads import PAYLOADS
from tests.app.hostile.test_stored import A_NUMBER, FORMULA
from tests.app.hypertext import Page
from tests.app.signed_in import EVERYTHING, a_key, an_account, nobody
from tests.casework.register.files import MEMBER, OFFICER, SCHOOL, TODAY
from tests.engines import Engine, blank, opened
from tests.processes import wait_for

PLAIN = "Somebody said so"
ROWS = 50
"""As many as the page shows of those that are rejected."""
MOST_IN_A_CELL = 32_767
"""Letters that a workbook takes."""
IN_AN_ADDRESS = 2_000
"""Letters of a number that an address is asked with."""
LOOKS_AGAIN = '<meta http-equiv="refresh"'
FORMATS = ("csv", "xlsx")
BASES: Mapping[str, Mapping[str, str]] = {
    "workplaces": dict.fromkeys(TODAY, "") | SCHOOL,
    "colleges": {
        "UKPRN": "10000055",
        "Provider Name": "Elm College",
        "Provider Type": "Sixth form college",
        "LA (code)": "886",
        "LA (name)": "Kent",
        "Street": "Elm Lane",
        "Town": "Maidstone",
        "Postcode": "ME14 1XX",
    },
    "links": {"URN": "118000", "LinkURN": "118001", "LinkName": "Oast School", "LinkType": "Successor"},
    "closures": {"urn": "118000", "close_date": "31-12-2026"},
    "trusts": {"URN": "118000", "rb": "Kent"},
    "officers": OFFICER | {"phone": ""},
    "members": MEMBER | {"phone": "", "language": ""},
}
NUMBERS: Mapping[str, tuple[str, str]] = {
    "workplaces": ("URN", "{:06}"),
    "colleges": ("UKPRN", "1{:07}"),
    "officers": ("email", "officer{}@example.org"),
    "members": ("membership_number", "A{}"),
}
"""The column that tells the rows of a file apart, and how it spells a number."""
SHOWN = ("/workplaces/{}", "/search?q={}", "/cases/new?q={}", "/api/workplaces/{}")
"""Where a school or a college is shown by its number."""


@dataclass
class Desk:
    """Somebody who takes files in; `known` is what stands on a page of an import, by its route, without harm."""

    client: TestClient
    known: dict[str, set[tuple[str, tuple[str, ...]]]] = field(default_factory=dict)

    def get(self, address: str, route: str) -> list[str]:
        """What is wrong with a page: what a browser would run, and elements that no plain file had there."""
        answer = self.settled(address)
        if answer.status_code >= 500:
            return [f"{route}: answered {answer.status_code}"]
        if not answer.headers["content-type"].startswith("text/html"):
            return []
        page = Page(answer.text)
        strange = set(page.skeleton) - self.known.get(route, set(page.skeleton))
        return [f"{route}: {each}" for each in (*page.faults, *strange)]

    def settled(self, address: str) -> Any:
        """The page once the work on the file is over: until then it says how far that is, and looks again by itself."""
        wait_for(lambda: LOOKS_AGAIN not in self.client.get(address).text)
        return self.client.get(address)

    def learn(self, address: str, route: str) -> None:
        """Take what stands on a page for harmless."""
        page = Page(self.client.get(address).text)
        assert not page.faults
        self.known.setdefault(route, set()).update(page.skeleton)

    def sent(self, kind: str, name: str, content: bytes, sheet: str = "") -> str:
        """The address that leads to what was found; empty where the form came back with a refusal."""
        told = {"kind": kind, "sheet": sheet}
        answer = self.client.post("/imports", files={"file": (name, content)}, data=told)
        assert answer.status_code in {303, 422}, answer.text
        if answer.status_code == 303:
            return str(answer.headers["location"])
        assert not Page(answer.text).faults, answer.text
        return ""


@pytest.fixture(scope="module")
def desk(engines: Callable[[str], Engine], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The dashboard, with what plain files of each kind look like there: good, half good and of no use."""
    engine = engines("sqlite")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MANDATE_HOME", str(tmp_path_factory.mktemp("imported")))
        settings.cache_clear()
        with engine.lent(blank(engine)) as url, opened(url) as database, nobody(database) as client:
            client.cookies.set(signing_in.PLAIN_NAME, a_key(database, an_account(database, EVERYTHING)))
            desk = Desk(client)
            for kind in BASES:
                _learn(desk, kind)
            yield desk
    settings.cache_clear()


def _learn(desk: Desk, kind: str) -> None:
    good = numbered(kind, 900_000)
    bad = dict.fromkeys(good, "?")
    for rows in ([good], [good, bad], [bad] * (ROWS + 1)):
        if address := desk.sent(kind, "plain.csv", as_csv(rows)):
            desk.learn(address, kind)
            desk.client.post(f"{address}/confirm")
            desk.learn(address, kind)
    for shown in SHOWN if kind in {"workplaces", "colleges"} else ():
        for number in (good[NUMBERS[kind][0]], "999999"):
            desk.learn(shown.format(number), f"{kind} {shown}")


def numbered(kind: str, number: int) -> dict[str, str]:
    """A row of a kind with a number of its own."""
    row = dict(BASES[kind])
    if kind in NUMBERS:
        column, spelled = NUMBERS[kind]
        row[column] = spelled.format(number)
    return row


def as_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def as_workbook(rows: Sequence[Mapping[str, str]], title: str = "Sheet") -> bytes:
    """Each cell as text; what begins as a formula stands in every second row as one that works something out."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for number, row in enumerate([dict(zip(rows[0], rows[0], strict=True)), *rows], start=1):
        for place, value in enumerate(row.values(), start=1):
            cell = sheet.cell(number, place)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:MOST_IN_A_CELL]
            if cell.data_type == "f" and (number % 2 or number == 1):
                cell.data_type = "s"
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def files(kind: str, most: int | None) -> Iterator[list[tuple[str, str]]]:
    """Columns and texts, as many as a page shows at a time: each text in each column, or `most` such pairs in all."""
    pairs = list(product(BASES[kind], PAYLOADS))
    if most is not None:
        # A step that shares no factor with the number of texts comes to every column and to texts of every sort.
        pairs = list(islice(cycle(pairs), 0, most * 37, 37))[:most]
    for begins in range(0, len(pairs), ROWS):
        yield pairs[begins : begins + ROWS]


@pytest.mark.parametrize("most", [ROWS, pytest.param(None, marks=pytest.mark.full)], ids=["some", "all"])
@pytest.mark.parametrize(
    ("kind", "spelled"),
    [(kind, FORMATS[place % 2]) for place, kind in enumerate(KINDS)]
    + [pytest.param(kind, FORMATS[1 - place % 2], marks=pytest.mark.full) for place, kind in enumerate(KINDS)],
)
def test_fm_33_no_cell_of_a_file_becomes_more_than_text(desk: Desk, kind: str, spelled: str, most: int | None) -> None:
    """
    Turns red if a reject's cell reaches a page marked `safe`, `rejects_as_csv` leaves out `guarded`, or a row that was
    taken in is shown as it stood in the file.
    """
    wrong: list[str] = []
    for first, pairs in enumerate(files(kind, most)):
        rows = [
            numbered(kind, 200_000 + first * ROWS + each) | {column: text} for each, (column, text) in enumerate(pairs)
        ]
        content = as_csv(rows) if spelled == "csv" else as_workbook(rows)
        address = desk.sent(kind, f"{kind}.{spelled}", content)
        if not address:
            continue
        wrong += desk.get(address, kind)
        wrong += in_rejects(desk.client.get(f"{address}/rejects.csv").content, rows if spelled == "csv" else None)
        desk.client.post(f"{address}/confirm")
        wrong += desk.get(address, kind)
        wrong += in_register(desk, kind, rows)
        tried = desk.client.post(f"/api/imports/{kind}?dry_run=true", files={"file": (f"x.{spelled}", content)})
        assert tried.status_code == 200, tried.text
    assert not wrong, f"{len(wrong)} faults\n" + "\n".join(wrong[:20])


def in_rejects(content: bytes, rows: Sequence[Mapping[str, str]] | None) -> Iterator[str]:
    """What is wrong with a file of rejected rows: formulas, and cells that are not those of the row's line."""
    told = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    for row in told:
        for cell in row:
            if FORMULA.match(cell) and not A_NUMBER.fullmatch(cell):
                yield f"the cell {cell[:60]!r} of the rejected rows is a formula"
    if rows is None:
        return
    lines = lines_of(rows)
    for row in told[1:]:
        given = dict(zip(told[0], row, strict=False))
        was = lines.get(int(given["rejected_line"]))
        for column in was or ():
            if unguarded(given[column]).split() != was[column].split() and was[column].isprintable():
                yield f"{column} was {was[column][:60]!r} and is rejected as {given[column][:60]!r}"


def lines_of(rows: Sequence[Mapping[str, str]]) -> dict[int, Mapping[str, str]]:
    """The rows by the line on which each begins; none behind one whose cells break lines."""
    found: dict[int, Mapping[str, str]] = {}
    for line, row in enumerate(rows, start=2):
        if any(not each.isprintable() for each in row.values()):
            break
        found[line] = row
    return found


def in_register(desk: Desk, kind: str, rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """What is wrong where some of the rows are shown that were taken in."""
    if kind not in {"workplaces", "colleges"}:
        return
    for row in rows[:: ROWS // 8]:
        for shown in SHOWN:
            number = quote(row[NUMBERS[kind][0]][:IN_AN_ADDRESS], safe="", errors="replace")
            yield from desk.get(shown.format(number), f"{kind} {shown}")


@pytest.mark.parametrize("texts", [PAYLOADS[::49], pytest.param(PAYLOADS, marks=pytest.mark.full)], ids=["some", "all"])
def test_fm_33_no_heading_and_no_name_of_a_file_or_sheet_becomes_more_than_text(
    desk: Desk, texts: Sequence[str]
) -> None:
    """
    Turns red if `_clean` lets a name through as it came, or `rejects_as_csv` guards the cells and not their headings.
    """
    wrong: list[str] = []
    bad = numbered("workplaces", 1) | {"Postcode": "nowhere"}
    for text in texts:
        heading = ILLEGAL_CHARACTERS_RE.sub("", text)[:MOST_IN_A_CELL]
        book = as_workbook([bad | {heading: PLAIN}])
        for name, content, sheet in (
            ("a.csv", as_csv([bad | {text: PLAIN}]), ""),
            ("a.xlsx", book, text),
            (f"{text}.csv".replace('"', "'"), as_csv([bad]), ""),
            ("b.xlsx", book, ""),
        ):
            if address := desk.sent("workplaces", name, content, sheet):
                wrong += desk.get(address, "workplaces")
                wrong += in_rejects(desk.client.get(f"{address}/rejects.csv").content, None)
                desk.client.post(f"{address}/cancel")
        wrong += desk.get("/imports", "/imports")
    assert not wrong, f"{len(wrong)} faults\n" + "\n".join(wrong[:20])
