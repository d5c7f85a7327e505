"""What an error means at the edge: one table of exit codes."""

from __future__ import annotations

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

REFUSED = 1
BAD_INPUT = 2
NOT_FOUND = 3
UNREACHABLE = 4

EXIT_CODES: dict[type[MandateError], int] = {
    RuleViolation: REFUSED,
    StageError: REFUSED,
    Conflict: REFUSED,
    NoLawInForce: REFUSED,
    BadInput: BAD_INPUT,
    ConfigurationError: BAD_INPUT,
    LawError: BAD_INPUT,
    NotFound: NOT_FOUND,
    UnknownParameter: NOT_FOUND,
    ServiceUnavailable: UNREACHABLE,
    MandateError: REFUSED,
}


def exit_code(error: MandateError) -> int:
    """The exit code for an error: that of its own class, else of the nearest class above it."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)
