"""The pack of a case and the other side's barrister: by command, by API and on the case's page; looking only."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app import pack_views
from ballots.models import Ballot
from ballots.pack_files import read_pack_file
from ballots.pack_writing import as_mapping
from casework.cases import Case
from casework.register.models import Member
from core.clock import set_stored_clock
from core.db import Database
from core.history import HistoryEntry
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications.models import Notice
from tests.app.conftest import Command, Made
from tests.app.schools import entries
from tests.ballots import scenes
from tests.ballots.scenes import Ladder
from tests.builders import a_case

Rung = Callable[[Ladder], Ladder]


def reached(rung: Rung) -> Callable[[UnitOfWork], Case]:
    """A case on a rung, and the clock where it came there."""

    def make(uow: UnitOfWork) -> Case:
        ladder = rung(scenes.disputed(uow))
        set_stored_clock(uow.session, ladder.uow.now)
        return ladder.case

    return make


def spoiled(rung: Rung) -> Callable[[UnitOfWork], Case]:
    """The same with another total on the notice of ballot, as it was frozen."""

    def make(uow: UnitOfWork) -> Case:
        case = reached(rung)(uow)
        for notice in uow.session.query(Notice).filter_by(kind="notice_of_ballot"):
            notice.facts = {**notice.facts, "total": 13}
        return case

    return make


def stored(database: Database) -> int:
    with reading(on=database) as uow:
        return uow.session.scalar(select(func.count()).select_from(HistoryEntry)) or 0


@pytest.fixture
def at_command(migrated: Database) -> Callable[[Callable[[UnitOfWork], Case]], str]:
    """Makes a case in the commands' database and gives its reference."""

    def make(maker: Callable[[UnitOfWork], Case]) -> str:
        with unit_of_work("staff:test") as uow:
            return maker(uow).ref

    return make


def test_a_ballots_pack_is_written_and_linted_from_the_file(
    command: Command, at_command: Callable[..., str], tmp_path: Path
) -> None:
    """What is linted is what is served. Turns red if `mandate lint` cannot read the file, or a member is in it."""
    ref, out = at_command(reached(scenes.won)), tmp_path / "pack.toml"
    written = command("ballot", "pack", ref, "--out", out)
    assert (written.code, f"mandate lint {out}" in written.out) == (0, True)
    assert command("ballot", "pack", ref).out == out.read_text(encoding="utf-8")
    in_json = tmp_path / "pack.json"
    in_json.write_text(command("ballot", "pack", ref, "--json").out, encoding="utf-8")
    assert read_pack_file(in_json) == read_pack_file(out)
    linted = command("lint", out, "--json")
    assert linted.code == 0, linted.out
    held = command("ballot", "lint", ref, "--json")
    codes = {finding["code"] for finding in held.document["findings"]}
    assert codes == {finding["code"] for finding in linted.document["findings"]} - {"law_may_change"}
    assert held.document["law"].keys() == linted.document["law"].keys()
    with reading() as uow:
        names = uow.session.scalars(select(Member.name)).all()
    assert not [name for name in names if name in out.read_text(encoding="utf-8")]


def test_a_pack_is_never_written_over_a_file(command: Command, at_command: Callable[..., str], tmp_path: Path) -> None:
    ref, out = at_command(reached(scenes.planned)), tmp_path / "pack.toml"
    out.write_text("mine", encoding="utf-8")
    refused = command("ballot", "pack", ref, "--out", out)
    assert (refused.code, "wanted a file that does not exist yet" in refused.err) == (2, True)
    assert out.read_text(encoding="utf-8") == "mine"


def test_a_ballot_goes_by_its_own_reference_too(command: Command, at_command: Callable[..., str]) -> None:
    """Turns red if a cancelled ballot cannot be looked at any more."""
    ref = at_command(reached(lambda ladder: scenes.noticed(ladder).act("ballot_cancelled", reason="a new issue")))
    with reading() as uow:
        [ballot] = uow.session.scalars(select(Ballot.ref)).all()
    assert command("ballot", "pack", ref).code == 3
    pack = tomllib.loads(command("ballot", "pack", ballot).out)
    assert pack["ballot_notices"][0]["total"] == scenes.ENTITLED


