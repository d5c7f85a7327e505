"""
Files that a form or the API sent, kept in a private folder while somebody looks at what an import would do.

A file of members says who is in the union: it is kept for its owner only, and goes once it is taken in, given up, or an
hour old.
"""

from __future__ import annotations

import fcntl
import json
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from app.import_reports import document
from casework.register.intake import ImportReport, Progress, Taking
from casework.register.kinds import KINDS, Kind
from casework.register.rejects import rejects_as_csv
from core.clock import Clock
from core.errors import BadInput, NotFound
from core.folders import private_file, private_folder
from core.settings import settings
from core.unit_of_work import UnitOfWork

MOST_BYTES = 100 * 1024 * 1024
"""The full extract of the register is some 65 megabytes."""
KEPT_SECONDS = 3600
LONGEST_NAME = 200
"""Bytes: a file system takes 255."""
LONGEST_SHEET = 100
"""Letters; Excel takes 31."""
FILE, REPORT, REJECTS, STANDING = "file", "report.json", "rejects.csv", "standing.json"


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that waits; `sheet` is the sheet of a workbook that was asked for."""

    token: str
    kind: str
    name: str
    sheet: str | None
    folder: Path

    @property
    def path(self) -> Path:
        """The file itself, under the name that it was sent with."""
        return self.folder / FILE / self.name

    @property
    def report(self) -> Mapping[str, Any]:
        """What was last found of it."""
        told: dict[str, Any] = json.loads((self.folder / REPORT).read_text("utf-8"))
        return told

    @property
    def rejects(self) -> bytes:
        """The rejected rows as CSV."""
        return (self.folder / REJECTS).read_bytes()


def kind_named(name: str) -> Kind:
    """The kind of file, or `BadInput`."""
    if name not in KINDS:
        raise BadInput(field="kind", found=name, wanted="one of " + ", ".join(KINDS))
    return KINDS[name]


def keep(kind: str, name: str, sheet: str | None, content: BinaryIO) -> Upload:
    """Lay a file down. `BadInput` for an unknown kind, a missing file, or one larger than `MOST_BYTES`."""
    kind_named(kind)
    clean = _clean(name)
    if not clean:
        raise BadInput(field="file", found="no file", wanted="a CSV file or a workbook")
    forget_old()
    token = uuid.uuid4().hex
    upload = Upload(token, kind, clean, (sheet or "").strip()[:LONGEST_SHEET] or None, _shelf() / token)
    try:
        _lay_down(upload, content)
    except BaseException:
        forget(upload)
        raise
    return upload


def find(token: str) -> Upload:
    """The file of that token. Raise `NotFound` when it is gone, or an hour old."""
    forget_old()
    try:
        folder = _shelf() / uuid.UUID(token).hex
        told = json.loads((folder / "upload.json").read_text("utf-8"))
    except (ValueError, OSError):
        raise NotFound("file kept for an import", token) from None
    return Upload(token, told["kind"], told["name"], told["sheet"], folder)


def take_in(uow: UnitOfWork, upload: Upload, *, dry_run: bool, progress: Progress | None = None) -> ImportReport:
    """Take the file in, or try it. What came of it is for `note`, once it is committed."""
    return KINDS[upload.kind].take_in(uow, Taking(upload.path, upload.sheet, dry_run, progress))


def note(upload: Upload, report: ImportReport) -> None:
    """Keep what came of the file beside it. Before the commit nothing came of it, and nothing may say that it did."""
    _write(upload.folder / REJECTS, rejects_as_csv(report.headings, report.rejects))
    _write(upload.folder / REPORT, json.dumps(document(report, upload.name)).encode())


@contextmanager
def alone(upload: Upload) -> Iterator[None]:
    """The upload is this click's for the length of the block: whoever clicked beside it waits, in whichever process."""
    try:
        held = (upload.folder / "upload.json").open("rb")
    except OSError:
        raise NotFound("file kept for an import", upload.token) from None
    with held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def is_held(upload: Upload) -> bool:
    """Whether somebody holds the upload just now, in whichever process."""
    try:
        with (upload.folder / "upload.json").open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        raise NotFound("file kept for an import", upload.token) from None
    return False


def is_judged(upload: Upload) -> bool:
    """Whether every row was judged once."""
    return (upload.folder / REPORT).exists()


def is_taken_in(upload: Upload) -> bool:
    """Whether its rows are stored already."""
    return not upload.report["dry_run"]


def keep_standing(upload: Upload, told: Mapping[str, Any]) -> None:
    """Keep how far work on the file is, or how it ended; nothing where the file was removed meanwhile."""
    with suppress(FileNotFoundError):
        # Written beside it and moved into its place: whoever reads finds one or the other, whole.
        beside = upload.folder / f"{STANDING}.{uuid.uuid4().hex}"
        _write(beside, json.dumps(told).encode())
        beside.replace(upload.folder / STANDING)


def standing(upload: Upload) -> dict[str, Any] | None:
    """What `keep_standing` kept last; None where there is nothing."""
    try:
        told: dict[str, Any] = json.loads((upload.folder / STANDING).read_text("utf-8"))
    except FileNotFoundError:
        return None
    return told


def forget_standing(upload: Upload) -> None:
    """Remove what `keep_standing` kept."""
    (upload.folder / STANDING).unlink(missing_ok=True)


def under_way() -> Iterator[Upload]:
    """Every file whose work is not over, the oldest first."""
    folders = sorted(_shelf().glob(f"*/{STANDING}"), key=lambda path: path.parent.name)
    for path in folders:
        with suppress(NotFound):
            upload = find(path.parent.name)
            if is_held(upload):
                yield upload


def drop_file(upload: Upload) -> None:
    """Remove the file and keep what came of it, with its rejects, for the rest of the hour."""
    shutil.rmtree(upload.folder / FILE, ignore_errors=True)


def forget(upload: Upload) -> None:
    """Remove the file and all about it."""
    shutil.rmtree(upload.folder, ignore_errors=True)


def too_large() -> BadInput:
    """The refusal of a file that is too large."""
    wanted = f"a file of at most {MOST_BYTES // 1024**2} megabytes; `mandate import` takes larger ones"
    return BadInput(field="file", found="a larger file", wanted=wanted)


def forget_old() -> None:
    """Remove what is an hour old; whoever keeps the time calls it again and again."""
    now = Clock().now().timestamp()
    for folder in _shelf().glob("*"):
        with suppress(OSError):
            if now - folder.stat().st_mtime > KEPT_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


def _lay_down(upload: Upload, content: BinaryIO) -> None:
    private_folder(upload.path.parent)
    with private_file(upload.path) as file:
        shutil.copyfileobj(content, file)
    if upload.path.stat().st_size > MOST_BYTES:
        raise too_large()
    told = {"kind": upload.kind, "name": upload.name, "sheet": upload.sheet}
    _write(upload.folder / "upload.json", json.dumps(told).encode())


def _shelf() -> Path:
    return settings().home / "uploads"


def _write(path: Path, content: bytes) -> None:
    with private_file(path) as file:
        file.write(content)


def _clean(name: str) -> str:
    """A file's own name, without folders and without anything that a file system or a page could trip over."""
    last = re.split(r"[/\\]", name)[-1]
    clean = re.sub(r"[^\w .()-]", "_", last).strip(" .")
    return clean.encode()[-LONGEST_NAME:].decode(errors="ignore")
