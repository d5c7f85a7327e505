"""The call: by the person whom the voting paper names, and not before the date of the ballot (s. 233)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ballots.lint.brief import Brief, is_blank, plain
from ballots.lint.sources import stop, warn
from ballots.pack import Call
from core.calendar import in_words
from core.findings import Finding
from core.tulrca import CALLED_BEFORE, CALLED_BY


def before_the_ballot(brief: Brief, call: Call) -> Iterator[Finding]:
    """A stop for a call before the date of the ballot, which is the last day of voting."""
    closes = brief.pack.ballot.closes
    if call.on is None:
        said = "The day of the call is not given, so it cannot be shown to follow the ballot."
        cure = "Record the day; a call counts from the date of the ballot on."
        yield warn("call_date_missing", "call.on", (said, cure), CALLED_BEFORE)
    elif call.on < closes:
        said = f"Action was called on {in_words(call.on)}, before the date of the ballot, {in_words(closes)}."
        cure = "None for this ballot: its support is lost by a call before it. Ballot again."
        yield stop("called_before_ballot_date", "call.on", (said, cure), CALLED_BEFORE)


def caller(brief: Brief, call: Call) -> Iterator[Finding]:
    """A stop for a call by somebody else than the person specified, without that person's authority."""
    specified = brief.caller
    if _persons(brief, specified) & {_person(call.by), _person(call.authorised_by)} - {""}:
        return
    by = "nobody by name" if is_blank(call.by) else call.by
    paper = "specifies nobody" if is_blank(specified) else f"specifies {specified}"
    said = f"Action was called by {by}; the voting paper {paper}."
    cure = "Let the person specified on the voting paper call the action, or hold that person's delegation in writing."
    yield stop("caller_not_specified", "call.by", (said, cure), CALLED_BY)


def _persons(brief: Brief, specified: str | None) -> set[str]:
    """
    Everybody whom a paper specifies: `General Secretary or Executive` are two, either of whom may call. Of `Branch
    Secretary, Hill School` the school says where the secretary is, and may not call.
    """
    named = re.split(r"\s+or\s+|[,;/]", specified or "")
    places = {_person(each.name) for each in brief.pack.dispute.workplaces}
    places |= {_person(each.name) for each in brief.legs}
    persons = {_person(name) for name in named if not _A_PLACE.search(name)} - places
    return ({_person(specified)} | persons) - {""}


_A_PLACE = re.compile(
    r"\b(?:school|academy|academies|college|university|nursery|primary|secondary|infants?|juniors?|trust)\b",
    re.IGNORECASE,
)
"""Words of which the name of a school, college or trust is made, and that of a person or office is not."""


def _person(name: str | None) -> str:
    """A person or office to compare by: `the General Secretary` is `General Secretary`."""
    return plain(name).removeprefix("the ")


EACH = (before_the_ballot, caller)
