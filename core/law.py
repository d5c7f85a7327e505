"""
The law engine: what a parameter's value is on a day, from files that carry dates and citations.

One file a parameter, named after it (`pay.strike_deduction_fraction.yaml`). A value is in force from a day to
a day, both included; `keyed_on` says which date of the dispute chooses it. An Act's own saving ("unless the
sample was received before …") stands with the value it delays. A rule that did not exist yet has the value
null: the law of that day asks for nothing. A day the file does not reach is an error, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from core.errors import LawError, LawFileInvalid, NoLawInForce, UnknownParameter
from core.findings import Citation
from core.nations import GREAT_BRITAIN, Nation

LAW_FOLDERS = ("ballots/law", "casework/law")
ROOT = Path(__file__).resolve().parent.parent

Band = tuple[int | None, int]
"""Up to (not including) so many members, or None for the rest; and the amount."""

Value = int | bool | Fraction | str | tuple[str, ...] | tuple[Band, ...] | None
Events = Mapping[str, date | None]


class Certainty(StrEnum):
    """How sure a value is: read in the statute, in practitioners' pages only, or not confirmed."""

    CONFIRMED = "confirmed"
    PRACTITIONER = "practitioner"
    UNCONFIRMED = "unconfirmed"


class NationNeeded(LawError):
    """A parameter differs between the nations, and none was named."""

    def __init__(self, parameter: str) -> None:
        super().__init__(f"{parameter} differs between England, Wales and Scotland: say which nation.")


@dataclass(frozen=True, slots=True)
class Saving:
    """The value does not apply where `event` happened before a day; the value before it goes on instead."""

    event: str
    before: date

    def applies(self, events: Events) -> bool:
        """Whether the facts have such an event before the day."""
        happened_on = events.get(self.event)
        return happened_on is not None and happened_on < self.before


