"""How fast mail goes out, and how much of it is taken at once. Pure. Policy of this product, not law."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

A_MINUTE = timedelta(minutes=1)
MOST_TOGETHER = 100
"""Notices of one batch: what a kill leaves without a result at most."""
TOGETHER_SECONDS = 0.5
"""How long a batch is meant to take: what is claimed later knows more of what people did meanwhile."""
GROWTH = 4


def domain_of(address: str | None) -> str:
    """What stands after the last @ of an address, in lower case; empty without one."""
    return (address or "").rpartition("@")[2].strip().lower()


@dataclass
class Pace:
    """
    At most `a_minute` mails to one domain in any minute; 0 is no limit.

    What is beyond the pace is told the first minute in which there is room for it, behind those who were told the same
    before it.
    """

    a_minute: int
    _recent: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    _taken: Counter[str] = field(default_factory=Counter)
    _waiting: Counter[str] = field(default_factory=Counter)

    def renew(self, recent: Mapping[str, Sequence[datetime]]) -> None:
        """Tell it when mails to each domain were begun of late, by whatever worker."""
        self._recent = recent
        self._taken.clear()

    def later(self, domain: str, now: datetime) -> datetime | None:
        """None: it may go now, and counts. Otherwise when it should be looked at again."""
        if not self.a_minute or not domain:
            return None
        begun = sorted(at for at in self._recent.get(domain, ()) if now - A_MINUTE < at <= now)
        if len(begun) + self._taken[domain] < self.a_minute:
            self._taken[domain] += 1
            return None
        minutes = self._waiting[domain] // self.a_minute
        self._waiting[domain] += 1
        free = begun[0] if begun else now
        return free + A_MINUTE * (minutes + 1)


def next_size(size: int, seconds_each: float) -> int:
    """
    How many to claim after a batch of at most that size, each notice of which took so long to hand over.

    A worker begins with one, so that one that keeps dying takes little with it; a slow relay is given few at a time.
    """
    fitting = int(TOGETHER_SECONDS / seconds_each) if seconds_each > 0 else MOST_TOGETHER
    return max(1, min(fitting, size * GROWTH, MOST_TOGETHER))
