"""What a process is told through the environment, given back by those who change it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from core.settings import settings


def told() -> dict[str, str]:
    """What this process is told of Mandate."""
    return {name: value for name, value in os.environ.items() if name.startswith("MANDATE_")}


@contextmanager
def given_back() -> Iterator[None]:
    """Whatever the block tells this process, it is told as before at the end."""
    before = told()
    settings.cache_clear()
    try:
        yield
    finally:
        for name in told():
            del os.environ[name]
        os.environ.update(before)
        settings.cache_clear()
