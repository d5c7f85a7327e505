"""
The edge between the program and Prefect: only the errors of `flows.errors` cross it.

The message of any other error may hold a name or the values of a row; it stays behind and is written nowhere.
"""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from core.away import database_is_away
from core.logs import log
from flows.errors import DatabaseAway, EdgeError, RunBroken

PROGRAM = Path(__file__).resolve().parent.parent
P = ParamSpec("P")
R = TypeVar("R")


def place_of(error: BaseException) -> str:
    """File and line of the innermost frame inside this program, without any value."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_ours(frame.filename)]
    if not frames:
        return "outside the program"
    return f"{Path(frames[-1].filename).relative_to(PROGRAM)}:{frames[-1].lineno}"


def _is_ours(filename: str) -> bool:
    path = Path(filename)
    return path.is_relative_to(PROGRAM) and "site-packages" not in path.parts


def fit_to_cross(error: Exception) -> EdgeError:
    """The error that stands for any other on the far side."""
    if isinstance(error, EdgeError):
        return error
    name, place = type(error).__name__, place_of(error)
    log().error("error replaced at the edge", error=name, path=place)
    return DatabaseAway(name, place) if database_is_away(error) else RunBroken(name, place)


def sealed(body: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """The same body, letting only errors fit to cross out."""

    @wraps(body)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await body(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the edge: nothing else may pass
            replaced = fit_to_cross(error)
        # Raised out here so that the real error is not chained to it.
        raise replaced

    return guarded
