"""The file of rejected rows: what stood in them and what is wrong with each, to be put right and imported again."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

from casework.register.reading import Reject
from casework.register.spreadsheets import OURS, REJECT_HEADINGS, guarded
from core.errors import BadInput
from core.folders import private_file

ENCODING = "utf-8-sig"


def write_rejects(path: Path, headings: tuple[str, ...], rejects: tuple[Reject, ...]) -> None:
    """
    Write the rejected rows as they stood, each with its fault, so that they can be put right and imported again.

    The file is there whole or not at all, and for its owner only: it may name people. Raise `BadInput` when it cannot
    be written.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with private_file(unfinished) as file:
            file.write(rejects_as_csv(headings, rejects))
        os.replace(unfinished, path)  # noqa: PTH105 - the same call on either kind of path
    except OSError as error:
        raise BadInput(field="--rejects", found=str(path), wanted=f"a file to write to ({error.strerror})") from None
    finally:
        unfinished.unlink(missing_ok=True)


def rejects_as_csv(headings: tuple[str, ...], rejects: tuple[Reject, ...]) -> bytes:
    """
    The same as bytes of CSV in UTF-8 with a mark, which Excel reads as such.

    The cells of a row that had more of them than headings stand at its end. A cell that Excel would take for a formula
    has an apostrophe before it, which `read_file` takes off again.
    """
    kept = [place for place, heading in enumerate(headings) if not heading.startswith(OURS)]
    beyond = max((len(reject.cells) - len(headings) for reject in rejects), default=0)
    more = [f"{OURS}cell_{len(headings) + place}" for place in range(1, beyond + 1)]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(map(guarded, [*(headings[place] for place in kept), *REJECT_HEADINGS, *more]))
    writer.writerows(map(guarded, _cells(reject, kept, len(headings), len(more))) for reject in rejects)
    return text.getvalue().encode(ENCODING)


def _cells(reject: Reject, kept: list[int], width: int, more: int) -> list[str]:
    padded = [*reject.cells, *[""] * (width + more - len(reject.cells))]
    fault = (str(reject.line), reject.cell, reject.field, reject.found, reject.wanted)
    return [*(padded[place] for place in kept), *fault, *padded[width:]]
