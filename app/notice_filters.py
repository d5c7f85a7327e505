"""Which notices somebody wants to see, as the address of the page, the API and the command line spell it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import urlencode

from app.notice_views import RECIPIENTS
from core.errors import BadInput
from notifications.lifecycle import State
from notifications.messages import registry

MOST_WORDS = 10
LONGEST = 200
YEARS = range(2000, 2101)
A_DAY = "a day such as 2026-10-01"
WHAT = "part of the name of a workplace or employer, or of a case's reference"


class Only(StrEnum):
    """Notices that somebody has to look after."""

    NOT_PROVED = "not_proved"
    BOUNCED = "bounced"
    NEEDS_A_PERSON = "needs_a_person"


ONLY_WORDS: Mapping[Only, str] = {
    Only.NEEDS_A_PERSON: "Needs a person",
    Only.NOT_PROVED: "To be received by a day, and not proved",
    Only.BOUNCED: "Bounced",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What every notice shown has to be; nothing said, nothing asked. `since` and `until` are London days on which it was
    last due to go out; the workplace, employer and case it concerns hold every one of the `words` between them.
    """

    state: State | None = None
    kind: str | None = None
    case: str | None = None
    to: str | None = None
    only: Only | None = None
    since: date | None = None
    until: date | None = None
    words: tuple[str, ...] = ()

    def given(self) -> dict[str, str]:
        """The filters by the names they have in an address, as `wanted` reads them."""
        said = {
            "q": " ".join(self.words),
            "state": self.state,
            "kind": self.kind,
            "case": self.case,
            "to": self.to,
            "only": self.only,
            "from": self.since,
            "until": self.until,
        }
        return {name: str(value) for name, value in said.items() if value}

    def address(self, **more: object) -> str:
        """The query of an address that asks for the same, and for more."""
        return urlencode({**self.given(), **more})


NAMES = ("q", "state", "kind", "case", "to", "only", "from", "until")


def wanted(given: Mapping[str, str]) -> Wanted:
    """The filters as somebody gave them. `BadInput` naming the one that cannot be used."""
    said = {name: given[name].strip() for name in NAMES if given.get(name, "").strip()}
    since, until = _day("from", said), _day("until", said)
    if since and until and until < since:
        raise BadInput(field="until", found=until.isoformat(), wanted=f"a day not before {since.isoformat()}")
    return Wanted(
        state=State(_one_of("state", said, State)) if "state" in said else None,
        kind=_one_of("kind", said, registry()) if "kind" in said else None,
        case=said.get("case", "").upper() or None,
        to=_one_of("to", said, RECIPIENTS) if "to" in said else None,
        only=Only(_one_of("only", said, Only)) if "only" in said else None,
        since=since,
        until=until,
        words=_words(said.get("q", "")),
    )


def _one_of(name: str, said: Mapping[str, str], known: Mapping[str, object] | type[StrEnum]) -> str:
    words = [str(each) for each in known]
    if said[name] not in words:
        raise BadInput(field=name, found=said[name], wanted="one of " + ", ".join(words))
    return said[name]


def _day(name: str, said: Mapping[str, str]) -> date | None:
    if name not in said:
        return None
    try:
        day = date.fromisoformat(said[name])
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise BadInput(field=name, found=said[name], wanted=A_DAY)
    return day


def _words(text: str) -> tuple[str, ...]:
    if len(text) > LONGEST or any(unicodedata.category(each) == "Cc" for each in text):
        raise BadInput(field="q", found=text, wanted=f"{WHAT}, in {LONGEST} characters at most")
    return tuple(text.split()[:MOST_WORDS])
