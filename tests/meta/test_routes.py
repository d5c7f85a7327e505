"""Every route declares the roles it is for, or is one of the few that need none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from app.access import OPEN_TO_ALL, Requires, anybody_signed_in, anyone
from app.web import create_app
from core.db import Database


def routes() -> list[RouteContext]:
    return list(iter_route_contexts(create_app(Database("sqlite://")).routes))


def calls_of(dependant: Dependant) -> Iterator[object]:
    for each in dependant.dependencies:
        yield each.call
        yield from calls_of(each)


def declares_whom_it_is_for(route: RouteContext) -> bool:
    """Some roles, whoever has an account, or whoever has not signed in yet."""
    dependant = getattr(route, "dependant", None)
    asked = list(calls_of(dependant)) if dependant is not None else []
    return any(call in (anyone, anybody_signed_in) or (isinstance(call, Requires) and call.roles) for call in asked)


@pytest.mark.parametrize("route", routes(), ids=lambda route: f"{'-'.join(sorted(route.methods or ()))} {route.path}")
def test_every_route_declares_a_role_or_is_open_to_all(route: RouteContext) -> None:
    """Red when the router of the notices loses its dependency."""
    assert declares_whom_it_is_for(route) != (route.path in OPEN_TO_ALL)


def test_the_open_routes_exist() -> None:
    assert {route.path for route in routes()} >= OPEN_TO_ALL
