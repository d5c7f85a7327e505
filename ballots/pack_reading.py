"""
Reading a pack: from the keys and values of a file to `ballots.pack.Pack`, strictly.

`BadInput` names the file, the key by its path (`action_notices[0].received`), what was found and what is wanted: for an
unknown key, a value of the wrong type, a key that no pack can do without, and dates that contradict each other. Every
other absent or doubtful value is for the linter to judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from ballots.mandate import ActionKind, Pattern
from ballots.pack import (
    ActionNotice,
    Ballot,
    BallotNotice,
    BallotResult,
    Call,
    Dispute,
    EmployerTerms,
    LegalForm,
    Pack,
    Period,
    PlannedAction,
    QuestionCount,
    Register,
    SamplePaper,
    Scope,
    ScrutineerFile,
    Suspension,
    VotingPaper,
    Workplace,
)
from ballots.result import Service
from ballots.timetable_facts import VotingMethod
from core.errors import BadInput
from core.nations import Nation

MOST = 999_999_999
"""The highest count or number of a workplace that is taken for one."""
EARLIEST, LATEST = date(1000, 1, 1), date(9000, 12, 31)
"""Days that months and weeks can be counted from, both ways."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a pack a value stands, and whether its days and times are written as text, as JSON has them."""

    texts: bool
    file: str | None = None
    path: str = ""

    def key(self, name: str) -> Place:
        """The place of a key of the table that stands here."""
        shown = name if _BARE_KEY.fullmatch(name) else quoted(name)
        return Place(self.texts, self.file, f"{self.path}.{shown}" if self.path else shown)

    def item(self, index: int) -> Place:
        """The place of an entry of the list that stands here, counted from 0."""
        return Place(self.texts, self.file, f"{self.path}[{index}]")

    def wrong(self, found: object, wanted: str) -> BadInput:
        """The error that names this place."""
        return BadInput(field=self.path or "pack", found=_shown(found), wanted=wanted, path=self.file)


Reader = Callable[[Any, Place], Any]


