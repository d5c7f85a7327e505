"""
Figures of papers held against each other: their own sums, their lists, and the register.

Each function gives the faults as clauses for a sentence; how much a fault weighs is for the paper's rules to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ballots.lint.brief import Brief, Employer, plain
from ballots.pack import ActionNotice, BallotNotice

Counted = Mapping[str, int]


def own_sums(total: int | None, by_category: Counted | None, by_workplace: Counted | None) -> Iterator[str]:
    """Where the sums of one paper's figures differ from its total, or from each other if it states none."""
    sums = {"categories": by_category, "workplaces": by_workplace}
    added = {name: sum(counted.values()) for name, counted in sums.items() if counted}
    if total is not None:
        yield from (
            f"its {name} add up to {figure}, its total is {total}" for name, figure in added.items() if figure != total
        )
    elif len(set(added.values())) > 1:
        yield f"its categories add up to {added['categories']}, its workplaces to {added['workplaces']}"


def against(paper: str, figure: int | None, other: str, wanted: int | None) -> Iterator[str]:
    """Where a paper's figure is another than that of what it was made from."""
    if figure is not None and wanted is not None and figure != wanted:
        yield f"{paper} has {figure}, {other} {wanted}"


def lists_and_figures(notice: BallotNotice | ActionNotice) -> Iterator[str]:
    """Where a notice lists what it gives no figure for, or gives a figure for what it does not list."""
    listed_workplaces = [str(urn) for urn in notice.workplaces]
    for name, listed, counted in (
        ("the category", notice.categories, notice.by_category),
        ("the workplace", listed_workplaces, notice.by_workplace),
    ):
        if not listed or not counted:
            continue
        own = {plain(each) for each in listed}
        figured = {plain(each) for each in counted}
        yield from (f"it gives a figure for {name} {each} and does not list it" for each in _not_in(counted, own))
        yield from (f"it lists {name} {each} and gives no figure for it" for each in _not_in(listed, figured))


def _not_in(names: Iterable[str], known: set[str]) -> Iterator[str]:
    counted = names if isinstance(names, Mapping) else None
    yield from (each for each in names if plain(each) not in known and (counted is None or counted[each]))


def against_register(notice: BallotNotice | ActionNotice, employer: Employer, brief: Brief) -> Iterator[str]:
    """
    Where a notice's figures and workplaces differ from the register's for that employer. A notice of action says who is
    to be called, which may be the people of some workplaces only: it is held against those that it lists.
    """
    entitled, urns = brief.entitled_at, employer.urns
    if isinstance(notice, ActionNotice) and notice.workplaces:
        listed = {str(each) for each in notice.workplaces}
        urns = tuple(urn for urn in urns if urn in listed)
    in_part = entitled is not None and urns != employer.urns
    wanted_total = sum((entitled or {}).get(urn, 0) for urn in urns) if in_part else brief.entitled_of(employer)
    yield from against("it", notice.total, "the register", wanted_total)
    if entitled is not None:
        own = {urn: entitled.get(urn, 0) for urn in urns}
        yield from _workplaces(notice, own)
    register = brief.pack.ballot.register
    if register is not None and register.by_category and notice.by_category and len(brief.legs) == 1:
        wanted = {plain(name): figure for name, figure in register.by_category.items()}
        for name, figure in notice.by_category.items():
            if plain(name) in wanted:
                yield from against(f"for {name} it", figure, "the register", wanted[plain(name)])


def _workplaces(notice: BallotNotice | ActionNotice, entitled: Counted) -> Iterator[str]:
    """Workplaces with another figure, without anyone entitled, or left out."""
    for urn, figure in (notice.by_workplace or {}).items():
        if urn in entitled:
            yield from against(f"for the workplace {urn} it", figure, "the register", entitled[urn])
    listed = {str(urn) for urn in notice.workplaces}
    if listed:
        yield from (
            f"it leaves out the workplace {urn}, where {figure} are entitled to vote"
            for urn, figure in entitled.items()
            if figure and urn not in listed
        )
        yield from (
            f"it lists the workplace {urn}, where nobody is entitled to vote"
            for urn, figure in entitled.items()
            if not figure and urn in listed
        )


def categories_unlike_register(notice: BallotNotice | ActionNotice, brief: Brief) -> Iterator[str]:
    """Categories of those entitled that a notice does not list, for the only employer of those entitled."""
    register = brief.pack.ballot.register
    if register is None or not register.by_category or not notice.categories or len(brief.legs) != 1:
        return
    listed = {singular(name) for name in notice.categories}
    for name, figure in register.by_category.items():
        if figure and singular(name) not in listed:
            yield f"it does not list the category {name}, of whom the register has {figure}"


def singular(name: str) -> str:
    """A category to compare by: `Teachers` and `teacher` are one."""
    return plain(name).removesuffix("s")


def other_workplaces(
    notice: BallotNotice | ActionNotice, employer: Employer, brief: Brief
) -> Iterator[tuple[str, str]]:
    """
    Workplaces in a notice that are not the addressee's: each with the employer it has, empty for one unknown. Where no
    workplace of the dispute is named, none.
    """
    if not brief.pack.dispute.workplaces:
        return
    named = [str(urn) for urn in notice.workplaces] + [
        urn for urn, count in (notice.by_workplace or {}).items() if count
    ]
    own = frozenset(employer.urns)
    for urn in dict.fromkeys(named):
        if urn not in own:
            yield urn, brief.employer_at.get(urn, "")
