"""The stages of a ballot: every step of the table, and that every other is refused."""

from __future__ import annotations

import itertools

import pytest

from ballots.lifecycle import TRANSITIONS, BallotStage, moved
from core.errors import StageError

S = BallotStage
ALLOWED = {
    (S.PLANNED, S.NOTICED),
    (S.PLANNED, S.CANCELLED),
    (S.NOTICED, S.OPEN),
    (S.NOTICED, S.CANCELLED),
    (S.OPEN, S.CLOSED),
    (S.OPEN, S.CANCELLED),
    (S.CLOSED, S.COUNTED),
    (S.COUNTED, S.DECLARED),
}


@pytest.mark.parametrize(("now", "wanted"), list(itertools.product(S, S)))
def test_every_pair_is_in_the_table_or_refused(now: BallotStage, wanted: BallotStage) -> None:
    """Turns red if a stage can be skipped, repeated or left after it is over."""
    if (now, wanted) in ALLOWED:
        assert moved(now, wanted) is wanted
        return
    with pytest.raises(StageError) as refused:
        moved(now, wanted)
    assert f"The ballot is at the stage {now}, where {wanted} cannot be recorded" in str(refused.value)


def test_every_stage_has_a_row() -> None:
    assert set(TRANSITIONS) == set(S)


def test_only_a_ballot_that_is_over_has_no_way_on() -> None:
    """Turns red if a ballot can be stuck, or a declared result can be taken back."""
    assert {stage for stage, following in TRANSITIONS.items() if not following} == {S.DECLARED, S.CANCELLED}
