"""The plays as they are written: real schools, known acts, and what a person can ask of the command."""

from __future__ import annotations

import csv
import sys

import pytest

from app.acts import ACTS
from app.cli import main
from app.demo.opening import EXTRACT
from app.demo.plays import PLAYS
from app.demo.screenplay import Play
from casework.issues.catalogue import issue


@pytest.fixture(scope="module")
def register() -> dict[str, dict[str, str]]:
    """The bundled extract, by URN."""
    with EXTRACT.open(encoding="utf-8", newline="") as file:
        return {row["URN"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.name)
def test_a_play_is_of_open_schools_and_known_acts(play: Play, register: dict[str, dict[str, str]]) -> None:
    """Turns red if a school is not in the extract or closed, an act has another name, or a scene is out of time."""
    for school in play.schools:
        assert register[school.urn]["EstablishmentStatus (name)"] == "Open"
    assert {scene.act for scene in play.scenes} <= set(ACTS)
    assert {scene.at for scene in play.scenes} <= {None, *(school.urn for school in play.schools)}
    assert min(scene.on for scene in play.scenes) == play.raised_on
    assert all(issue(code) for code in play.issues)


def test_no_school_and_no_address_is_in_two_plays() -> None:
    """Turns red if two plays share an employer's address: that each was told of its own only could not be seen."""
    urns = [school.urn for play in PLAYS for school in play.schools]
    addresses = [{school.employer_email for school in play.schools} for play in PLAYS]
    assert len(urns) == len(set(urns))
    assert sum(map(len, addresses)) == len(set().union(*addresses)) == len(PLAYS)


def test_the_schools_are_of_several_kinds_and_places(register: dict[str, dict[str, str]]) -> None:
    rows = [register[school.urn] for play in PLAYS for school in play.schools]
    assert len({row["TypeOfEstablishment (name)"] for row in rows}) >= 5
    assert len({row["LA (code)"] for row in rows}) == len(PLAYS)


def test_the_schools_of_one_play_have_one_employer(register: dict[str, dict[str, str]]) -> None:
    """Turns red if a school of another trust is put into the trust's play: it could not join the dispute."""
    several = [play for play in PLAYS if len(play.schools) > 1]
    assert [len(play.schools) for play in several] == [3]
    assert {register[school.urn]["Trusts (name)"] for school in several[0].schools} == {"ASPIRE ACADEMY TRUST"}


@pytest.mark.parametrize(
    ("option", "found", "wanted"), [("--only", "hamlet", "full_climb"), ("--until", "curtain", "strike_notified")]
)
def test_a_play_or_a_point_that_is_not_there_is_named_with_those_that_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str, found: str, wanted: str
) -> None:
    """Turns red if an unknown play or point is passed over and everything is played."""
    monkeypatch.setattr(sys, "argv", ["mandate", "demo", option, found])
    with pytest.raises(SystemExit) as caught:
        main.run()
    assert caught.value.code == 2
    said = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert f"found '{found}'" in said
    assert wanted in said
