"""The addresses of the dashboard that people are given."""

from __future__ import annotations

from core.settings import Settings

LOOPBACK = "127.0.0.1"


def dashboard_at(configured: Settings, port: int | None = None) -> str:
    """The dashboard's address, without a slash at its end: through its proxy, or at a port of this machine."""
    return configured.dashboard_url or f"http://{LOOPBACK}:{port or configured.dashboard_port}"


def welcome_url(dashboard: str, key: str) -> str:
    """Where an account is taken up with the key of a link."""
    return f"{dashboard}/welcome/{key}"
