"""Every ballot and action of the demonstration: its pack written by command, read again and linted from the file."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.cli.main import run
from ballots.models import Action, Ballot
from core.db import Database
from core.settings import settings
from core.unit_of_work import reading
from tests.demonstration import Demonstration

pytestmark = pytest.mark.slow
LOST_AT = "113505"
Linted = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture
def linted(
    demonstration: Demonstration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Linted:
    """Writes a pack by a command on the demonstration's database, lints the file, and gives the exit code and stops."""
    monkeypatch.setenv("MANDATE_HOME", str(demonstration.folder))
    settings.cache_clear()

    def command(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["mandate", *arguments])
        with pytest.raises(SystemExit) as ended:
            run()
        return int(ended.value.code or 0), capsys.readouterr().out

    def lint(*pack: str) -> tuple[int, list[dict[str, Any]]]:
        out = tmp_path / f"{len(list(tmp_path.iterdir()))}.toml"
        assert command(*pack, "--out", str(out))[0] == 0
        code, printed = command("lint", str(out), "--json")
        return code, [each for each in json.loads(printed)["findings"] if each["severity"] == "stop"]

    return lint


def test_what_was_served_stands_and_the_lost_vote_is_told(demonstration: Demonstration, linted: Linted) -> None:
    """Turns red if a pack misstates what the demonstration served, or a lost ballot passes for one that was won."""
    with reading(on=Database(f"sqlite:///{demonstration.folder / 'mandate.db'}")) as uow:
        ballots = {row.ref: row.cases[0].workplace.urn for row in uow.session.scalars(select(Ballot))}
        actions = {
            (row.case.ref, row.starts_on.isoformat()): len(row.days) for row in uow.session.scalars(select(Action))
        }
    assert (len(ballots), len(actions)) >= (3, 3)
    for ref, urn in ballots.items():
        code, stops = linted("ballot", "pack", ref)
        if urn == LOST_AT:
            assert (code, {each["code"] for each in stops}) == (1, {"turnout_not_met"})
            assert {each["where"] for each in stops} == {"result.questions.strike", "result.questions.asos"}
        else:
            assert (code, stops) == (0, []), ref
    for ref, starts in actions:
        assert linted("action", "pack", ref, "--starts", starts) == (0, []), (ref, starts)
