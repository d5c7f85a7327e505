"""Action planned or taken: of a kind that was balloted, notified to the hour, while the dispute is alive."""

from __future__ import annotations

from collections.abc import Iterator

from ballots.lint.brief import Brief
from ballots.lint.notified import first_uncovered, last_day_of, spans, time_in_words
from ballots.lint.particulars import to_a_legal_employer
from ballots.lint.sources import stop, warn
from ballots.lint.voting_paper import WORDS
from ballots.pack import PlannedAction
from core.calendar import in_words
from core.findings import Finding
from core.tulrca import BALLOTED, CALLED_BEFORE, IN_FURTHERANCE, NOTICE_OF_ACTION


def _action(brief: Brief, index: int) -> tuple[PlannedAction, str]:
    return brief.pack.action[index], f"action[{index}]"


def addressee(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for action at somebody who employs nobody entitled to vote."""
    action, where = _action(brief, index)
    if action.employer is not None:
        yield from to_a_legal_employer(brief, action.employer, where, "action", verb="is against")


def kind(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for a kind of action that was not balloted."""
    action, where = _action(brief, index)
    if action.kind not in brief.pack.ballot.questions:
        said = f"The action is {WORDS[action.kind]}, on which there was no question in the ballot."
        cure = "Ballot on that kind of action; a Yes to another kind does not count."
        yield stop("action_kind_not_balloted", f"{where}.kind", (said, cure), BALLOTED)


def settled(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for action that starts on or after the day the dispute was settled; a warn for action that goes on."""
    action, where = _action(brief, index)
    settled_on = brief.pack.dispute.settled_on
    if settled_on is None:
        return
    said = f"The dispute was settled on {in_words(settled_on)}; "
    cure = "Stand the action down: there is nothing left to act over."
    if settled_on <= action.starts.date():
        said += f"the action starts at {time_in_words(action.starts)}."
        yield stop("dispute_settled", f"{where}.starts", (said, cure), IN_FURTHERANCE)
    elif settled_on < last_day_of(action.starts, action.ends):
        said += f"the action goes on to {time_in_words(action.ends)}."
        yield warn("dispute_settled", f"{where}.ends", (said, cure), IN_FURTHERANCE)


def before_the_ballot(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for action before the date of the ballot."""
    action, where = _action(brief, index)
    closes = brief.pack.ballot.closes
    if action.starts.date() < closes:
        said = f"Action at {time_in_words(action.starts)} comes before the date of the ballot, {in_words(closes)}."
        cure = "Wait for the result, tell it, and give notice of action."
        yield stop("called_before_ballot_date", f"{where}.starts", (said, cure), CALLED_BEFORE)


def notified(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for action without a notice to its employer, or outside the days and hours notified."""
    action, where = _action(brief, index)
    for employer in brief.legs_of(action.employer):
        notices = [notice for _, notice in brief.notices_to(employer, action.kind)]
        if not notices:
            said = f"{employer.name} had no notice of {WORDS[action.kind]} at {time_in_words(action.starts)}."
            cure = "Take no action before the notice is given and its time has run."
            yield stop("action_notice_missing", where, (said, cure), NOTICE_OF_ACTION)
            continue
        covered = [span for notice in notices for span in spans(notice)]
        outside = first_uncovered(action.starts, action.ends, covered)
        if outside is not None and covered:
            key = "starts" if outside == action.starts else "ends"
            said = (
                f"Action at {employer.name} from {time_in_words(action.starts)} to {time_in_words(action.ends)}: from "
                f"{time_in_words(outside)} it is outside what was notified."
            )
            cure = "Keep to the days and hours notified, or give a new notice for the others."
            yield stop("action_not_notified", f"{where}.{key}", (said, cure), NOTICE_OF_ACTION)


EACH = (addressee, kind, settled, before_the_ballot, notified)
