"""
Every comparison with the oracle says at the end how many cases and values it compared and how many differed.

`pytest -m full tests/oracle` compares everything, and `-n 2 --dist load` shares it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.oracle.tally import Comparing, Tally, table

TALLY = "tally"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The counts of everything compared, also from other processes."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    records = [dict(value) for report in reports for name, value in report.user_properties if name == TALLY]
    if records:
        terminalreporter.section("agreement with the oracle")
        for line in table(records):
            terminalreporter.write_line(line)


@pytest.fixture
def comparing(record_property: Callable[[str, object], None]) -> Comparing:
    """A tally of a name for a `with` block; at its end it is reported, and whatever differed fails the test."""

    @contextmanager
    def begun(name: str) -> Iterator[Tally]:
        tally = Tally(name)
        yield tally
        record_property(TALLY, tally.record())
        tally.must_agree()

    return begun
