"""Which authority lies in which region."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from casework.register.employers import nation_of
from casework.register.imports import BUNDLED_EXTRACT
from casework.register.regions import load_regions, region_named, region_of, regions
from core.errors import BadInput
from core.nations import Nation


@pytest.mark.parametrize(
    ("la_code", "region"),
    [
        ("202", "london"),
        ("315", "london"),
        ("420", "south-west"),
        ("839", "south-west"),
        ("840", "north-east"),
        ("875", "north-west"),
        ("943", "north-west"),
        ("816", "yorkshire-and-the-humber"),
        ("925", "east-midlands"),
        ("926", "east-of-england"),
        ("937", "west-midlands"),
        ("938", "south-east"),
        ("681", "wales"),
        ("999", None),
        ("", None),
        (None, None),
    ],
)
def test_an_authority_lies_in_its_region(la_code: str | None, region: str | None) -> None:
    """Red when the last number of a stretch is left out, or a stretch is another region's."""
    found = region_of(la_code)
    assert (found.code if found else None) == region


def test_every_authority_of_the_real_register_lies_in_one() -> None:
    """Red when a number is forgotten: its schools would be in no region."""
    with BUNDLED_EXTRACT.open(encoding="utf-8-sig", newline="") as file:
        known = {row["LA (code)"] for row in csv.DictReader(file)}
    assert len(known) > 140
    assert [each for each in sorted(known) if region_of(each) is None] == []


def test_wales_alone_is_wales() -> None:
    """Red when the regions and the nations, which the law hangs on, part ways."""
    for region in regions():
        nation = Nation.WALES if region.code == "wales" else Nation.ENGLAND
        assert {nation_of(each) for each in region.la_codes} == {nation}


def test_what_is_no_region_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadInput, match=r"region: found 'mercia', wanted one of north-east, .*wales"):
        region_named("mercia")


@pytest.mark.parametrize(
    "more", ["{code: a, name: Again, authorities: [[300, 300]]}", "{code: b, name: B, authorities: [[201, 202]]}"]
)
def test_nothing_lies_in_two(tmp_path: Path, more: str) -> None:
    """Red when `load_regions` takes an authority or a code twice: a case would be counted in both."""
    path = tmp_path / "regions.yaml"
    path.write_text(f"- {{code: a, name: A, authorities: [[201, 201]]}}\n- {more}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"regions\.yaml"):
        load_regions(path)
