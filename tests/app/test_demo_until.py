"""`mandate demo --until` as a person runs it: it leaves the home as it was there, and says how to go on."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.cli import demo
from app.demo import opening
from app.demo.performance import Performance
from app.demo.plays import settled_by_head
from app.demo.stopping import POINTS, NeverThere
from core.db import Database
from core.settings import settings
from core.unit_of_work import reading
from tests.demonstration import outside
from tests.processes import ROOT, mandate

pytestmark = pytest.mark.slow
PLAY = ("--only", "settled_by_head", "--no-prefect")


def demonstrated(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The demonstration of one play, in a process of its own."""
    words = mandate("demo", *PLAY, "--folder", str(folder), *arguments)
    return subprocess.run(words, cwd=ROOT, env=outside(), capture_output=True, text=True, check=False)


def test_it_stops_there_and_says_how_to_go_on(tmp_path: Path) -> None:
    """Turns red if it plays on, holds a case to its end before it came there, or calls the case ended."""
    done = demonstrated(tmp_path, "--until", "head_meeting")
    assert done.returncode == 0, done.stdout + done.stderr
    stopped = stored(tmp_path)["stopped"]
    assert {**stopped, "next": None} == {
        "at": "head_meeting",
        "so": "at the stage head_meeting",
        "on": "2026-09-15",
        "cases": ["2026-0001"],
        "next": None,
    }
    with reading(on=Database(f"sqlite:///{tmp_path / 'mandate.db'}")) as uow:
        assert uow.today.isoformat() == stopped["on"]
        assert POINTS["head_meeting"].cases(uow) == stopped["cases"]
    assert "Where each case stood on Tuesday 15 September 2026" in done.stdout
    assert "Settled by the head" not in done.stdout
    assert f"MANDATE_HOME={tmp_path}" in done.stdout.splitlines()[-1]
    assert done.stdout.splitlines()[-1].endswith("case acts 2026-0001")


def test_what_never_comes_there_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if a play that ends before the point passes for one that was stopped there."""
    monkeypatch.setattr(opening, "furnish_register", lambda *_: None)
    monkeypatch.setattr(opening, "actors", lambda _: {})
    monkeypatch.setattr(Performance, "play", lambda _self, _until: False)
    with pytest.raises(NeverThere, match="Nothing that was played came to strike_notified"):
        demo._play(settings(), demo.Programme([settled_by_head.PLAY], "strike_notified"), prefect=False, quiet=True)


def stored(folder: Path) -> dict[str, Any]:
    """The document that it keeps."""
    document: dict[str, Any] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return document
