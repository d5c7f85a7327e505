"""
A delivery by hand as whoever carried the notice tells it: when, where, who handed it over, and to whom.

It is kept as a document beside the evidence, so that names stand in no history, and a certificate has it word by word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date, datetime, time

from core.calendar import LONDON, in_words
from core.errors import BadInput
from notifications.facts import LINE_BREAK

TITLE = "Record of a delivery by hand"
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class HandDelivery:
    """`at` is the London time of day, such as 09:40."""

    place: str
    at: str
    delivered_by: str
    handed_to: str

    def __post_init__(self) -> None:
        for each in fields(self):
            given = getattr(self, each.name).strip()
            object.__setattr__(self, each.name, given)
            if not given or len(given) > LONGEST or LINE_BREAK.search(given):
                raise BadInput(field=each.name, found=_found(given), wanted=WANTED[each.name])
        if not CLOCK.fullmatch(self.at):
            raise BadInput(field="at", found=_found(self.at), wanted=WANTED["at"])

    def happened(self, on: date) -> datetime:
        """The moment it names on a London day."""
        return datetime.combine(on, time.fromisoformat(self.at), tzinfo=LONDON)

    def statement(self, notice: str, to: str, on: date) -> bytes:
        """The record as it is kept; the same facts give the same bytes."""
        rows = {
            "Notice": notice,
            "Addressed to": to,
            "Handed over on": f"{in_words(on)} at {self.at}, London time",
            "Where": self.place,
            "Handed over by": self.delivered_by,
            "Handed to": self.handed_to,
        }
        return "\n".join([TITLE, "", *(f"{name}: {value}" for name, value in rows.items()), ""]).encode()


WANTED = {
    "place": "where it was handed over, such as Reception, County Hall, Anytown",
    "at": "the London time of day at which it was handed over, such as 09:40",
    "delivered_by": "the name of whoever handed it over",
    "handed_to": "the name of whoever took it, or who they were, such as the receptionist",
}


def _found(given: str) -> str:
    if not given:
        return "nothing"
    return "several lines" if LINE_BREAK.search(given) else "more than 200 letters" if len(given) > LONGEST else given
