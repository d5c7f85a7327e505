"""What an error means at the edges: one table of exit codes and HTTP statuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import (
    BadInput,
    ConfigurationError,
    Conflict,
    LawError,
    MandateError,
    NoLawInForce,
    NotFound,
    RuleViolation,
    ServiceUnavailable,
    StageError,
    UnknownParameter,
)
from core.findings import Finding, Severity

REFUSED = 1
BAD_INPUT = 2
NOT_FOUND = 3
UNREACHABLE = 4


class NotSignedIn(MandateError):
    """Nobody knows who the caller is."""


class NotAllowed(MandateError):
    """The caller may not do this."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the command line exits with and what a page or the API answers with."""

    exit_code: int
    http_status: int


MEANINGS: Mapping[type[MandateError], Meaning] = {
    RuleViolation: Meaning(REFUSED, 422),
    StageError: Meaning(REFUSED, 409),
    Conflict: Meaning(REFUSED, 409),
    NoLawInForce: Meaning(REFUSED, 422),
    BadInput: Meaning(BAD_INPUT, 422),
    ConfigurationError: Meaning(BAD_INPUT, 500),
    LawError: Meaning(BAD_INPUT, 500),
    NotFound: Meaning(NOT_FOUND, 404),
    UnknownParameter: Meaning(NOT_FOUND, 404),
    ServiceUnavailable: Meaning(UNREACHABLE, 503),
    NotSignedIn: Meaning(REFUSED, 401),
    NotAllowed: Meaning(REFUSED, 403),
    MandateError: Meaning(REFUSED, 422),
}


def meaning(error: MandateError) -> Meaning:
    """What an error means: what its own class means, else the nearest class above it."""
    return next(MEANINGS[kind] for kind in type(error).__mro__ if kind in MEANINGS)


def exit_code(error: MandateError) -> int:
    """The exit code for an error."""
    return meaning(error).exit_code


def findings_of(error: MandateError) -> tuple[Finding, ...]:
    """What a refusal has to say as findings: the rule's own, or one that the error amounts to."""
    if isinstance(error, RuleViolation):
        return error.findings
    code, cure = next(CURES[kind] for kind in type(error).__mro__ if kind in CURES)
    if isinstance(error, BadInput):
        return tuple(Finding(code, Severity.STOP, str(each), cure, where=each.field) for each in error.each)
    return (Finding(code, Severity.STOP, str(error), cure),)


CURES: Mapping[type[MandateError], tuple[str, str]] = {
    StageError: (
        "not_at_this_stage",
        "Record what has to come before it; the case's page lists what its stage allows.",
    ),
    Conflict: ("conflict", "Open the page again, look at what stands there now, and decide afresh."),
    BadInput: ("bad_input", "Correct the value and send it again."),
    NotFound: ("not_found", "Check the reference."),
    NoLawInForce: ("no_law_in_force", "Check the date; the law files say which dates they reach."),
    ServiceUnavailable: ("service_unavailable", "Try again in a minute; nothing was lost."),
    NotSignedIn: ("not_signed_in", "Sign in, or show a token as `Authorization: Bearer TOKEN`."),
    NotAllowed: ("not_allowed", "Ask somebody who may, or an operator for the role."),
    MandateError: ("refused", "Ask whoever runs Mandate."),
}
