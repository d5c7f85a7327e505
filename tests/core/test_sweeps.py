"""The last success of a sweep, noted by several workers."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from core.db import Database
from core.sweeps import last_successes, succeeded
from core.unit_of_work import reading, unit_of_work


def test_two_that_end_for_the_first_time_at_once_both_count(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red when `succeeded` adds the row it did not find without minding that another did so meanwhile."""
    with unit_of_work("flow:one", on=database) as uow:
        succeeded(uow, "outbox", {"sent": 1})
    real, asked = Session.get, []

    def finds_none_at_first(*given: Any, **told: Any) -> Any:
        asked.append(given)
        return real(*given, **told) if len(asked) > 1 else None

    monkeypatch.setattr(Session, "get", finds_none_at_first)
    with unit_of_work("flow:two", on=database) as uow:
        succeeded(uow, "outbox", {"sent": 2})
    with reading(on=database) as uow:
        assert [(row.name, row.successes, row.counts) for row in last_successes(uow)] == [("outbox", 2, {"sent": 2})]
