"""Days in tests are written with their weekday, so that a slip of the pen fails at once."""

from __future__ import annotations

from datetime import date


def day(text: str) -> date:
    """`Mon 2024-03-11` as a date; fails when the weekday is not that day's."""
    weekday, _, iso = text.partition(" ")
    parsed = date.fromisoformat(iso)
    assert f"{parsed:%a}" == weekday, f"{iso} is a {parsed:%A}"
    return parsed


def maybe_day(text: str | None) -> date | None:
    """As `day`, and None for None."""
    return None if text is None else day(text)
