"""
Every way into the dashboard and the API, read off the application itself: method, address, whom it is for, what it
takes. A route that is added is among them by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from app.access import Requires, anybody_signed_in, anyone
from app.guards import SAFE_METHODS
from casework.people.roles import Role
from tests.app.applications import nobodys

IN_PATH = re.compile(r"\{(\w+)(?::\w+)?\}")
API = "/api/"


@dataclass(frozen=True, slots=True)
class Taken:
    """A value that an address or its query takes."""

    name: str
    annotation: Any
    required: bool


@dataclass(frozen=True, slots=True)
class Door:
    """
    One method at one address. `roles` are those it is for: None where it asks nothing of anybody, or only who has not
    signed in yet uses it. `declared` is False for a route that says nothing of whom it is for.
    """

    method: str
    path: str
    roles: frozenset[Role] | None
    whole: bool
    declared: bool
    in_path: tuple[Taken, ...]
    in_query: tuple[Taken, ...]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def changes(self) -> bool:
        """Whether it may record something."""
        return self.method not in SAFE_METHODS

    @property
    def is_api(self) -> bool:
        return self.path.startswith(API)

    @property
    def ids(self) -> tuple[str, ...]:
        """The names of the values in its address, each with the word before it: `cases/{ref}`."""
        parts = self.path.split("/")
        return tuple(f"{parts[place - 1]}/{part}" for place, part in enumerate(parts) if place and IN_PATH.search(part))


@cache
def doors() -> tuple[Door, ...]:
    """Every way in, by address; HEAD and OPTIONS are no ways of their own."""
    return doors_of(nobodys())


def doors_of(app: FastAPI) -> tuple[Door, ...]:
    """Every way into an application."""
    found = [
        _door(method, route)
        for route in iter_route_contexts(app.routes)
        for method in sorted(route.methods or ())
        if method not in {"HEAD", "OPTIONS"}
    ]
    return tuple(sorted(found, key=lambda door: (door.path, door.method)))


def _door(method: str, route: Any) -> Door:
    dependant: Dependant | None = getattr(route, "dependant", None)
    calls = [each.call for each in _all(dependant)] if dependant is not None else []
    asked = [call for call in calls if isinstance(call, Requires)]
    roles: frozenset[Role] | None = None
    if asked:
        roles = frozenset.intersection(*(call.roles for call in asked))
    elif anybody_signed_in in calls:
        roles = frozenset(Role)
    return Door(
        method,
        route.path,
        roles,
        any(call.whole for call in asked),
        roles is not None or anyone in calls,
        _taken(dependant, "path_params"),
        _taken(dependant, "query_params"),
    )


def _all(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for each in dependant.dependencies:
        yield from _all(each)


def _taken(dependant: Dependant | None, where: str) -> tuple[Taken, ...]:
    if dependant is None:
        return ()
    found = {
        field.alias: Taken(field.alias, field.field_info.annotation, field.field_info.is_required())
        for each in _all(dependant)
        for field in getattr(each, where)
    }
    return tuple(found.values())
