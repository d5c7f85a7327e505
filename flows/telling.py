"""Telling a monitor outside this machine how a sweep ended; see `core.pings`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core import pings


@contextmanager
def telling(sweep: str) -> Iterator[dict[str, int]]:
    """Tell how the block ended. It puts what it counted into the dictionary, and any error means that it failed."""
    counts: dict[str, int] = {}
    try:
        yield counts
    except BaseException:
        pings.ping(sweep, counts, well=False)
        raise
    pings.ping(sweep, counts)
