"""
Letters (and, with no relay, mails) laid in a folder for the print house, once each.

A file appears whole or not at all: it is written under another name, synced, and linked to its final name, which is the
same for every attempt. `manifest.csv` lists digest and name of each file for the print house to reconcile with.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from core.folders import private_file, private_folder
from notifications.channels import Parcel, Sent, Unconnected
from notifications.channels.envelope import BEYOND_ASCII, envelope, is_beyond_ascii
from notifications.channels.taxonomy import Answer
from notifications.journal import append_line
from notifications.lifecycle import Medium, Outcome
from notifications.rendering import sha256

MANIFEST = "manifest.csv"

ANSWERS = (
    Answer("laying", "the file is there with these bytes, or is listed and collected", Outcome.ACCEPTED),
    Answer("laying", "a file of that name holds other bytes", Outcome.PERM),
    Answer("laying", "a mail whose address has letters outside ASCII before its @", Outcome.PERM),
    Answer("laying", "the folder cannot be written, such as a full disk", Outcome.TEMP),
)
"""What laying a file comes to; docs/channels.md shows the same."""


@dataclass(frozen=True, slots=True)
class FolderChannel(Unconnected):
    """Writes to `folder`, which is made when first needed."""

    folder: Path

    name: ClassVar[str] = "folder"
    idempotent: ClassVar[bool] = True

    def send(self, parcel: Parcel) -> Sent:
        """Lay the file and list it. A second call finds both done, also when the file was collected."""
        if parcel.medium is Medium.MAIL and is_beyond_ascii(parcel):
            return Sent(Outcome.PERM, None, BEYOND_ASCII)
        content = parcel.body if parcel.medium is Medium.LETTER else _mail(parcel)
        line = f"{sha256(content)},{parcel.file_name}\n"
        try:
            is_listed = self._lists(line)
            if is_listed and not (self.folder / parcel.file_name).exists():
                return Sent(Outcome.ACCEPTED, None, "laid before, and collected since", parcel.file_name)
            if not self._lay(parcel.file_name, content):
                return Sent(Outcome.PERM, None, f"another file already has the name {parcel.file_name}")
            if not is_listed:
                append_line(self.folder / MANIFEST, line)
        except OSError as error:
            return Sent(Outcome.TEMP, None, f"the letters folder cannot be written: {type(error).__name__}")
        return Sent(Outcome.ACCEPTED, None, None, parcel.file_name)

    def _lay(self, name: str, content: bytes) -> bool:
        """Whether the file of that name now holds that content; one that holds something else is left as it is."""
        private_folder(self.folder)
        target = self.folder / name
        unfinished = self.folder / f".{name}.{os.getpid()}"
        with private_file(unfinished) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(unfinished, target)
        except FileExistsError:
            return target.read_bytes() == content
        finally:
            unfinished.unlink()
            _sync(self.folder)
        return True

    def _lists(self, line: str) -> bool:
        manifest = self.folder / MANIFEST
        return manifest.exists() and f"\n{line}".encode() in b"\n" + manifest.read_bytes()


def _mail(parcel: Parcel) -> bytes:
    # Attempts must not differ, or the second would not recognise the first one's file.
    mail = envelope(parcel)
    del mail["X-Attempt"]
    return mail.as_bytes()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
