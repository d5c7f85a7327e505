"""Move a pack to another time: every day and hour in it by the same whole number of weeks, and nothing else."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?")


def moved(facts: Any, weeks: int) -> Any:
    """
    The same facts some weeks later (earlier, if negative); weekdays and hours of the clock hold.

    A string that is nothing but a day or an hour is one, as in JSON; words that mention a day are left alone.
    """
    if isinstance(facts, dict):
        return {key: moved(value, weeks) for key, value in facts.items()}
    if isinstance(facts, list):
        return [moved(value, weeks) for value in facts]
    if isinstance(facts, date):
        return facts + timedelta(weeks=weeks)
    if isinstance(facts, str) and _DAY.fullmatch(facts):
        return (date.fromisoformat(facts) + timedelta(weeks=weeks)).isoformat()
    if isinstance(facts, str) and _MOMENT.fullmatch(facts):
        return (datetime.fromisoformat(facts) + timedelta(weeks=weeks)).isoformat()
    return facts


def days_of(facts: Any) -> list[date]:
    """Every day that facts name, in their order; of an hour, its day."""
    if isinstance(facts, dict):
        return [day for value in facts.values() for day in days_of(value)]
    if isinstance(facts, list):
        return [day for value in facts for day in days_of(value)]
    if isinstance(facts, datetime):
        return [facts.date()]
    if isinstance(facts, date):
        return [facts]
    if isinstance(facts, str) and (_DAY.fullmatch(facts) or _MOMENT.fullmatch(facts)):
        return [date.fromisoformat(facts[:10])]
    return []
