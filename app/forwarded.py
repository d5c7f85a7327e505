"""Who asks, where a proxy on this machine stands between: for limits of what one address may ask."""

from __future__ import annotations

import ipaddress

from starlette.datastructures import Headers
from starlette.types import Scope


def asking(scope: Scope) -> str:
    """Who asks: a proxy on this machine says it last in X-Forwarded-For, anybody else is who is connected."""
    peer = str(scope["client"][0]) if scope.get("client") else ""
    # A proxy may add a line of its own under one that the asker wrote.
    told = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(told)) if is_loopback(peer) and told else peer
    except ValueError:
        return peer


def is_loopback(host: str) -> bool:
    """Whether the address is this machine's own; False for anything that is no address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
