"""Whoever compares the journal with the database knows all of its lines, whichever process it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.sampling import every

ROOT = Path(__file__).resolve().parents[2]
STARTS_A_DELIVERY = "deliver_due("
ENTRY_POINTS = ("app.worker", "app.cli.sweep", "app.dashboard", "app.serving", "flows.outbox_delivery")


def _sources() -> list[Path]:
    return [
        path for package in ("casework", "ballots", "flows", "app") for path in sorted((ROOT / package).rglob("*.py"))
    ]


@pytest.mark.parametrize("name", every(2, ENTRY_POINTS))
def test_each_process_that_looks_compares_payment_files_too(name: str) -> None:
    """
    In a process of its own, for here the tests have imported everything.

    Turns red if one of them looks by `quarantine.look`, or `flows.outbox_delivery` does not import `journalled`.
    """
    asked = f"import {name}; from notifications.comparing import WATCHED; print(*WATCHED)"
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["payment_file"]


def test_nobody_looks_without_the_payment_files() -> None:
    """Turns red if another process is given a way to look, or to deliver, that does not know payment files."""
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in _sources()}
    looking = {name for name, text in texts.items() if "quarantine.look(" in text}
    delivering = {name for name, text in texts.items() if STARTS_A_DELIVERY in text}

    assert looking == {"casework/pay/journalled.py"}
    assert delivering == {"flows/outbox_delivery.py"}
