"""The plays of the demonstration, in the order in which their cases are raised on one day."""

from __future__ import annotations

from app.demo.plays import (
    full_climb,
    lost_on_turnout,
    resting,
    settled_by_head,
    settled_by_officer,
    threat_of_strike,
    trust,
)
from app.demo.screenplay import Play

PLAYS: tuple[Play, ...] = (
    full_climb.PLAY,
    settled_by_head.PLAY,
    threat_of_strike.PLAY,
    settled_by_officer.PLAY,
    lost_on_turnout.PLAY,
    resting.PLAY,
    trust.PLAY,
)
BY_NAME = {play.name: play for play in PLAYS}
