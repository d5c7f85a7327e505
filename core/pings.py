"""
Pings: a call to a monitor outside this machine after each sweep, so that a sweep that never runs raises an alarm there.

The address is that of a server such as healthchecks.io: `<address>/<sweep>` after a success, `<address>/<sweep>/fail`
when a sweep failed. Counts go there and nothing else. Nothing waits for the answer and nothing fails for want of it:
calls are made by a thread of their own, and one that the monitor does not take is given up.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from core.logs import log
from core.settings import settings

TIMEOUT_SECONDS = 5.0
LAST_WAIT_SECONDS = 5.0
"""How long a program that ends waits for the calls that are under way."""
SELDOM_SECONDS = 20.0
"""A success is told at most so often: monitors refuse whoever calls all the time. A change is told at once."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the monitor was last told of a sweep, when by this process's clock, and by which thread."""

    well: bool
    at: float
    call: threading.Thread


_lock = threading.Lock()
_told: dict[str, Told] = {}


def ping(sweep: str, counts: Mapping[str, int], *, well: bool = True) -> None:
    """Tell the monitor that a sweep ended, well or not. Returns at once, whatever becomes of the call."""
    address = settings().ping_url.rstrip("/")
    if not address:
        return
    url = f"{address}/{sweep}" if well else f"{address}/{sweep}/fail"
    call = threading.Thread(target=_call, args=(url, sweep, dict(counts)), name=f"ping-{sweep}", daemon=True)
    with _lock:
        if not _is_news(sweep, well=well):
            return
        _told[sweep] = Told(well, time.monotonic(), call)
        call.start()


def settle(seconds: float = LAST_WAIT_SECONDS) -> None:
    """Wait for the calls under way, so long at most."""
    until = time.monotonic() + seconds
    with _lock:
        calls = [each.call for each in _told.values()]
    for call in calls:
        call.join(max(0.0, until - time.monotonic()))


def forget() -> None:
    """Tell of the next end of every sweep, however soon it comes."""
    with _lock:
        _told.clear()


def _is_news(sweep: str, *, well: bool) -> bool:
    last = _told.get(sweep)
    if last is None:
        return True
    # One call at a time: a monitor that never answers must not collect threads here.
    return not last.call.is_alive() and (last.well != well or time.monotonic() - last.at >= SELDOM_SECONDS)


def _call(url: str, sweep: str, counts: dict[str, int]) -> None:
    try:
        httpx.post(url, json=counts, timeout=TIMEOUT_SECONDS, follow_redirects=False).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        log().warning("monitor not reached", flow=sweep, error=type(error).__name__)


atexit.register(settle)
