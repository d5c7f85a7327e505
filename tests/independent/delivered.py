"""Notices of what was left behind: one to each for each thing, and its file where it was laid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from email.parser import BytesHeaderParser
from pathlib import Path

from tests.independent.chain import sha256
from tests.independent.left_behind import LeftBehind, Row

SENT = ("accepted", "evidenced", "closed")


def complaints(left: LeftBehind) -> Iterator[str]:
    """Every notice that is doubled, misnamed, or not where it should lie."""
    same = Counter(_key(row) for row in left.table("notices"))
    yield from (f"notice {key}: made {times} times" for key, times in same.items() if times > 1)
    letters, mails = _letters(left.folder / "letters"), _mails(left.folder)
    for row in left.table("notices"):
        if row["idem_key"] != _key(row):
            yield f"notice {row['id']}: its key is not what it is about"
        lies = row["sha256"] in letters if row["medium"] == "letter" else _name(row["message_id"]) in mails
        if row["state"] in SENT and not lies:
            yield f"notice {row['id']}: it counts as sent, and its {row['medium']} is not in the folder"
        if row["state"] in SENT and row["statutory"] and not row["approved_by"]:
            yield f"notice {row['id']}: it is statutory, and nobody approved it"


def _key(row: Row) -> str:
    return "/".join(row[each] for each in ("subject_ref", "kind", "recipient_key", "medium", "content_version"))


def _letters(folder: Path) -> set[str]:
    return {sha256(path.read_bytes()) for path in folder.glob("*.pdf")}


def _mails(folder: Path) -> set[str]:
    files = [*(folder / "mail").glob("*.eml"), *(folder / "letters").glob("*.eml")]
    heads = BytesHeaderParser()
    return {_name(heads.parsebytes(path.read_bytes())["Message-ID"]) for path in files}


def _name(message_id: str) -> str:
    return message_id.strip().strip("<>")
