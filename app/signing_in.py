"""
How a browser shows who it is: one cookie that holds a random key, whose digest is a row.

Behind a proxy with TLS the cookie goes by a name that browsers keep to that host and to encrypted ways (`__Host-`).
On this machine alone there is no TLS, and it goes by a plain one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from fastapi import Request
from starlette.responses import Response

from app.forwarded import asking
from casework.people.sign_ins import Limits
from core.clock import Clock
from core.settings import Settings, settings

PLAIN_NAME = "mandate-sign-in"


def cookie_name(configured: Settings) -> str:
    """What the cookie is called."""
    return f"__Host-{PLAIN_NAME}" if configured.dashboard_url else PLAIN_NAME


def key_of(request: Request) -> str:
    """The key that a browser showed; empty for none."""
    return request.cookies.get(cookie_name(settings()), "")


def give(answer: Response, key: str) -> None:
    """Let the browser keep a key until it is closed; the row says how long it is worth something."""
    configured = settings()
    answer.set_cookie(
        cookie_name(configured), key, path="/", secure=bool(configured.dashboard_url), httponly=True, samesite="lax"
    )


def take_back(answer: Response) -> None:
    """Let the browser forget its key."""
    configured = settings()
    answer.delete_cookie(
        cookie_name(configured), path="/", secure=bool(configured.dashboard_url), httponly=True, samesite="lax"
    )


def limits() -> Limits:
    """How long a sign-in stands."""
    configured = settings()
    return Limits(timedelta(minutes=configured.session_idle_minutes), timedelta(hours=configured.session_hours))


def network_of(request: Request) -> str:
    """Where a request comes from. What a proxy says of it counts only where the settings name one."""
    seen = request.client.host if request.client else ""
    return asking(request.scope) if settings().dashboard_url else seen


def now() -> datetime:
    """The wall's time: a sign-in does not stand still with a demonstration's clock."""
    return Clock().now()
