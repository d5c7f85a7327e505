"""Pages for people outside the union: no navigation, nothing of any case, no script."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from fastapi.responses import HTMLResponse

from app.templating import environment
from core.settings import settings


@lru_cache(maxsize=1)
def _pages() -> Any:
    return environment()


def plain(template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """A page under the union's own name."""
    named = {"union_name": settings().union_name, **context}
    return HTMLResponse(_pages().get_template(template).render(named), status_code=status)


def refused(status: int, title: str, sentence: str) -> HTMLResponse:
    """A page that says why there is nothing to see."""
    return plain("pages/plain_refusal.html", status=status, title=title, sentence=sentence)
