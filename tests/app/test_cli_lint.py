"""`mandate lint` as a program: its document, its exit codes, and what people read."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from ballots.pack_writing import as_json, as_toml
from core.law import ROOT
from tests.ballots.lint.packs import GONE, pack_of

EXAMPLE = str(ROOT / "docs" / "examples" / "pack.toml")
KEYS = ["code", "severity", "sentence", "cure", "citation", "where", "case"]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run `mandate lint` with arguments: exit code, standard output, standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["mandate", "lint", *arguments])
        with pytest.raises(SystemExit) as caught:
            main.run()
        out, err = capsys.readouterr()
        return int(caught.value.code or 0), out, err

    return run


def file(folder: Path, changes: dict[str, Any], name: str = "pack.toml", base: str = "now") -> str:
    """A lawful pack with keys changed, in a file."""
    pack = pack_of(base, changes)
    (folder / name).write_text(as_toml(pack) if name.endswith("toml") else as_json(pack), encoding="utf-8")
    return str(folder / name)


def test_the_example_of_the_page_is_lawful(cli: Any) -> None:
    """Turns red if the example in docs/ is not the one that nothing stands against."""
    code, out, err = cli(EXAMPLE)
    assert (code, err) == (0, "")
    assert out.startswith("Nothing found")
    assert Path(EXAMPLE).read_text(encoding="utf-8").strip() == as_toml(pack_of()).strip()


@pytest.mark.parametrize("name", ["pack.toml", "pack.json"])
def test_the_document(cli: Any, tmp_path: Path, name: str) -> None:
    """Turns red if a key is renamed, the findings are no stop for the exit code, or something else is printed."""
    code, out, err = cli(file(tmp_path, {"call.by": "A branch", "ballot.method": "workplace"}, name), "--json")
    document = json.loads(out)
    assert (code, err) == (1, "")
    assert list(document) == ["findings", "law"]
    stops = [each for each in document["findings"] if each["severity"] == "stop"]
    assert [(each["code"], each["where"]) for each in stops] == [
        ("method_not_permitted", "ballot.method"),
        ("caller_not_specified", "call.by"),
    ]
    assert sorted(stops[1]) == sorted(KEYS)
    assert stops[1]["citation"] == {
        "act": "TULRCA 1992",
        "provision": "s. 233(1)",
        "url": "https://www.legislation.gov.uk/ukpga/1992/52/section/233",
    }
    assert stops[1]["case"] is None


def test_the_law_that_was_used(cli: Any) -> None:
    """Turns red if a value comes without its dates and source, or one that no rule asked for is shown."""
    _, out, _ = cli(EXAMPLE, "--json")
    law = json.loads(out)["law"]
    days = law["ballots.action_notice_days"]
    assert [(value["value"], value["from"], value["to"], value["certainty"]) for value in days] == [
        (10, "2026-02-18", None, "confirmed")
    ]
    assert days[0]["citation"]["provision"] == "s. 74(1)(c)"
    assert "ballots.picket_supervisor_required" not in law


def test_only_stops_refuse(cli: Any, tmp_path: Path) -> None:
    """Turns red if a warn or a note exits 1."""
    code, out, _ = cli(file(tmp_path, {"result.told_members": GONE}), "--json")
    assert code == 0
    assert [each["severity"] for each in json.loads(out)["findings"]] == ["warn"]


def test_people_read_tables_by_weight(cli: Any, tmp_path: Path) -> None:
    """Turns red if the weights are mixed, a cure is left out, or brackets in a pack's words are taken for markup."""
    changes = {"result.told_members": GONE, "call.by": "[/red]A branch[bold]", "dispute.matters": GONE}
    code, out, err = cli(file(tmp_path, changes))
    assert (code, err) == (1, "")
    assert out.index("Stops") < out.index("Warns") < out.index("Notes")
    assert "[/red]" in out
    assert "To do: Let the person specified" in out


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("pack.toml", "[dispute]\nnation = 'atlantis'\n[ballot]\n", "pack.toml: dispute.nation: found 'atlantis'"),
        ("pack.toml", "[dispute\n", "pack.toml: line 1: "),
        ("pack.json", "{", "pack.json: line 1: JSON"),
        ("pack.txt", "", "wanted a file that ends in .toml or .json"),
    ],
)
def test_what_is_no_pack_exits_two(cli: Any, tmp_path: Path, name: str, content: str, told: str) -> None:
    """Turns red if a broken file is a traceback or a refusal by a rule."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    code, out, err = cli(str(tmp_path / name), "--json")
    assert (code, out) == (2, "")
    assert told in err


def test_a_file_that_is_not_there(cli: Any, tmp_path: Path) -> None:
    """Turns red if a missing file is a traceback."""
    code, _, err = cli(str(tmp_path / "none.toml"))
    assert code == 2
    assert "No such file" in err


LATER = {"result.cast": 59, "result.questions": {"strike": {"yes": 50, "no": 9}, "asos": {"yes": 50, "no": 9}}}


def test_a_planned_change_beside_the_law_as_it_stands(cli: Any, tmp_path: Path) -> None:
    """Turns red if an assumption changes the answer or the exit code, or is not shown beside it."""
    pack = file(tmp_path, LATER)
    code, out, _ = cli(pack, "--assume", "end-of-turnout-test=2026-09-01", "--json")
    document = json.loads(out)
    assert code == 1
    assert list(document) == ["findings", "law", "assumed"]
    assert [each["code"] for each in document["findings"]] == ["turnout_not_met"] * 2
    assert "turnout_not_met" not in {each["code"] for each in document["assumed"]["findings"]}
    assert "findings" in document["assumed"]["differs"]
    _, told, _ = cli(pack, "--assume", "end-of-turnout-test=2026-09-01")
    assert "Assuming end-of-turnout-test" in told
    assert "law.ballots" not in told


def test_an_assumption_of_nothing_planned(cli: Any) -> None:
    """Turns red if any name may be assumed."""
    code, _, err = cli(EXAMPLE, "--assume", "gravity=2026-09-01")
    assert code == 2
    assert err.startswith("assume: ")
