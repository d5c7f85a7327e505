"""What became of schools: the links that the register publishes between them, and those that closed."""

from __future__ import annotations

from sqlalchemy import select

from casework.register.changes import Values
from casework.register.intake import ImportReport, Intake, Taking, conclude, opened, sort_out
from casework.register.models import Workplace, WorkplaceLink
from casework.register.reading import Reject, SourceRow
from casework.register.rows import CLOSURES, LINKS, ClosureRow, LinkRow
from casework.register.standing import CLOSED
from core.unit_of_work import UnitOfWork

CLOSING = "Open, but proposed to close"
_LINKS = Intake(
    kind="links",
    table=WorkplaceLink,
    words=LINKS,
    row=LinkRow,
    key=("urn", "linked_urn", "kind"),
    defaults={"linked_name": "", "established_on": None},
)
_CLOSURES = Intake(kind="closures", table=Workplace, words=CLOSURES, row=ClosureRow, key=("urn",), defaults={})


def import_links(uow: UnitOfWork, taking: Taking) -> ImportReport:
    """
    Take in predecessors, successors and other links between establishments; either end may be unknown here.

    Raise `BadInput` when the file cannot be read.
    """
    file = opened(uow, _LINKS, taking)

    def values_of(_source: SourceRow, row: LinkRow) -> Values | Reject:
        return row.model_dump()

    return conclude(uow, file, _LINKS, sort_out(file, _LINKS, values_of, taking), taking)


def import_closures(uow: UnitOfWork, taking: Taking) -> ImportReport:
    """
    Mark workplaces of the register as closed; one whose closing day is still to come is about to close.

    Such a list gives neither type nor local authority, so a school that is not here already is turned down. Raise
    `BadInput` when the file cannot be read.
    """
    file = opened(uow, _CLOSURES, taking)
    known = dict(uow.session.execute(select(Workplace.urn, Workplace.opened_on)).tuples().all())

    def values_of(source: SourceRow, row: ClosureRow) -> Values | Reject:
        if row.urn not in known:
            return file.reject(source, "urn", row.urn, "the URN of a workplace that is in the register here")
        opened_on = known[row.urn]
        if opened_on and row.closed_on < opened_on:
            wanted = f"a day from {opened_on.isoformat()}, when the register says that it opened"
            return file.reject(source, "closed_on", source.values["closed_on"], wanted)
        status = CLOSED if row.closed_on <= uow.today else CLOSING
        return {"urn": row.urn, "status": status, "closed_on": row.closed_on}

    return conclude(uow, file, _CLOSURES, sort_out(file, _CLOSURES, values_of, taking), taking)
