"""Parameters of which each run takes some, and a full run all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def every(nth: int, values: Iterable[Any]) -> list[Any]:
    """Parameters for `parametrize`: every nth value, beginning with the first; with `-m full` the others."""
    return [value if number % nth == 0 else _fully(value) for number, value in enumerate(values)]


def _fully(value: Any) -> Any:
    given = value if isinstance(value, tuple) else (value,)
    return pytest.param(*given, marks=pytest.mark.full)
