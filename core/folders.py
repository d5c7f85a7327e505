"""Folders and files that only their owner may read: who is in a union is nobody else's business."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def private_folder(folder: Path) -> Path:
    """The folder, made with what is missing above it; one that stands keeps its mode. Raises `OSError`."""
    for each in (*reversed(folder.parents), folder):
        if not each.is_dir():
            each.mkdir(mode=FOLDER_MODE, exist_ok=True)
    return folder


def private_file(path: Path) -> BinaryIO:
    """A file opened for writing from its start, made for its owner only."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "wb")
