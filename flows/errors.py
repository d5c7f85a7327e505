"""
The errors that may cross into Prefect, which keeps every exception's message in clear text for all who may look.

They carry a code, the class of the real error, the place in the program and ids: nothing that could hold a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import MandateError, ServiceUnavailable


@dataclass(frozen=True, slots=True)
class Failure:
    """One subject that a step could not bring forward. `subject` is kind:id; `place` reads file:line."""

    subject: str
    error: str
    place: str


class EdgeError(MandateError):
    """An error that may cross into Prefect."""

    error = "unknown"
    place = "unknown"


class DatabaseAway(EdgeError, ServiceUnavailable):
    """The database cannot be used just now: the task may be tried again."""

    def __init__(self, error: str, place: str) -> None:
        super().__init__(f"database_away: {error} at {place}")
        self.error = error
        self.place = place


class RunBroken(EdgeError):
    """Something that no step could be blamed for. The class and the place are also in the program's own log."""

    def __init__(self, error: str, place: str) -> None:
        super().__init__(f"run_broken: {error} at {place}")
        self.error = error
        self.place = place


class StepsFailed(EdgeError):
    """Some subjects failed while all others went on."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        errors = ", ".join(sorted({failure.error for failure in failures}))
        super().__init__(f"steps_failed: {len(failures)} ({errors}); `mandate status` names them")
        self.failures = tuple(failures)


class SweepIncomplete(EdgeError):
    """A sweep came to its end, yet a count made in another way finds rows it should have worked."""

    def __init__(self, left: int) -> None:
        super().__init__(f"sweep_incomplete: {left} left")
        self.error = "SweepIncomplete"
        self.left = left
