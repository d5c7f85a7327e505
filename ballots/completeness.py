"""
Whether every employer of those entitled to vote is given notice, and nobody else: a ballot with one left out is not
protected against that employer (s. 226(3A)). Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from core.findings import Finding, Severity
from core.tulrca import NOTICE_OF_BALLOT


def issues(owed: Mapping[str, int], served: Set[str], excluded: Mapping[str, str]) -> tuple[Finding, ...]:
    """
    A stop for each employer that makes the two sides differ; none exactly where those owed a notice are those who are
    given one and those left out for a recorded reason.

    `owed` counts those entitled to vote by their employer, `excluded` gives the reason; all are keyed by what names the
    employer for people.
    """
    answered = served | excluded.keys()
    missing = [_missing(name, owed[name]) for name in sorted(owed.keys() - answered)]
    surplus = [_surplus(name) for name in sorted(answered - owed.keys())]
    return (*missing, *surplus)


def _missing(name: str, members: int) -> Finding:
    return Finding(
        "employer_not_noticed",
        Severity.STOP,
        f"{'One person' if members == 1 else f'{members} people'} entitled to vote {'is' if members == 1 else 'are'} "
        f"employed by {name}, which is given no notice of the ballot.",
        "Cancel this ballot and authorise it with that employer, or record why it is left out: action by its staff "
        "would not be protected.",
        NOTICE_OF_BALLOT,
    )


def _surplus(name: str) -> Finding:
    return Finding(
        "employer_without_voters",
        Severity.STOP,
        f"{name} is given notice or left out with a reason, and nobody entitled to vote is employed by it.",
        "Cancel this ballot and authorise it again from the register.",
        NOTICE_OF_BALLOT,
    )
