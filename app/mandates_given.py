"""A mandate as the pages of its ballot and of its dispute list it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ballots.models import MandateRow


@dataclass(frozen=True, slots=True)
class MandateGiven:
    """A mandate that a ballot gave, `kind` in words; `days_left` is negative once it is over."""

    id: uuid.UUID
    ballot_ref: str
    kind: str
    employer: str
    first_day: date
    last_day: date
    days_left: int


def mandate_given(row: MandateRow, ballot_ref: str, employers: Mapping[uuid.UUID, str], today: date) -> MandateGiven:
    """One of them; `employers` by their ids, as the page names them."""
    employer = employers.get(row.employer_id, "Another employer")
    days_left = (row.last_day - today).days
    return MandateGiven(
        row.id, ballot_ref, row.kind.words.capitalize(), employer, row.first_day, row.last_day, days_left
    )
