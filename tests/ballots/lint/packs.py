"""Packs that are lawful whole, one for each law a ballot can be under, and what is found when one thing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import date, datetime, time
from typing import Any

from ballots.lint import lint
from ballots.pack import Pack
from ballots.pack_reading import read_pack
from core.calendar import shift
from core.findings import Finding, Severity
from core.law import current_law

LAW = current_law()
NORTH, SOUTH = "North Trust", "South Council"
V2 = (
    "If you take part in a strike or other industrial action, you may be in breach of your contract of employment. "
    "However, if you are dismissed for taking part in strike or other industrial action which is called officially and "
    "is otherwise lawful, the dismissal will be unfair if it takes place fewer than twelve weeks after you started "
    "taking part in the action, and depending on the circumstances may be unfair if it takes place later."
)
V3 = V2.partition(" if it takes place fewer")[0] + "."
GONE = ...
"""A change that takes the key away."""


def _notice(received: date, days: list[date], *, full: bool) -> dict[str, Any]:
    return {
        "employer": NORTH,
        "received": received,
        "kind": "strike",
        "pattern": "discontinuous",
        "dates": days,
        "total": 120,
        "categories": ["teacher", "support staff"],
        "workplaces": [123456],
        "by_category": {"teacher": 110, "support staff": 10} if full else GONE,
        "by_workplace": {"123456": 120},
        "explanation": "Counted from the register of members on the day of the notice.",
    }


def _mapping(opens: date, closes: date, action: date, *, full: bool, notice_days: int) -> dict[str, Any]:
    """A lawful dispute of one school: every paper received on its latest lawful day."""
    notice = _notice(shift(action, -notice_days), [action], full=full)
    ballot_notice = {key: value for key, value in notice.items() if key not in ("kind", "pattern", "dates")}
    ballot_notice |= {"received": shift(opens, -7), "opening_day": opens}
    if not full:
        ballot_notice |= {"by_category": GONE, "by_workplace": GONE, "explanation": GONE}
    return {
        "dispute": {
            "nation": "england",
            "matters": ["lesson observation"],
            "workplaces": [{"urn": 123456, "name": "Hill School", "employer": NORTH}],
            "employers": {NORTH: {"kind": "trust"}},
        },
        "ballot": {
            "opens": opens,
            "closes": closes,
            "method": "postal",
            "scope": "single",
            "service": "state-teaching",
            "questions": ["strike", "asos"],
            "caller": "General Secretary",
            "scrutineer": "Example Election Services",
            "register": {
                "total": 120,
                "by_workplace": {"123456": 120},
                "by_category": {"teacher": 110, "support staff": 10},
            },
            "scrutineer_file": {"total": 120},
        },
        "ballot_notices": [ballot_notice],
        "sample_papers": [{"employer": NORTH, "received": shift(opens, -3)}],
        "voting_paper": {
            "questions": ["strike", "asos"],
            "scrutineer": "Example Election Services",
            "return_address": "1 Example Street, Sampleton",
            "return_by": closes,
            "caller": "General Secretary",
            "numbered": True,
            "statement": V2 if full else V3,
        },
        "result": {
            "entitled": 120,
            "cast": 80,
            "questions": {
                "strike": {"yes": 60, "no": 19, "spoiled": 1},
                "asos": {"yes": 70, "no": 9, "spoiled": 1},
            },
            "told_members": shift(closes, 1),
            "told_employers": {NORTH: shift(closes, 1)},
        },
        "action_notices": [notice],
        "call": {"by": "General Secretary", "on": shift(closes, 1)},
        "action": [
            {
                "employer": NORTH,
                "kind": "strike",
                "starts": datetime.combine(action, time(0, 0)),
                "ends": datetime.combine(action, time(23, 59)),
            }
        ],
    }


def _now() -> dict[str, Any]:
    return _mapping(date(2026, 9, 21), date(2026, 10, 19), date(2026, 11, 3), full=False, notice_days=10)


def _middle() -> dict[str, Any]:
    mapping = _mapping(date(2024, 2, 12), date(2024, 3, 27), date(2024, 4, 24), full=True, notice_days=14)
    mapping["voting_paper"] |= {
        "summary_of_dispute": "How often lessons are observed.",
        "asos_types": ["Refusing observations beyond three a year"],
        "periods": {"strike": "15 April 2024 to 27 September 2024", "asos": "the six months from April 2024"},
    }
    return mapping


def _old() -> dict[str, Any]:
    return _mapping(date(2016, 9, 12), date(2016, 10, 12), date(2016, 11, 8), full=True, notice_days=7)


BASES = {"now": _now, "middle": _middle, "old": _old}
"""Opened from 18 February 2026, from 1 March 2017, and before."""


def mapping_of(base: str = "now", changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A lawful pack's mapping with keys changed by their paths, such as `action_notices.0.received`."""
    mapping = BASES[base]()
    for path, value in (changes or {}).items():
        *way, last = path.split("/") if "/" in path else path.split(".")
        table: Any = mapping
        for step in way:
            table = table[int(step)] if isinstance(table, list) else table.setdefault(step, {})
        table[int(last) if isinstance(table, list) else last] = deepcopy(value)
    cleaned: dict[str, Any] = _without_gone(mapping)
    return cleaned


def _without_gone(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_gone(item) for key, item in value.items() if item is not GONE}
    if isinstance(value, list):
        return [_without_gone(item) for item in value if item is not GONE]
    return value


def pack_of(base: str = "now", changes: Mapping[str, Any] | None = None) -> Pack:
    """A lawful pack with keys changed by their paths."""
    return read_pack(mapping_of(base, changes))


def found(base: str = "now", changes: Mapping[str, Any] | None = None) -> tuple[Finding, ...]:
    """What is found in a lawful pack with keys changed."""
    return lint(pack_of(base, changes), LAW)


def stops(base: str = "now", changes: Mapping[str, Any] | None = None) -> list[str]:
    """The codes of the stops in a lawful pack with keys changed."""
    return [each.code for each in found(base, changes) if each.severity is Severity.STOP]


def weights(base: str, changes: Mapping[str, Any], code: str) -> list[str]:
    """The severities of the findings with one code in a lawful pack with keys changed."""
    return [each.severity.value for each in found(base, changes) if each.code == code]


def two_employers() -> dict[str, Any]:
    """Changes that make the lawful pack of now one of two employers, both with every paper."""
    mapping = _now()
    notice, ballot_notice = mapping["action_notices"][0], mapping["ballot_notices"][0]
    south = {"employer": SOUTH, "total": 40, "workplaces": [222222]}
    north = {"total": 80}
    figures = {"by_workplace": {"123456": 80, "222222": 40}, "total": 120}
    return {
        "dispute.workplaces": [
            {"urn": 123456, "employer": NORTH},
            {"urn": 222222, "employer": SOUTH},
        ],
        "dispute.employers": {NORTH: {"kind": "trust"}, SOUTH: {"kind": "local-authority"}},
        "ballot.scope": "aggregated",
        "ballot.register": figures,
        "ballot_notices": [ballot_notice | north, ballot_notice | south],
        "sample_papers": [mapping["sample_papers"][0], mapping["sample_papers"][0] | {"employer": SOUTH}],
        "result.told_employers": {NORTH: date(2026, 10, 20), SOUTH: date(2026, 10, 20)},
        "action_notices": [
            notice | north | {"by_workplace": {"123456": 80}},
            notice | south | {"by_workplace": {"222222": 40}},
        ],
        "action": [mapping["action"][0], mapping["action"][0] | {"employer": SOUTH}],
    }
