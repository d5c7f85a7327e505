"""Tables as CSV, for pages and the command line: what a spreadsheet would work out as a formula is kept from it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from fastapi.responses import Response

from casework.register.spreadsheets import guarded


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The heading and the rows, lines ended as RFC 4180 has it; nothing for None."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(guarded("" if cell is None else str(cell)) for cell in row)
    return text.getvalue()


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The same as a file to keep; `name` is without its ending, of letters, digits and hyphens."""
    return kept_as(name, as_csv(columns, rows))


def kept_as(name: str, content: str | bytes) -> Response:
    """CSV that is written already, as a file to keep."""
    disposition = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=disposition)
