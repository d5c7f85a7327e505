"""What a page says of an act that came too late or too early: the stage and the act by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app.acts import ACTS
from app.errors import findings_of
from app.stored_words import CLAIM_STATES, STAGE_NAMES
from core.errors import MandateError, StageError
from core.findings import Finding

NAMES: Mapping[str, str] = {
    **{state.value: words for state, words in CLAIM_STATES.items()},
    **{stage.value: words for stage, words in STAGE_NAMES.items()},
    **{name: act.label for name, act in ACTS.items()},
}
"""Stages, states of a claim and acts; the command line and the API name them by their codes, which they take too."""


def told(error: MandateError) -> tuple[Finding, ...]:
    """What a refusal has to say on a page."""
    found = findings_of(error)
    if not isinstance(error, StageError):
        return found
    choices = "; ".join(f"“{_named(each)}”" for each in error.allowed) or "nothing"
    sentence = (
        f"{error.subject} is at the stage “{_named(error.now)}”, where “{_named(error.wanted)}” cannot be recorded. "
        f"It can record: {choices}."
    )
    return tuple(replace(each, sentence=sentence) for each in found)


def _named(code: str) -> str:
    return NAMES.get(code, code.replace("_", " "))
