"""Whether every employer of those entitled to vote is given notice, or left out for a recorded reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots import completeness, service_handlers
from ballots.lifecycle import BallotStage
from ballots.models import EntitledToVote
from ballots.steps import readiness_of
from core.errors import BadInput, Conflict
from core.findings import stops
from tests.ballots.scenes import OPENS, Ladder
from tests.builders import an_employer

Climb = Callable[[str], Ladder]
employers = st.frozensets(st.sampled_from("abcdefgh"))


@given(owed=st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 500)), served=employers, left_out=employers)
def test_fm_09_the_gate_passes_exactly_where_the_sets_are_equal(
    owed: dict[str, int], served: frozenset[str], left_out: frozenset[str]
) -> None:
    """
    Those owed a notice are those given one and those left out with a reason, and each that makes them differ is named.

    Turns red if `issues` leaves out what is missing, or what is too much.
    """
    found = completeness.issues(owed, served, dict.fromkeys(left_out, "a reason"))

    assert (found == ()) is (set(owed) == served | left_out)
    assert len(found) == len(set(owed) ^ (served | left_out))
    assert stops(found) == found


def elsewhere(ladder: Ladder) -> EntitledToVote:
    """One of those entitled to vote is employed by somebody who is given no notice."""
    other = an_employer(ladder.uow, name="The Other Trust")
    row = ladder.uow.session.query(EntitledToVote).first()
    assert row is not None
    row.employer_id = other.id
    ladder.uow.session.flush()
    return row


def test_fm_09_a_ballot_with_an_employer_left_out_does_not_open(climb: Climb) -> None:
    """
    Until somebody records why.

    Turns red if `_issues_of` in ballots/steps.py leaves out `completeness_of`.
    """
    ladder = climb("noticed")
    assert not stops(readiness_of(ladder.uow, ladder.ballot))
    row = elsewhere(ladder)
    (found,) = stops(readiness_of(ladder.uow, ladder.ballot))
    assert found.code == "employer_not_noticed"
    assert "One person entitled to vote is employed by The Other Trust" in found.sentence
    ladder.on(OPENS, work=True)
    assert ladder.ballot.stage is BallotStage.NOTICED

    assert service_handlers.may_leave_out(ladder.uow, ladder.case_id)
    ladder.act("employer_left_out", left_out=row.employer_id, reason="a secondment; she is not called to take part")
    assert not service_handlers.may_leave_out(ladder.uow, ladder.case_id)
    assert ladder.work().ballot.stage is BallotStage.OPEN


def test_only_an_employer_without_notice_is_left_out(climb: Climb) -> None:
    """
    And only while the ballot is not open.
    """
    ladder = climb("noticed")
    served = ladder.ballot.legs[0].employer_id
    with pytest.raises(BadInput, match="wanted an employer that is given no notice"):
        service_handlers.leave_out(ladder.uow, ladder.case_id, served, "a reason")
    ladder.on(OPENS, work=True)
    with pytest.raises(Conflict, match="Leaving an employer out takes a ballot"):
        service_handlers.leave_out(ladder.uow, ladder.case_id, served, "a reason")


def test_an_employer_with_nobody_entitled_is_named(climb: Climb) -> None:
    """
    Its notice would be about nobody.
    """
    ladder = climb("noticed")
    other = an_employer(ladder.uow, name="The Other Trust")
    ladder.uow.session.query(EntitledToVote).update({"employer_id": other.id})
    codes = [each.code for each in service_handlers.completeness_of(ladder.uow, ladder.ballot)]

    assert codes == ["employer_not_noticed", "employer_without_voters"]