@dataclass(frozen=True, slots=True)
class LegalValue:
    """
    One value of one parameter, with its dates, source and certainty.

    `from_` is None for a planned change that has no date; `change` names the change it belongs to. `to` None: still in
    force. Fractions are exact.
    """

    parameter: str
    value: Value
    unit: str
    keyed_on: str
    from_: date | None
    to: date | None
    citation: Citation
    certainty: Certainty
    last_checked: date
    nations: tuple[Nation, ...] = GREAT_BRITAIN
    saving: Saving | None = None
    note: str | None = None
    expected: str | None = None
    change: str | None = None

    def covers(self, on: date) -> bool:
        """Whether a day lies within the value's dates."""
        return self.from_ is not None and self.from_ <= on and (self.to is None or on <= self.to)

    def is_stale(self, today: date, after_days: int) -> bool:
        """Whether the value was last checked more than so many days before `today`."""
        return today - self.last_checked > timedelta(days=after_days)

    @property
    def whole(self) -> int:
        """The value of a count (days, weeks, months, pence, …); `TypeError` for any other kind."""
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self._not_a("count")
        return self.value

    @property
    def whole_or_none(self) -> int | None:
        """The value of a count that some days' law does without."""
        return None if self.value is None else self.whole

    @property
    def fraction(self) -> Fraction | None:
        """The value of a share, or None where the law of the day asks for none."""
        if self.value is not None and not isinstance(self.value, Fraction):
            raise self._not_a("fraction")
        return self.value

    @property
    def flag(self) -> bool:
        """The value of a yes-or-no rule."""
        if not isinstance(self.value, bool):
            raise self._not_a("flag")
        return self.value

    @property
    def text(self) -> str:
        """The value of a word or a prescribed statement."""
        if not isinstance(self.value, str):
            raise self._not_a("text")
        return self.value

    @property
    def items(self) -> tuple[str, ...]:
        """The value of a list of words."""
        if not isinstance(self.value, tuple):
            raise self._not_a("list")
        return tuple(str(item) for item in self.value)

    def _not_a(self, kind: str) -> TypeError:
        return TypeError(f"{self.parameter} is {self.value!r}, not a {kind}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter with all its values, oldest first, and the changes planned but not in force."""

    name: str
    label: str
    unit: str
    keyed_on: str
    values: tuple[LegalValue, ...]
    planned: tuple[LegalValue, ...] = ()

    @property
    def differs_by_nation(self) -> bool:
        """Whether any value is for some nations only."""
        return any(value.nations != GREAT_BRITAIN for value in self.values)

    def series(self, nation: Nation | None) -> tuple[LegalValue, ...]:
        """The values of one nation, oldest first. `NationNeeded` where they differ and none is named."""
        if nation is None:
            if self.differs_by_nation:
                raise NationNeeded(self.name)
            return self.values
        return tuple(value for value in self.values if nation in value.nations)

    def at(self, on: date, *, nation: Nation | None = None, events: Events | None = None) -> LegalValue:
        """The value in force on a day, or the older one that a saving keeps alive for these events."""
        series = self.series(nation)
        for index in reversed(range(len(series))):
            if series[index].covers(on):
                return _after_savings(series, index, events or {})
        raise NoLawInForce(self.name, on)


def _after_savings(series: tuple[LegalValue, ...], index: int, events: Events) -> LegalValue:
    """Step back over every value that the events are saved from."""
    while index > 0:
        saving = series[index].saving
        if saving is None or not saving.applies(events):
            break
        index -= 1
    return series[index]


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """Every parameter of the law files, by name. One law equals another only if it is the same object."""

    _parameters: Mapping[str, Parameter] = field(repr=False)

    def at(self, parameter: str, on: date, *, nation: Nation | None = None, events: Events | None = None) -> LegalValue:
        """
        The value of a parameter chosen by a day: the day its `keyed_on` names.

        `events` are other dates by name that a saving may look at, such as `sample_paper_received_on`; absent
        or None means that it has not happened. Raises `NoLawInForce`, `UnknownParameter`, `NationNeeded`.
        """
        return self.parameter(parameter).at(on, nation=nation, events=events)

    def parameter(self, name: str) -> Parameter:
        """A parameter by name, with all its values. `UnknownParameter` if there is none."""
        try:
            return self._parameters[name]
        except KeyError:
            raise UnknownParameter(name) from None

    def parameters(self) -> tuple[Parameter, ...]:
        """Every parameter, by name in alphabetical order."""
        return tuple(self._parameters[name] for name in sorted(self._parameters))

    def assuming(self, assumptions: Mapping[str, date]) -> Law:
        """
        This law with planned changes taken as in force from a day each.

        A key is the name of a planned change, which moves every parameter that shares it, or one parameter's own
        name. The value before ends on the day before; the new one stays unconfirmed. `BadInput` (field `assume`) for
        a name that nothing is planned under, listing those that are, and for a day before the newest value's first.
        """
        if not assumptions:
            return self
        from core.law_changes import assumed  # only where something is assumed

        return assumed(self, assumptions)


class Consultation:
    """The law for one question: looks values up for one nation and remembers which it gave."""

    def __init__(self, law: Law, nation: Nation) -> None:
        self._law = law
        self._nation = nation
        self._given: dict[tuple[str, date | None], LegalValue] = {}

    def at(self, parameter: str, on: date, events: Events | None = None) -> LegalValue:
        """As `Law.at`, for the nation of the question."""
        value = self._law.at(parameter, on, nation=self._nation, events=events)
        self._given[(parameter, value.from_)] = value
        return value

    def planned(self, parameter: str) -> tuple[LegalValue, ...]:
        """The changes planned for a parameter in the nation of the question."""
        return tuple(value for value in self._law.parameter(parameter).planned if self._nation in value.nations)

    def aside(self) -> Consultation:
        """The same law for a question on the side, whose answers are no part of this one's."""
        return Consultation(self._law, self._nation)

    def given(self) -> tuple[LegalValue, ...]:
        """Every value given so far, in the order of asking."""
        return tuple(self._given.values())


class _Files(Mapping[str, Parameter]):
    """Law files by parameter, each read when it is first asked for, so that start-up does not grow with them."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = paths
        self._read: dict[str, Parameter] = {}

    def __getitem__(self, name: str) -> Parameter:
        if name not in self._read:
            from core.law_files import read_parameter  # brings YAML, which only a reader of files needs

            self._read[name] = read_parameter(self._paths[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def load(*folders: Path) -> Law:
    """Read every `*.yaml` in the folders now. `LawFileInvalid` for the first file that breaks the format."""
    law = Law(_Files(_paths(folders)))
    law.parameters()
    return law


def _paths(folders: Iterable[Path]) -> dict[str, Path]:
    """The law files in the folders, by parameter."""
    paths: dict[str, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            raise LawFileInvalid(folder, "folder", "there is no such folder of law files")
        for path in sorted(folder.glob("*.yaml")):
            if path.stem in paths:
                raise LawFileInvalid(path, "file name", f"{path.stem} has a file in another folder too")
            paths[path.stem] = path
    return paths


@lru_cache(maxsize=1)
def current_law() -> Law:
    """
    The law files that stand beside the packages, each read when first asked for.

    A process that goes on for long reads them all at its start with `parameters()`, so that a broken file
    stops it there and not in the middle of its work.
    """
    return Law(_Files(_paths(ROOT / folder for folder in LAW_FOLDERS)))
