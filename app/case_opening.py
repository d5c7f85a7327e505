"""Opening a case: the facts it takes, and the one way to do it, for the page's form, the API and the command line."""

from __future__ import annotations

from datetime import date

from pydantic import Field
from sqlalchemy import select

from app.acts import HANDLERS_KEY
from app.forms import Choice, Choices
from casework.acts import Facts
from casework.cases import Case, CaseEvent, Pursuit
from casework.handlers import open_case
from casework.issues.catalogue import issues
from casework.register.models import Workplace
from core import history
from core.errors import BadInput, Conflict
from core.unit_of_work import UnitOfWork


class CaseOpened(Facts):
    """Which issues members raised, how they want to take them, and when they raised them."""

    issues: list[str] = Field(min_length=1, title="What is it about")
    pursuit: Pursuit = Field(default=Pursuit.CONCURRENT, title="How members take several issues")
    raised_on: date | None = Field(
        default=None,
        title="The day members raised it",
        description="Today when left empty; what happened before it cannot be recorded",
    )


PURSUITS = {
    Pursuit.CONCURRENT: "All at once",
    Pursuit.FOCUS: "The focus is on one",
    Pursuit.ONE_BY_ONE: "One by one",
}


def choices() -> Choices:
    """The issues of the catalogue and the ways of taking them, for the form."""
    return {
        "issues": tuple(Choice(each.code, each.title) for each in issues()),
        "pursuit": tuple(Choice(pursuit.value, words) for pursuit, words in PURSUITS.items()),
    }


def open_once(uow: UnitOfWork, workplace: Workplace, given: CaseOpened, key: str) -> tuple[Case, bool]:
    """
    The case, opened once for the key of whoever acts, and whether that was now.

    Raises `BadInput` for an unknown issue or a day to come, `Conflict` when an open case has one of the issues already
    or when the key opened a case with other facts.
    """
    known = [each.code for each in issues()]
    for code in given.issues:
        if code not in known:
            raise BadInput(field="issues", found=code, wanted=f"codes of {', '.join(known)}")
    codes = list(dict.fromkeys(given.issues))
    short = history.digest([uow.actor, key])[:HANDLERS_KEY]
    before = uow.session.scalars(select(CaseEvent).where(CaseEvent.key == short)).first()
    case = open_case(uow, workplace, codes, given.pursuit, short, raised_on=given.raised_on)
    facts = {"issues": codes, "pursuit": given.pursuit.value}
    if before is not None and (case.workplace_id, before.facts) != (workplace.id, facts):
        raise Conflict(f"This key opened {case.ref} with other facts; nothing was recorded. Use a new key.")
    return case, before is None
