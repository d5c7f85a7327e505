"""Structured logs on standard error, holding ids only: fields that could carry a person are struck out."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# fmt: off
ALLOWED = frozenset({
    "event", "level", "timestamp", "logger", "case_id", "case_ids", "notice_id", "ballot_id", "claim_id", "batch_id",
    "deadline_id", "flow", "flow_run_id", "task", "kind", "stage", "count", "outcome", "error", "channel", "seconds",
    "port", "path", "process", "state",
})
# fmt: on


def strike_out(_logger: Any, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep the allowed fields; name the others without their values."""
    struck = sorted(set(fields) - ALLOWED)
    kept = {key: value for key, value in fields.items() if key in ALLOWED}
    return {**kept, "struck_out": struck} if struck else kept


def configure(*, verbose: bool = False) -> None:
    """Send logs to standard error; standard output belongs to results."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            strike_out,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # standard error as it is when something is logged
        cache_logger_on_first_use=False,
    )


def log() -> Any:
    """The program's logger."""
    return structlog.get_logger()
