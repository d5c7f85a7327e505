"""The entries of the navigation, each for those whose roles its page is for, and the page each caller begins at."""

from __future__ import annotations

from dataclasses import dataclass

from app.access import CLAIM_READERS, EVERYBODY, IMPORTERS, KEEPERS, LOOKERS, OPERATORS, REPS, Caller, Requires
from casework.people.roles import Role


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its key, words and address, and whom its page is for."""

    key: str
    text: str
    href: str
    gate: Requires


FIRST = "/"
"""Where whoever works with cases begins; it leads everybody else to where they do."""

ENTRIES = (
    Entry("cases", "Cases", FIRST, LOOKERS),
    Entry("workplace", "Your workplace", "/your-workplace", REPS),
    Entry("deadlines", "Deadlines", "/deadlines", LOOKERS),
    Entry("officers", "Officers", "/officers", LOOKERS),
    Entry("plan", "Plan", "/plan", EVERYBODY),
    Entry("notices", "Notices", "/notices", LOOKERS),
    Entry("service", "Service", "/service", LOOKERS),
    Entry("claims", "Claims", "/claims", CLAIM_READERS),
    Entry("law", "Law", "/law", EVERYBODY),
    Entry("status", "Status", "/status", KEEPERS),
    Entry("runs", "Runs", "/runs", KEEPERS),
    Entry("imports", "Imports", "/imports", IMPORTERS),
    Entry("people", "People", "/people", OPERATORS),
)
ACCOUNT = "/account"


def entries_for(caller: Caller | None, active: str) -> list[dict[str, object]]:
    """The entries as the navigation of every page takes them; none for whoever has not signed in."""
    if caller is None:
        return []
    shown = (each for each in ENTRIES if caller.roles & each.gate.roles)
    return [{"text": each.text, "href": each.href, "active": each.key == active} for each in shown]


def home_of(roles: frozenset[Role]) -> str:
    """Where somebody with these roles begins: their account's page when no other is for them."""
    first = (each for each in ENTRIES if each.gate is not EVERYBODY and roles & each.gate.roles)
    return next((each.href for each in first), ACCOUNT)
