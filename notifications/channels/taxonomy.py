"""What an answer of the other side means, as rows that a channel follows and docs/channels.md shows."""

from __future__ import annotations

from dataclasses import dataclass

from notifications.lifecycle import Outcome


@dataclass(frozen=True, slots=True)
class Answer:
    """When, what was said or happened, and what the attempt ends as."""

    when: str
    said: str
    outcome: Outcome
