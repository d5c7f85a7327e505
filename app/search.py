"""
Finding cases, disputes, ballots, schools and employers by a name, a town or a reference: one function for the page, the
API and the command line.

Cases, disputes and ballots are found among those that whoever asks reaches; schools and employers are the register's,
which is the same for all. No member is looked for or named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case, false, func, or_, select
from sqlalchemy.orm import selectinload

from app.stored_words import STAGE_NAMES
from ballots.models import Ballot, BallotLeg
from casework.cases import Case
from casework.disputes import Dispute, DisputeLeg
from casework.lifecycle import Stage
from casework.register.models import Employer, Workplace
from casework.register.search import workplaces
from casework.register.search_index import EntryKind, SearchEntry, best_first, found_by, words_of
from core.calendar import counted
from core.unit_of_work import UnitOfWork

SHOWN = 20
"""How many of each kind are shown."""

HEADINGS = {
    "case": "Cases",
    "dispute": "Disputes",
    "ballot": "Ballots",
    "workplace": "Schools",
    "employer": "Employers",
}

MOST_SHOWN_TEXT = 200
"""How much of what was typed the page shows again."""

REFERENCE = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{1,29}")


class HitKind(StrEnum):
    """What was found, in the order in which it is shown."""

    CASE = "case"
    DISPUTE = "dispute"
    BALLOT = "ballot"
    WORKPLACE = "workplace"
    EMPLOYER = "employer"


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: what it is called, what tells it from others of that name, and its page."""

    kind: HitKind
    title: str
    says: str
    href: str


@dataclass(frozen=True, slots=True)
class Found:
    """
    What was found. `words` are those that were looked for, `text` what was typed; `more` names the kinds of which there
    are more than are shown.
    """

    text: str
    words: tuple[str, ...]
    hits: tuple[Hit, ...]
    more: tuple[HitKind, ...]

    def of(self, kind: HitKind) -> tuple[Hit, ...]:
        """Those of one kind."""
        return tuple(each for each in self.hits if each.kind == kind)


def search(uow: UnitOfWork, text: str, shown: int = SHOWN) -> Found:
    """
    Everything in which each word of the text begins a word, or whose reference begins with it; nothing for no word.

    Whatever is typed is looked for as words: quotes, operators and signs have no meaning. Ten words count at most.
    """
    words, reference = words_of(text), _reference(text)
    if not words:
        return Found(text, (), (), ())
    hits: list[Hit] = []
    more: list[HitKind] = []
    sources = (
        (HitKind.CASE, _cases(uow, words, reference, shown + 1)),
        (HitKind.DISPUTE, _disputes(uow, reference, shown + 1)),
        (HitKind.BALLOT, _ballots(uow, reference, shown + 1)),
        (HitKind.WORKPLACE, [_of_workplace(each) for each in workplaces(uow, words, shown + 1)]),
        (HitKind.EMPLOYER, _employers(uow, words, shown + 1)),
    )
    for kind, found in sources:
        hits += found[:shown]
        more += [kind] if len(found) > shown else []
    return Found(text, words, tuple(hits), tuple(more))


def _reference(text: str) -> str | None:
    stripped = text.strip()
    return stripped.upper() if REFERENCE.fullmatch(stripped) else None


def _starts(column: Any, reference: str | None) -> ColumnElement[bool]:
    return column.startswith(reference, autoescape=True) if reference else false()


def _dialect(uow: UnitOfWork) -> str:
    return uow.session.get_bind().dialect.name


def _cases(uow: UnitOfWork, words: Sequence[str], reference: str | None, most: int) -> list[Hit]:
    dialect = _dialect(uow)
    schools, employers = (
        found_by(dialect, kind, words).with_only_columns(SearchEntry.subject_id) for kind in EntryKind
    )
    named = or_(_starts(Case.ref, reference), Case.workplace_id.in_(schools), Workplace.employer_id.in_(employers))
    exact = case((Case.ref == (reference or ""), 0), else_=1)
    over = case((Case.stage == Stage.CLOSED, 1), else_=0)
    rows = uow.session.execute(
        select(Case.ref, Case.stage, Workplace.name, Workplace.la_name)
        .join(Workplace, Workplace.id == Case.workplace_id)
        .where(named)
        .order_by(exact, over, *_newest_first(Case.ref))
        .limit(most)
    )
    return [
        Hit(HitKind.CASE, f"{ref}, {name}", ", ".join(filter(None, (STAGE_NAMES[stage], place))), f"/cases/{ref}")
        for ref, stage, name, place in rows
    ]


def _newest_first(ref: Any) -> tuple[ColumnElement[Any], ...]:
    """By year and number: as text, the ten-thousandth case of a year would stand before its second."""
    return func.substr(ref, 1, len("2026")).desc(), func.length(ref).desc(), ref.desc()


def _disputes(uow: UnitOfWork, reference: str | None, most: int) -> list[Hit]:
    matching = select(Dispute).where(_starts(Dispute.ref, reference)).order_by(Dispute.ref).limit(most)
    rows = matching.options(selectinload(Dispute.legs).joinedload(DisputeLeg.employer))
    found = uow.session.scalars(rows) if reference else ()
    return [Hit(HitKind.DISPUTE, each.ref, _with(each.legs), f"/disputes/{each.ref}") for each in found]


def _ballots(uow: UnitOfWork, reference: str | None, most: int) -> list[Hit]:
    matching = select(Ballot).where(_starts(Ballot.ref, reference)).order_by(Ballot.ref).limit(most)
    rows = matching.options(selectinload(Ballot.legs).joinedload(BallotLeg.employer))
    found = uow.session.scalars(rows) if reference else ()
    return [Hit(HitKind.BALLOT, each.ref, _with(each.legs), f"/ballots/{each.ref}") for each in found]


def _with(legs: Sequence[DisputeLeg] | Sequence[BallotLeg]) -> str:
    return "; ".join(sorted({each.employer.name for each in legs}))


def _of_workplace(row: Workplace) -> Hit:
    closed = "closed" if row.closed_on else ""
    says = ", ".join(filter(None, (row.number, row.la_name, row.postcode, row.employer.name, closed)))
    return Hit(HitKind.WORKPLACE, row.name, says, f"/workplaces/{row.urn or row.ukprn}")


def _employers(uow: UnitOfWork, words: Sequence[str], most: int) -> list[Hit]:
    best = found_by(_dialect(uow), EntryKind.EMPLOYER, words).order_by(*best_first(words)).limit(most)
    ids = [key for key, _ in uow.session.execute(best).tuples()]
    if not ids:
        return []
    rows = (
        select(Employer.id, Employer.name, func.count(Case.id))
        .outerjoin(Workplace, Workplace.employer_id == Employer.id)
        .outerjoin(Case, Case.workplace_id == Workplace.id)
        .where(Employer.id.in_(ids))
        .group_by(Employer.id, Employer.name)
    )
    found = {key: (name, count) for key, name, count in uow.session.execute(rows).tuples()}
    return [
        Hit(
            HitKind.EMPLOYER,
            name[:1].upper() + name[1:],
            f"{counted(count, 'case')} that you see",
            f"/employers/{key}",
        )
        for key, (name, count) in ((key, found[key]) for key in ids)
    ]