def test_an_action_is_named_by_its_first_day(command: Command, at_command: Callable[..., str], tmp_path: Path) -> None:
    """Turns red if another action than the one asked for is written."""
    ref = at_command(reached(scenes.striking))
    strike = tomllib.loads(command("action", "pack", ref).out)
    asos = tomllib.loads(command("action", "pack", ref, "--starts", "2026-12-07").out)
    assert [pack["action"][0]["kind"] for pack in (strike, asos)] == ["strike", "asos"]
    for starts in ("2026-12-07", "2027-01-27"):
        out = tmp_path / f"{starts}.toml"
        assert command("action", "pack", ref, "--starts", starts, "--out", out).code == 0
        assert command("lint", out).code == 0
        assert command("action", "lint", ref, "--starts", starts).code == 0
    assert command("action", "pack", ref, "--starts", "2027-01-28").code == 3
    assert command("action", "lint", ref, "--starts", "soon").code == 2
    assert command("action", "lint", "2026-0099").code == 3


def test_a_fault_is_told_with_its_cure_and_exits_1(command: Command, at_command: Callable[..., str]) -> None:
    ref, before = at_command(spoiled(scenes.planned)), entries()
    linted = command("ballot", "lint", ref)
    assert linted.code == 1
    for said in ("STOP  figures_disagree", "To do: ", "Source: TULRCA 1992", "section/226A"):
        assert said in linted.out
    refused = command("ballot", "approve", ref, "--as", "staff:second")
    assert refused.code == 1
    assert "figures_disagree" in refused.out
    assert entries() == before


def test_the_api_gives_what_the_commands_give(client: TestClient, made: Made, database: Database) -> None:
    """Turns red if looking records anything, or the two forms of the file differ."""
    ref = made(reached(scenes.striking))
    before = stored(database)
    for of, key in (("ballot", "result"), ("action", "action_notices")):
        in_json = client.get(f"/api/cases/{ref}/{of}/pack")
        in_toml = client.get(f"/api/cases/{ref}/{of}/pack", params={"as_file": "toml"})
        assert (in_json.status_code, in_toml.status_code) == (200, 200)
        assert in_toml.headers["content-type"].startswith("application/toml")
        assert "attachment" in in_toml.headers["content-disposition"]
        assert key in in_json.json()
        assert tomllib.loads(in_toml.text).keys() == in_json.json().keys()
        found = client.get(f"/api/cases/{ref}/{of}/findings").json()
        assert found["law"]["ballots.notice_of_ballot_days"][0]["value"] == 7
        assert not [each for each in found["findings"] if each["severity"] == "stop"]
    asos = client.get(f"/api/cases/{ref}/action/pack", params={"starts": "2026-12-07"}).json()
    assert asos["action"][0]["kind"] == "asos"
    assert client.get(f"/api/cases/{ref}/action/pack", params={"starts": "2026-12-08"}).status_code == 404
    assert client.get(f"/api/cases/{ref}/ballot/pack", params={"as_file": "xml"}).status_code == 422
    assert client.get("/api/cases/2026-0099/ballot/findings").status_code == 404
    assert stored(database) == before


def section(page: str) -> str:
    """The part of a case's page that the barrister has."""
    return unescape(page).partition('id="barrister"')[2].partition("</section>")[0]


def test_the_page_of_a_case_shows_what_counsel_would_say(client: TestClient, made: Made) -> None:
    """Turns red if a finding is shown without its cure or source, or twice on the page."""
    ref = made(spoiled(scenes.planned))
    page = client.get(f"/cases/{ref}").text
    shown = section(page)
    assert "Stops: 1" in shown
    for said in ("has 13, the register 12", "What to do: ", "legislation.gov.uk", "figures_disagree"):
        assert said in shown
    assert page.count("<code>figures_disagree</code>") == 1
    with_file = shown.partition('href="')[2].partition('"')[0]
    assert client.get(with_file).headers["content-type"].startswith("application/toml")
    told = client.get(f"/api/cases/{ref}").json()["counsel"]
    assert [each["code"] for each in told["findings"] if each["severity"] == "stop"] == ["figures_disagree"]


def test_the_page_says_that_nothing_was_found(client: TestClient, made: Made) -> None:
    """Turns red if the section is left out where there is nothing in it, or shown before there is a ballot."""
    shown = section(client.get(f"/cases/{made(reached(scenes.noticed))}").text)
    assert "Nothing found: no rule that this program knows stands against them." in shown
    assert section(client.get(f"/cases/{made(a_case)}").text) == ""


def test_the_pack_of_the_page_is_that_of_the_command(client: TestClient, made: Made, database: Database) -> None:
    """One handler: the API's mapping is the pack's own."""
    ref = made(reached(scenes.won))
    with reading(on=database) as uow:
        pack = pack_views.pack_of(uow, pack_views.ballot_named(uow, ref))
    assert client.get(f"/api/cases/{ref}/ballot/pack").json() == as_mapping(pack, texts=True)
