"""Every route declares the roles it is for, or is one of the few that need none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from app.access import OPEN_TO_ALL, Requires
from app.web import create_app
from core.db import Database


def routes() -> list[RouteContext]:
    return list(iter_route_contexts(create_app(Database("sqlite://")).routes))


def calls_of(dependant: Dependant) -> Iterator[object]:
    for each in dependant.dependencies:
        yield each.call
        yield from calls_of(each)


def declares_a_role(route: RouteContext) -> bool:
    dependant = getattr(route, "dependant", None)
    return dependant is not None and any(isinstance(call, Requires) and call.roles for call in calls_of(dependant))


@pytest.mark.parametrize("route", routes(), ids=lambda route: f"{'-'.join(sorted(route.methods or ()))} {route.path}")
def test_every_route_declares_a_role_or_is_open_to_all(route: RouteContext) -> None:
    """Red when the router of the notices loses its dependency."""
    assert declares_a_role(route) != (route.path in OPEN_TO_ALL)


def test_the_open_routes_exist() -> None:
    assert {route.path for route in routes()} >= OPEN_TO_ALL


def test_only_these_take_anything_but_a_look() -> None:
    """An act, what was read of the law, a case opened, a run asked for, a file taken in: each by a form and the API."""
    methods = {(route.path, method) for route in routes() for method in route.methods or ()}
    assert {path for path, method in methods if method not in {"GET", "HEAD"}} == {
        f"{edge}{path}"
        for edge in ("", "/api")
        for path in ("/cases", "/cases/{ref}/acts/{act}", "/cases/{ref}/runs", "/runs", "/law/record/{act}")
    } | {"/restore/reconcile", "/restore/end", "/api/restore/reconcile", "/api/restore/end"} | {
        "/imports",
        "/imports/{token}/confirm",
        "/imports/{token}/cancel",
        "/api/imports/{kind}",
        "/letters/receipts",
        "/notices/{notice_id}/receipt",
        "/notices/{notice_id}/certificate",
        "/api/notices/{notice_id}/certificate",
        "/service/mails",
        "/service/mails/{digest}",
        "/service/tasks/{task_id}",
        "/api/service/mails",
        "/api/service/mails/{digest}",
        "/api/service/tasks/{task_id}",
        "/api/evidence-files",
        "/api/letters/receipts",
    }