def quoted(name: str) -> str:
    """A key as it stands in a path where it is more than letters, digits, `-` and `_`."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' if _is_text(name) else ascii(name)


def _shown(found: object) -> object:
    """What was found, as the message repeats it: a day as it is written, a table or list by its kind."""
    if isinstance(found, date):
        return found.isoformat()
    if isinstance(found, Mapping):
        return "a table"
    return "a list" if isinstance(found, list) else found


def _is_text(value: str) -> bool:
    """Whether text can be written out at all; half of a pair of code units cannot."""
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def text(value: Any, place: Place) -> str:
    """Words."""
    if not isinstance(value, str) or not _is_text(value):
        raise place.wrong(value if not isinstance(value, str) else ascii(value), "text")
    return value


def count(value: Any, place: Place) -> int:
    """A whole number of 0 or more."""
    return _whole(value, 0, place)


def number(value: Any, place: Place) -> int:
    """The number of a workplace."""
    return _whole(value, 1, place)


def _whole(value: Any, least: int, place: Place) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST:
        if isinstance(value, int) and not isinstance(value, bool) and value > MOST:
            value = "a higher number"
        raise place.wrong(value, f"a whole number from {least} to {MOST}")
    return value


def flag(value: Any, place: Place) -> bool:
    """Yes or no."""
    if not isinstance(value, bool):
        raise place.wrong(value, "true or false")
    return value


def day(value: Any, place: Place) -> date:
    """A day: a date, or in JSON text such as 2026-12-01."""
    wanted = 'a day such as "2026-12-01"' if place.texts else "a day such as 2026-12-01, without quotes"
    read = _iso(value, _DAY, date.fromisoformat) if place.texts else value
    if not isinstance(read, date) or isinstance(read, datetime):
        raise place.wrong(value, wanted)
    return _on_the_calendar(read, place)


def moment(value: Any, place: Place) -> datetime:
    """A time in London: a date with a time and no offset, or in JSON text such as 2026-12-01T06:00."""
    form = '"2026-12-01T06:00:00"' if place.texts else "2026-12-01T06:00:00, without quotes"
    read = _iso(value, _TIME, datetime.fromisoformat) if place.texts else value
    if not isinstance(read, datetime):
        raise place.wrong(value, f"a time such as {form}")
    if read.tzinfo is not None:
        raise place.wrong(value, f"the time in London, without an offset, such as {form}")
    _on_the_calendar(read.date(), place)
    return read


def _iso(value: Any, form: re.Pattern[str], reader: Callable[[str], date]) -> date | None:
    if not isinstance(value, str) or not form.fullmatch(value):
        return None
    try:
        return reader(value)
    except ValueError:
        return None


def _on_the_calendar(read: date, place: Place) -> date:
    if not EARLIEST <= read <= LATEST:
        raise place.wrong(read, f"a day between {EARLIEST.isoformat()} and {LATEST.isoformat()}")
    return read


def word(words: type[StrEnum]) -> Reader:
    """One of a fixed set of words."""
    wanted = " or ".join([", ".join(list(words)[:-1]), list(words)[-1]])

    def read(value: Any, place: Place) -> StrEnum:
        if not isinstance(value, str) or value not in set(words):
            raise place.wrong(ascii(value) if isinstance(value, str) and not _is_text(value) else value, wanted)
        return words(value)

    return read


def listed(entry: Reader) -> Reader:
    """A list, every entry read alike."""

    def read(value: Any, place: Place) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise place.wrong(value, "a list")
        return tuple(entry(each, place.item(index)) for index, each in enumerate(value))

    return read


def named(entry: Reader, names: type[StrEnum] | None = None) -> Reader:
    """A table whose keys are names: any, or those of a fixed set."""

    def read(value: Any, place: Place) -> dict[str, Any]:
        table = _table(value, place)
        if names is None:
            return {name: entry(each, place.key(name)) for name, each in table.items()}
        return {word(names)(name, place.key(name)): entry(each, place.key(name)) for name, each in table.items()}

    return read


def _table(value: Any, place: Place) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise place.wrong(value, "a table" if place.path else "a table of sections at the top")
    for name in value:
        if not isinstance(name, str) or not _is_text(name):
            raise place.wrong(ascii(name), "keys that are text")
    return value


@dataclass(frozen=True, slots=True)
class Table:
    """How a table is read into a dataclass: a reader for each key, and the keys it cannot do without."""

    kind: type
    keys: Mapping[str, Reader]
    compulsory: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[Any, Place], None] | None = None

    def __call__(self, value: Any, place: Place) -> Any:
        """The dataclass of a table. `BadInput` names the key."""
        table = _table(value, place)
        for name in table:
            if name not in self.keys:
                raise place.key(name).wrong("a key that no pack has", f"only {', '.join(self.keys)} here")
        for name, wanted in self.compulsory.items():
            if name not in table:
                raise place.key(name).wrong("nothing", wanted)
        read = self.kind(
            **{_field(name): self.keys[name](each, place.key(name)) for name, each in table.items()},
        )
        if self.check is not None:
            self.check(read, place)
        return read


def _field(key: str) -> str:
    return f"{key}_" if key == "from" else key


def _closes_after_opening(ballot: Ballot, place: Place) -> None:
    if ballot.closes < ballot.opens:
        wanted = f"a day not before the ballot opens on {ballot.opens.isoformat()}"
        raise place.key("closes").wrong(ballot.closes, wanted)


def _ends_after_start(period: Period | PlannedAction, place: Place) -> None:
    if period.ends < period.starts:
        raise place.key("ends").wrong(period.ends, f"a time not before the start at {period.starts.isoformat()}")


_A_DAY = "a day such as 2026-12-01"
_A_TIME = "a time such as 2026-12-01T06:00:00"
_AN_EMPLOYER = "the name of the employer"
_COUNTS = named(count)
_WORDS = listed(text)
_KIND = word(ActionKind)
_PERIOD = Table(
    Period, {"starts": moment, "ends": moment}, {"starts": _A_TIME, "ends": _A_TIME}, check=_ends_after_start
)


def _day_or_period(value: Any, place: Place) -> date | Period:
    period: Period | date = _PERIOD(value, place) if isinstance(value, Mapping) else day(value, place)
    return period


_WORKPLACE = Table(
    Workplace,
    {"urn": number, "name": text, "employer": text},
    {"urn": "the number of the workplace", "employer": "the name of its legal employer"},
)
_TERMS = Table(
    EmployerTerms,
    {"kind": word(LegalForm), "agrees_shorter_notice": flag, "agrees_longer_mandate_until": day},
)
_DISPUTE = Table(
    Dispute,
    {
        "nation": word(Nation),
        "matters": _WORDS,
        "settled_on": day,
        "workplaces": listed(_WORKPLACE),
        "employers": named(_TERMS),
    },
    {"nation": f"one of {', '.join(Nation)}"},
)
_BALLOT = Table(
    Ballot,
    {
        "opens": day,
        "closes": day,
        "method": word(VotingMethod),
        "scope": word(Scope),
        "service": word(Service),
        "questions": listed(_KIND),
        "caller": text,
        "scrutineer": text,
        "register": Table(Register, {"total": count, "by_workplace": _COUNTS, "by_category": _COUNTS}),
        "scrutineer_file": Table(ScrutineerFile, {"total": count}),
    },
    {
        "opens": _A_DAY,
        "closes": _A_DAY,
        "method": f"one of {', '.join(VotingMethod)}",
        "questions": f"a list of {' and '.join(ActionKind)}",
    },
    check=_closes_after_opening,
)
_RECEIVED = {"employer": _AN_EMPLOYER, "received": f"the day of receipt, {_A_DAY}"}
_PARTICULARS: dict[str, Reader] = {
    "total": count,
    "categories": _WORDS,
    "workplaces": listed(number),
    "by_category": _COUNTS,
    "by_workplace": _COUNTS,
    "explanation": text,
}
_BALLOT_NOTICE = Table(
    BallotNotice,
    {"employer": text, "received": day, "opening_day": day, **_PARTICULARS, "text": text},
    _RECEIVED,
)
_SAMPLE_PAPER = Table(SamplePaper, {"employer": text, "received": day}, _RECEIVED)
_VOTING_PAPER = Table(
    VotingPaper,
    {
        "questions": listed(_KIND),
        "scrutineer": text,
        "return_address": text,
        "return_by": day,
        "caller": text,
        "numbered": flag,
        "statement": text,
        "summary_of_dispute": text,
        "asos_types": _WORDS,
        "periods": named(text, ActionKind),
    },
)
_RESULT = Table(
    BallotResult,
    {
        "entitled": count,
        "cast": count,
        "questions": named(Table(QuestionCount, {"yes": count, "no": count, "spoiled": count}), ActionKind),
        "told_members": day,
        "told_employers": named(day),
    },
)
_ACTION_NOTICE = Table(
    ActionNotice,
    {
        "employer": text,
        "received": day,
        "kind": _KIND,
        "pattern": word(Pattern),
        "dates": listed(_day_or_period),
        "starts": day,
        **_PARTICULARS,
        "suspended": Table(Suspension, {"agreed_on": day, "from": day, "resumes": day}),
    },
    _RECEIVED,
)
_CALL = Table(Call, {"by": text, "authorised_by": text, "on": day})
_ACTION = Table(
    PlannedAction,
    {"employer": text, "kind": _KIND, "starts": moment, "ends": moment},
    {"kind": f"one of {', '.join(ActionKind)}", "starts": _A_TIME, "ends": _A_TIME},
    check=_ends_after_start,
)
_PACK = Table(
    Pack,
    {
        "dispute": _DISPUTE,
        "ballot": _BALLOT,
        "ballot_notices": listed(_BALLOT_NOTICE),
        "sample_papers": listed(_SAMPLE_PAPER),
        "voting_paper": _VOTING_PAPER,
        "result": _RESULT,
        "action_notices": listed(_ACTION_NOTICE),
        "call": _CALL,
        "action": listed(_ACTION),
    },
    {"dispute": "the section on the dispute", "ballot": "the section on the ballot"},
)


def read_pack(mapping: object, *, file: str | None = None, texts: bool = False) -> Pack:
    """
    The pack in a mapping with the keys of a pack's file.

    Days and times are `date` and naive `datetime`, or with `texts` ISO text, as in JSON. `BadInput` for the first
    thing that cannot be used, with the path of its key; `file` is the name it is told with.
    """
    pack: Pack = _PACK(mapping, Place(texts, file))
    return pack
