"""
Papers that came to an employer more than once: the duty is met by the one that came in time, so that the others, too
late or too soon, are no breach of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ballots.lint.brief import plain
from ballots.lint.notified import first_uncovered, is_continuous, spans
from ballots.lint.sources import note
from ballots.pack import ActionNotice, BallotNotice, SamplePaper
from core.calendar import in_words
from core.findings import Citation, Finding

CURE = "Nothing is needed: rely on the other one, and keep the proof of its receipt."


def met(code: str, where: str, said: str, citation: Citation, other_on: date) -> Finding:
    """A note in place of a stop: what is wrong with a paper does not matter, as another one met the duty."""
    return note(code, where, (f"{said} The one received on {in_words(other_on)} met the duty.", CURE), citation)


def other_in_time(
    served: Iterable[BallotNotice | SamplePaper], paper: BallotNotice | SamplePaper, latest: date
) -> date | None:
    """When the employer of a late paper had another of the same in time; None where it had not."""
    days = (
        other.received
        for other in served
        if plain(other.employer) == plain(paper.employer) and other.received <= latest and _serves_for(other, paper)
    )
    return min(days, default=None)


def _serves_for(other: BallotNotice | SamplePaper, paper: BallotNotice | SamplePaper) -> bool:
    """Whether one paper says all of another; a sample paper is the same for every employer."""
    if isinstance(other, BallotNotice) and isinstance(paper, BallotNotice):
        return _states(other, paper)
    return True


def covers(other: ActionNotice, notice: ActionNotice) -> bool:
    """
    Whether one notice of action covers all of another: its kind, pattern, workplaces, categories and times. Continuous
    action is covered by that which begins on the same day only: an older notice may have died with its action.
    """
    if other.kind is None or other.kind is not notice.kind or is_continuous(other) is not is_continuous(notice):
        return False
    if is_continuous(notice):
        return other.starts is not None and other.starts == notice.starts and _states(other, notice)
    named = spans(notice)
    return (
        bool(named)
        and _states(other, notice)
        and all(first_uncovered(span.starts, span.ends, spans(other)) is None for span in named)
    )


def _states(other: BallotNotice | ActionNotice, notice: BallotNotice | ActionNotice) -> bool:
    """Whether a notice is about every workplace and category that another is about."""
    return _workplaces(notice) <= _workplaces(other) and _categories(notice) <= _categories(other)


def _workplaces(notice: BallotNotice | ActionNotice) -> set[str]:
    return {str(urn) for urn in notice.workplaces} | set(notice.by_workplace or ())


def _categories(notice: BallotNotice | ActionNotice) -> set[str]:
    return {plain(each) for each in (*notice.categories, *(notice.by_category or ()))}
