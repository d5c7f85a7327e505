"""A pack as the rules look at it: who employs whom, how many are entitled, which action is meant, under which law."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ballots.mandate import ActionKind
from ballots.pack import ActionNotice, EmployerTerms, Pack, Workplace
from ballots.timetable_facts import BallotFacts
from core.calendar import NONE_ADDED, next_working_day
from core.law import Consultation


def plain(name: str | None) -> str:
    """A name or phrase to compare by: white space collapsed, capitals ignored; empty for none."""
    return " ".join((name or "").split()).casefold()


def is_blank(text: str | None) -> bool:
    """Whether there are no words."""
    return not plain(text)


@dataclass(frozen=True, slots=True)
class Employer:
    """A legal employer: its name as the workplaces give it, those workplaces, and what it agreed to."""

    name: str
    workplaces: tuple[Workplace, ...]
    terms: EmployerTerms

    @property
    def urns(self) -> tuple[str, ...]:
        """The numbers of its workplaces, each once, as the keys of figures are written."""
        return tuple(dict.fromkeys(str(workplace.urn) for workplace in self.workplaces))


UNNAMED = Employer("The employer (whom nothing names)", (), EmployerTerms())
"""The one employer of a pack that names none: its papers and its mandate are judged all the same."""


class Brief:
    """
    One pack with what follows from it, and the law for its nation.

    `added_holidays` are bank holidays of the nation beside those that the calendar knows.
    """

    def __init__(self, pack: Pack, law: Consultation, added_holidays: Collection[date] = NONE_ADDED) -> None:
        self.pack = pack
        self.law = law
        self.added_holidays = added_holidays

    @cached_property
    def facts(self) -> BallotFacts:
        """The ballot as the timetable takes it, before any paper was received."""
        ballot = self.pack.ballot
        return BallotFacts(ballot.opens, ballot.closes, self.pack.dispute.nation, method=ballot.method)

    @cached_property
    def employers(self) -> Mapping[str, Employer]:
        """
        The legal employers of the workplaces in dispute, by name to compare by; without workplaces, those described;
        without these too, those to whom papers went or against whom action is.
        """
        terms = {plain(name): each for name, each in self.pack.dispute.employers.items()}
        found: dict[str, Employer] = {}
        for workplace in self.pack.dispute.workplaces:
            key = plain(workplace.employer)
            if not key:
                continue
            before = found.get(key) or Employer(workplace.employer, (), terms.get(key, EmployerTerms()))
            found[key] = Employer(before.name, (*before.workplaces, workplace), before.terms)
        if not self.pack.dispute.workplaces:
            described = self.pack.dispute.employers or {name: EmployerTerms() for name in self._named_by_papers()}
            found = {plain(name): Employer(name, (), each) for name, each in described.items()}
        return found

    def _named_by_papers(self) -> list[str]:
        """The employers that the papers and the action name; where they name none, those told the result."""
        pack = self.pack
        named = [notice.employer for notice in pack.ballot_notices] + [paper.employer for paper in pack.sample_papers]
        named += [notice.employer for notice in pack.action_notices] + [each.employer or "" for each in pack.action]
        told = pack.result.told_employers if pack.result else ()
        return [name for name in named if not is_blank(name)] or [name for name in told if not is_blank(name)]

    def employer(self, name: str | None) -> Employer | None:
        """The legal employer of a name; None for a name that is not one."""
        return self.employers.get(plain(name))

    @cached_property
    def legs(self) -> tuple[Employer, ...]:
        """The employers of people entitled to vote; every employer where the register has no workplaces, never none."""
        entitled = self.entitled_at
        if not self.pack.dispute.workplaces:
            return tuple(self.employers.values()) or (UNNAMED,)
        if entitled is None:
            return tuple(self.employers.values())
        return tuple(each for each in self.employers.values() if any(entitled.get(urn, 0) for urn in each.urns))

    def is_leg(self, name: str | None) -> bool:
        """Whether a name is that of an employer of people entitled to vote."""
        return plain(name) in self._names_of_legs

    @cached_property
    def _names_of_legs(self) -> frozenset[str]:
        return frozenset(plain(each.name) for each in self.legs)

    @cached_property
    def employer_at(self) -> Mapping[str, str]:
        """The name of the legal employer at each workplace of the dispute."""
        return {urn: each.name for each in self.employers.values() for urn in each.urns}

    def legs_of(self, name: str | None) -> tuple[Employer, ...]:
        """The employers that a part of the pack is about: the one it names, or all where it names none."""
        if is_blank(name):
            return self.legs
        employer = self.employer(name)
        return (employer,) if employer else ()

    @property
    def entitled_at(self) -> Mapping[str, int] | None:
        """How many are entitled to vote at each workplace by the register; None where it does not say."""
        register = self.pack.ballot.register
        return (register.by_workplace or None) if register else None

    @property
    def registered(self) -> int | None:
        """How many are entitled to vote by the register: its total, or the sum of its workplaces or categories."""
        register = self.pack.ballot.register
        if register is None or register.total is not None:
            return register.total if register else None
        counted = register.by_workplace or register.by_category
        return sum(counted.values()) if counted else None

    def entitled_of(self, employer: Employer) -> int | None:
        """How many of those entitled an employer has by the register; None where it does not say."""
        if self.entitled_at is not None and employer.workplaces:
            return sum(self.entitled_at.get(urn, 0) for urn in employer.urns)
        return self.registered if len(self.employers) == 1 else None

    @cached_property
    def most_entitled(self) -> int | None:
        """
        How many are entitled over all ballots of the action: the register's highest figure, where there is one; else
        the highest of the scrutineer's file, the result and the notices of ballot together. None where nothing says.
        """
        register, file, result = self.pack.ballot.register, self.pack.ballot.scrutineer_file, self.pack.result
        if register is not None and self.registered:
            sums = [sum((counted or {}).values()) for counted in (register.by_workplace, register.by_category)]
            return max(self.registered, *sums)
        by_employer: dict[str, int] = {}
        for notice in self.pack.ballot_notices:
            by_employer[plain(notice.employer)] = max(by_employer.get(plain(notice.employer), 0), notice.total or 0)
        known = [file.total if file else None, result.entitled if result else None, sum(by_employer.values())]
        return max((figure for figure in known if figure), default=None)

    @cached_property
    def kinds_in_play(self) -> frozenset[ActionKind]:
        """The kinds of action that are noticed, planned or taken."""
        noticed = {notice.kind for notice in self.pack.action_notices}
        return frozenset({kind for kind in noticed if kind} | {action.kind for action in self.pack.action})

    @property
    def is_relied_on(self) -> bool:
        """Whether the ballot has a result, a call or an action, so that its papers must have been served."""
        return self.pack.result is not None or self.pack.call is not None or bool(self.pack.action)

    @property
    def caller(self) -> str | None:
        """Who may call action: the voting paper's words, or where it is not here, the ballot's."""
        paper = self.pack.voting_paper
        return paper.caller if paper and not is_blank(paper.caller) else self.pack.ballot.caller

    def told_on(self, employer: Employer) -> date | None:
        """The day an employer was told the result; a day before the voting ended tells none."""
        day = self._told.get(plain(employer.name))
        return None if day is None or day < self.pack.ballot.closes else day

    @cached_property
    def _told(self) -> Mapping[str, date]:
        """The first day on which each employer was told after voting ended; else the first day given for it."""
        found: dict[str, date] = {}
        for name, day in self.pack.result.told_employers.items() if self.pack.result else ():
            before = found.setdefault(plain(name), day)
            found[plain(name)] = min(before, day, key=lambda each: (each < self.pack.ballot.closes, each))
        return found

    @cached_property
    def result_due(self) -> date:
        """The working day after the end of voting, by which people are told the result."""
        return next_working_day(self.pack.ballot.closes, self.pack.dispute.nation, self.added_holidays)

    def notices_to(self, employer: Employer, kind: ActionKind) -> tuple[tuple[int, ActionNotice], ...]:
        """The notices that an employer had of one kind of action, or of no kind, with their places in the list."""
        return tuple(
            (index, notice)
            for index, notice in self._noticed.get(plain(employer.name), ())
            if notice.kind in (None, kind)
        )

    @cached_property
    def _noticed(self) -> Mapping[str, list[tuple[int, ActionNotice]]]:
        """The notices of action with their places in the list, by employer."""
        found: dict[str, list[tuple[int, ActionNotice]]] = {}
        for index, notice in enumerate(self.pack.action_notices):
            found.setdefault(plain(notice.employer), []).append((index, notice))
        return found

    def earlier_notice_on(self, index: int, *, any_kind: bool = False) -> date | None:
        """When the employer of a notice of action first had an earlier one: of the same kind of action, or of any."""
        this = self.pack.action_notices[index]
        kinds = {this.kind} if not any_kind else {this.kind, *ActionKind, None}
        known = [self._first_noticed.get((plain(this.employer), kind)) for kind in kinds]
        first = min((day for day in known if day is not None), default=this.received)
        return first if first < this.received else None

    @cached_property
    def _first_noticed(self) -> Mapping[tuple[str, ActionKind | None], date]:
        """When each employer first had a notice of each kind of action."""
        first: dict[tuple[str, ActionKind | None], date] = {}
        for notice in self.pack.action_notices:
            key = (plain(notice.employer), notice.kind)
            first[key] = min(first.get(key, notice.received), notice.received)
        return first


def differ(*figures: int | None) -> bool:
    """Whether figures that are given are not all the same."""
    return len({figure for figure in figures if figure is not None}) > 1
