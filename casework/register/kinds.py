"""Every kind of file that the register takes in, by the name that the command, the page and the API give it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from casework.register.colleges import import_colleges
from casework.register.imports import import_members, import_officers, import_workplaces
from casework.register.intake import ImportReport, Progress
from casework.register.responsible_bodies import import_trusts
from casework.register.schools_since import import_closures, import_links
from core.unit_of_work import UnitOfWork


class Importer(Protocol):
    """Takes a file in, as far as it can be used."""

    def __call__(
        self,
        uow: UnitOfWork,
        path: Path,
        *,
        sheet: str | None = None,
        progress: Progress | None = None,
        dry_run: bool = False,
    ) -> ImportReport:
        """What became of the file."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: what it holds, in words, and what takes it in."""

    label: str
    holds: str
    take_in: Importer


KINDS: Mapping[str, Kind] = {
    "workplaces": Kind("Schools", "An extract of the register of schools, of today or of 2017.", import_workplaces),
    "colleges": Kind("Colleges", "Further education and sixth form colleges, by UKPRN.", import_colleges),
    "links": Kind("Links between schools", "Predecessors and successors, as published.", import_links),
    "closures": Kind("Closed schools", "Schools of the register that closed, with the day.", import_closures),
    "trusts": Kind("Trusts", "Which trust or council is responsible for each school.", import_trusts),
    "officers": Kind("Officers", "Officers and the local authorities that they cover.", import_officers),
    "members": Kind("Members", "Members, their posts and where reimbursements are paid to.", import_members),
}
"""In the order in which they build on one another."""
