"""
Whoever a stand-down has not reached, as an officer needs to know them: by name and telephone, why it has not, and what
they have to hear.

Names and numbers are for the page alone. What a server or a network replied is told everywhere, without the addresses
and numbers that it may repeat.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ballots import stand_down
from ballots.models import Ballot
from casework.register.models import Employer, Member, Officer
from casework.stand_downs import Party, StandDown
from core.calendar import in_words, london_day
from core.unit_of_work import UnitOfWork
from notifications.channels.folder import FolderChannel
from notifications.lifecycle import Outcome

LAID = FolderChannel.name
"""The channel that hands what it lays in a folder to nobody."""
NO_ADDRESS = "The register has no address of theirs that can be written to."
LAID_FOR_NOBODY = "The mail was laid in a folder of this machine, and handed to nobody."
NOBODY = (
    "There was nobody to tell: the dispute had ended, and whoever had been called was told so then. What still waited "
    "here to call to action was kept back and never left."
)
OUTCOMES = {
    Outcome.TEMP: "It did not go, and is tried again",
    Outcome.PERM: "It was refused for good",
    Outcome.UNKNOWN: "Nobody knows whether it went",
}
PERSONAL = re.compile(r"\S*@\S+|\+?\d[\d ()-]{7,}\d")
MOST_OF_A_REPLY = 160

Key = tuple[Party, uuid.UUID]


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody as the register has them."""

    name: str
    phone: str | None


def known(uow: UnitOfWork, people: Iterable[Key]) -> Mapping[Key, Known]:
    """Name and telephone of each who still stands in the register."""
    found: dict[Key, Known] = {}
    asked = list(people)
    for party, table in TABLES.items():
        ids = [key for at, key in asked if at is party]
        if ids:
            rows = uow.session.scalars(select(table).where(table.id.in_(ids)))
            found.update({(party, each.id): Known(each.name, getattr(each, "phone", None)) for each in rows})
    ballots = [key for at, key in asked if at is Party.SCRUTINEER]
    if ballots:
        named = select(Ballot.id, Ballot.scrutineer).where(Ballot.id.in_(ballots), Ballot.scrutineer.is_not(None))
        found.update({(Party.SCRUTINEER, each): Known(name or "", None) for each, name in uow.session.execute(named)})
    return found


TABLES: Mapping[Party, Any] = {
    Party.OFFICER: Officer,
    Party.REP: Member,
    Party.EMPLOYER: Employer,
    Party.MEMBER: Member,
}


def reason(outcome: Outcome | None, code: int | None, reply: str | None) -> str | None:
    """What became of the last attempt, in words; None for one that was taken or has not ended."""
    if outcome is None or outcome is Outcome.ACCEPTED:
        return None
    said = " ".join(str(part) for part in (code, reply) if part)
    words = PERSONAL.sub("…", " ".join(said.split()))[:MOST_OF_A_REPLY]
    return f"{OUTCOMES[outcome]}: {words}" if words else f"{OUTCOMES[outcome]}."


def to_say(uow: UnitOfWork, row: StandDown) -> str:
    """
    What somebody who missed the message has to hear as things stand now. Once action went on nobody is sent the message
    any more, nor told that action is off.
    """
    since, goes_on = in_words(london_day(row.ordered_at)), stand_down.action_is_on(uow, row.dispute_id)
    if row.lifted_at is None:
        return f"All action of this dispute has been off since {since}."
    if row.resumes_on is None or not goes_on:
        others = " Other action was authorised since." if goes_on else ""
        return f"What they were called to before {since} is off and stays off.{others}"
    return (
        f"Action short of a strike was off from {since}. It goes on from {in_words(row.resumes_on)}, or from a later "
        "day that its notice or an agreement to suspend it names. Strike days that were called off stay off."
    )
