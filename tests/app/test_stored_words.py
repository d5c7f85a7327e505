"""Whatever is stored as a code has words."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import pytest

from app import stored_words
from ballots.lifecycle import BallotStage
from ballots.mandate import ActionKind, Shortfall
from ballots.models import ActionStage
from casework.lifecycle import Stage
from casework.pay.models import ClaimState
from notifications.lifecycle import State


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        (BallotStage, stored_words.ballot_stage),
        (ActionStage, stored_words.action_stage),
        (ClaimState, stored_words.claim_state),
        (State, stored_words.notice_word),
        (ActionKind, stored_words.kind_of_action),
        (Shortfall, stored_words.shortfall),
    ],
)
def test_each_code_has_words_of_its_own(codes: type[StrEnum], told: Callable[[str], str]) -> None:
    """Turns red when a code is added without its words, or two are told alike."""
    words = [told(code.value) for code in codes]
    assert len(set(words)) == len(codes)
    assert all(each[0].islower() and "_" not in each for each in words)


def test_every_stage_of_a_case_has_a_name_and_the_order_is_the_ladder_s() -> None:
    """Turns red when a stage is added without its name, or elsewhere than on its rung."""
    assert tuple(stored_words.STAGE_NAMES) == tuple(Stage)
