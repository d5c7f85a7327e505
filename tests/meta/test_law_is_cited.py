"""Every value of the law files has its dates, provision, address and freshness; every name in the code exists."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core import tulrca
from core.findings import Citation
from core.law import LAW_FOLDERS, ROOT, Certainty, LegalValue, Parameter, current_law
from core.nations import GREAT_BRITAIN

PARAMETERS = current_law().parameters()
PACKAGES = ("core", "notifications", "casework", "ballots", "flows", "app")
SOURCES = {
    "www.legislation.gov.uk",
    "www.gov.uk",
    "www.gov.wales",
    "www.local.gov.uk",
    "www.snct.org.uk",
}
ACTS = {"TULRCA 1992": "/ukpga/1992/52/", "Trade Union Act 2016": "/ukpga/2016/15/"}
ACTS["Employment Rights Act 2025"] = "/ukpga/2025/36/"
LOOKED_UP = re.compile(r'\b(?:at|parameter)\(\s*"([a-z_.]+)"')


def every_value() -> list[LegalValue]:
    return [value for parameter in PARAMETERS for value in (*parameter.values, *parameter.planned)]


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.name)
def test_dates_ascend_without_a_gap(parameter: Parameter) -> None:
    """Turns red if the loader lets a gap or overlap through."""
    for nation in GREAT_BRITAIN:
        series = parameter.series(nation)
        assert series[-1].to is None, "the newest value of a nation stays open"
        for value, after in pairwise(series):
            assert value.to is not None
            assert after.from_ is not None
            assert value.to.toordinal() + 1 == after.from_.toordinal()


def test_every_value_names_a_provision_of_a_known_source() -> None:
    """Turns red if a value cites nothing, or an Act at another Act's address."""
    for value in every_value():
        address = urlsplit(value.citation.url)
        assert address.netloc in SOURCES, (value.parameter, value.citation.url)
        assert re.search(r"[0-9a-z]", value.citation.provision), value.parameter
        assert address.path.startswith(ACTS.get(value.citation.act, "/")), (value.parameter, value.citation)


def test_every_section_cited_is_the_section_addressed() -> None:
    """Turns red if "s. 226A" is cited and another section's page is given."""
    for value in every_value():
        path = urlsplit(value.citation.url).path
        if "/section/" in path:
            section = path.rsplit("/", 1)[1]
            assert section in re.findall(r"[0-9]+[A-Z]*", value.citation.provision), value.citation


def test_a_way_of_voting_stands_in_force_only_when_confirmed() -> None:
    """Turns red if an unconfirmed instrument is given dates instead of standing among the planned changes."""
    for value in current_law().parameter("ballots.voting_methods").values:
        assert value.certainty is Certainty.CONFIRMED


def test_no_value_was_checked_in_the_future_of_its_file() -> None:
    """Turns red if a date of checking is a slip of the pen."""
    for value in every_value():
        assert date(2026, 1, 1) <= value.last_checked <= date(2030, 1, 1), value.parameter


def test_every_name_in_the_code_is_a_parameter() -> None:
    """Turns red if code asks for a parameter that has no file."""
    names = {parameter.name for parameter in PARAMETERS}
    used = {
        name
        for package in PACKAGES
        for source in (ROOT / package).rglob("*.py")
        for name in LOOKED_UP.findall(source.read_text(encoding="utf-8"))
    }
    assert used - names == set()
    assert len(used) > 15


def test_every_file_in_a_law_folder_is_read() -> None:
    """Turns red if a file has another ending or lies in a folder below."""
    files = {path for folder in LAW_FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()}
    assert {path.stem for path in files} == {parameter.name for parameter in PARAMETERS}


def test_the_law_folders_are_packaged() -> None:
    """Turns red if a folder named in the engine does not exist beside the packages."""
    for folder in LAW_FOLDERS:
        assert Path(ROOT / folder).is_dir()


def test_a_section_of_the_act_is_written_in_one_place() -> None:
    """Turns red if a module spells a section of the Act of 1992 for itself, or `core.tulrca` has one twice."""
    spelling = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if ACTS["TULRCA 1992"] in path.read_text(encoding="utf-8")
    }
    assert spelling == {"core/tulrca.py"}
    provisions = [each.provision for each in vars(tulrca).values() if isinstance(each, Citation)]
    assert len(provisions) > 40
    assert len(provisions) == len(set(provisions))
