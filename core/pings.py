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
"""
A success is told at most so often: monitors refuse whoever calls all the time. A change is told at once, or as soon as
the call under way has ended.
"""


@dataclass(frozen=True, slots=True)
class News:
    """How a sweep ended."""

    sweep: str
    url: str
    counts: Mapping[str, int]
    well: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What the monitor was last told of a sweep, and when by this process's clock."""

    well: bool
    at: float


_lock = threading.Lock()
_told: dict[str, Told] = {}
_calling: dict[str, threading.Thread] = {}
"""By sweep the thread that makes its calls, one at a time: a monitor that never answers must not collect threads."""
_waiting: dict[str, News] = {}
"""By sweep the change that came while a call was under way; its thread tells the newest one next."""


def ping(sweep: str, counts: Mapping[str, int], *, well: bool = True) -> None:
    """Tell the monitor that a sweep ended, well or not. Returns at once, whatever becomes of the call."""
    address = settings().ping_url.rstrip("/")
    if not address:
        return
    news = News(sweep, f"{address}/{sweep}" if well else f"{address}/{sweep}/fail", dict(counts), well)
    with _lock:
        call = _calling.get(sweep)
        if call is not None and call.is_alive():
            _keep(news)
        elif _is_news(news):
            _told[sweep] = Told(well, time.monotonic())
            _calling[sweep] = threading.Thread(target=_tell, args=(news,), name=f"ping-{sweep}", daemon=True)
            _calling[sweep].start()


def settle(seconds: float = LAST_WAIT_SECONDS) -> None:
    """Wait for the calls under way, so long at most."""
    until = time.monotonic() + seconds
    with _lock:
        calls = list(_calling.values())
    for call in calls:
        call.join(max(0.0, until - time.monotonic()))


def forget() -> None:
    """Tell of the next end of every sweep, however soon it comes."""
    with _lock:
        _told.clear()


def _is_news(news: News) -> bool:
    last = _told.get(news.sweep)
    return last is None or last.well != news.well or time.monotonic() - last.at >= SELDOM_SECONDS


def _keep(news: News) -> None:
    """A change waits for the call under way; one that has passed again meanwhile is none."""
    last = _told.get(news.sweep)
    if last is None or last.well != news.well:
        _waiting[news.sweep] = news
    else:
        _waiting.pop(news.sweep, None)


def _tell(news: News) -> None:
    following: News | None = news
    while following is not None:
        _call(following.url, following.sweep, following.counts)
        with _lock:
            following = _waiting.pop(news.sweep, None)
            if following is None:
                del _calling[news.sweep]  # within the lock: nobody leaves it news after this
            else:
                _told[news.sweep] = Told(following.well, time.monotonic())


def _call(url: str, sweep: str, counts: Mapping[str, int]) -> None:
    try:
        httpx.post(url, json=dict(counts), timeout=TIMEOUT_SECONDS, follow_redirects=False).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        log().warning("monitor not reached", flow=sweep, error=type(error).__name__)


atexit.register(settle)
