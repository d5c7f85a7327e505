"""
The linter over packs, against parsing and walking the same packs without any rule.

The packs are those of the tests: lawful ones, ones with a planted defect, ones at the edge of the law. One more is made
of many workplaces, to see whether the time grows as the pack does.
"""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from ballots.lint import lint
from ballots.pack import Pack
from ballots.pack_reading import read_pack
from bench.frame import Line, Run, by_turns, median, seconds, spread
from bench.ground import Ground
from core.law import current_law
from tests.corpus.cases import Case, every_case

WORKPLACES, PEOPLE = 1000, 12
LIMIT = 3.0
"""Rules for at most twice as long as the reading: a rule that asks every workplace about all others takes longer."""
BARE, LINTED = "bare", "linted"
Text = tuple[str, bool]
"""What a pack's file says, and whether it is JSON."""


def figures(run: Run, _grounds: list[Ground]) -> Iterator[Line]:
    """The packs of the corpus, then one large one."""
    current_law().parameters()
    cases = every_case()
    packs = [text_of(case) for case in (cases[:: max(1, len(cases) // 10)] if run.quick else cases)]
    workplaces = run.size(WORKPLACES)
    large = [(large_pack(workplaces), True)]
    for name, texts in (
        (f"{len(packs)} packs of the tests", packs),
        (f"a pack of {workplaces:,} workplaces", large),
    ):
        times = by_turns(
            {
                BARE: lambda _, texts=texts: seconds(lambda: [walked(read(each)) for each in texts]),  # type: ignore[misc]
                LINTED: lambda _, texts=texts: seconds(lambda: [judged(read(each)) for each in texts]),  # type: ignore[misc]
            },
            run.repeats,
        )
        words = f"{spread(times[LINTED], len(texts))} a pack; bare {spread(times[BARE], len(texts))}"
        ratio = median(times[LINTED]) / median(times[BARE])
        yield Line(f"linter, {name}", "time against parsing and walking them", words, ratio, "x", LIMIT)


def text_of(case: Case) -> Text:
    """What the file of a pack says; reading from the disk is not measured."""
    return case.path.read_text(encoding="utf-8"), case.is_json


def read(text: Text) -> Pack:
    """The pack in a text: both contenders do this."""
    words, is_json = text
    return read_pack(json.loads(words) if is_json else tomllib.loads(words), texts=is_json)


def judged(pack: Pack) -> int:
    """Every rule of the linter."""
    return len(lint(pack, current_law()))


def walked(value: Any) -> int:
    """How many values a pack holds, each looked at once."""
    if dataclasses.is_dataclass(value):
        return sum(walked(getattr(value, each.name)) for each in dataclasses.fields(value))
    if isinstance(value, Mapping):
        return sum(map(walked, value.values()))
    return sum(map(walked, value)) if isinstance(value, tuple) else 1


def large_pack(workplaces: int) -> str:
    """A lawful pack of one trust's schools in one ballot, as JSON: the strike day of the tests, multiplied."""
    case = next(each for each in every_case() if each.name == "clean/trust_strike_day_2026")
    pack = case.mapping()
    urns = [200_000 + number for number in range(workplaces)]
    total, each = workplaces * PEOPLE, {str(urn): PEOPLE for urn in urns}
    employer = pack["dispute"]["workplaces"][0]["employer"]
    pack["dispute"]["workplaces"] = [{"urn": urn, "name": f"School {urn}", "employer": employer} for urn in urns]
    pack["ballot"] |= {"scope": "aggregated", "scrutineer_file": {"total": total}}
    pack["ballot"]["register"] = {"total": total, "by_workplace": each}
    pack["ballot_notices"][0] |= {"total": total, "workplaces": urns}
    pack["action_notices"][0] |= {"total": total, "workplaces": urns, "by_workplace": each}
    counts = {"yes": total - PEOPLE, "no": PEOPLE, "spoiled": 0}
    pack["result"] |= {"entitled": total, "cast": total, "questions": {"strike": counts, "asos": counts}}
    return json.dumps(pack, default=lambda day: day.isoformat())
