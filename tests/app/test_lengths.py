"""How long a request may be is asked before any of it is kept, whoever sends it."""

from __future__ import annotations

import pytest

from app.posted import MOST_BYTES
from casework.people.roles import Role
from tests.app.grounds import Ground
from tests.app.wire import OWN_PAGE

UNSAID = {**OWN_PAGE, "transfer-encoding": "chunked"}


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("/sign-in", "application/x-www-form-urlencoded"),
        ("/api/cases", "application/json"),
        ("/api/webhooks", "application/json"),
    ],
)
def test_a_long_request_is_refused_before_it_is_read(ground: Ground, target: str, kind: str) -> None:
    """Red when `posted_form` or `body_of` reads before it asks for the length, or `LengthSaid` does not stand."""
    key = None if target == "/sign-in" else ground.keys[Role.OPERATOR if "web" in target else Role.NATIONAL_OFFICIAL]
    head = {"content-type": kind, "idempotency-key": "a key of its own"}
    length = {"content-length": str(MOST_BYTES + 1)}
    reply = ground.wire.ask("POST", target, key, headers={**OWN_PAGE, **head, **length}, body=b"a" * 8)
    assert (reply.status, "at most" in reply.text) == (422, True)
    reply = ground.wire.ask("POST", target, key, headers={**UNSAID, **head}, body=b"a" * 8)
    assert (reply.status, "Content-Length" in reply.text) == (411, True)
