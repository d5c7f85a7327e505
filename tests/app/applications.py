"""
The application for tests, taken again from one to the next.

What answers at each of its addresses is made when the first request comes. That takes a fifth of a second, longer than
most tests; so an application that nobody asks any more is given to the next who wants one, over another database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from fastapi import FastAPI

from app.web import create_app, hosts, set_over
from core.db import Database
from core.settings import settings

_free: defaultdict[tuple[str, ...], list[FastAPI]] = defaultdict(list)
"""Those that nobody asks, by what the settings told them when they were made: the names that requests may be for."""


@contextmanager
def application(database: Database) -> Iterator[FastAPI]:
    """The application over a database, nobody else's for the length of the block; it remembers nothing of another."""
    free = _free[tuple(hosts(settings()))]
    app = free.pop() if free else create_app(database)
    set_over(app, database)
    try:
        yield app
    finally:
        free.append(app)


@cache
def nobodys() -> FastAPI:
    """One that is asked nothing: its routes are read off it."""
    return create_app(Database("sqlite://"))


@cache
def description() -> dict[str, Any]:
    """The API's description of itself, which takes half a second to make. Nobody may alter it."""
    return nobodys().openapi()
