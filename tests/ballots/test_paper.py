"""What the law wants on the voting paper, and the prescribed statement."""

from __future__ import annotations

from datetime import date

import pytest

from ballots.paper import is_prescribed, statement_finding, voting_paper
from core.law import Consultation, current_law
from core.nations import Nation

TWELVE_WEEKS = (
    "If you take part in a strike or other industrial action, you may be in breach of your contract of "
    "employment. However, if you are dismissed for taking part in strike or other industrial action which is "
    "called officially and is otherwise lawful, the dismissal will be unfair if it takes place fewer than twelve "
    "weeks after you started taking part in the action, and depending on the circumstances may be unfair if it "
    "takes place later."
)
WHOLE_ACTION = (
    "If you take part in a strike or other industrial action, you may be in breach of your contract of "
    "employment. However, if you are dismissed for taking part in strike or other industrial action which is "
    "called officially and is otherwise lawful, the dismissal will be unfair."
)


@pytest.mark.parametrize(
    ("opened", "sample", "statement"),
    [
        (date(2026, 2, 17), date(2026, 2, 10), TWELVE_WEEKS),
        (date(2026, 2, 18), date(2026, 2, 13), TWELVE_WEEKS),
        (date(2026, 2, 23), date(2026, 2, 18), WHOLE_ACTION),
        (date(2026, 2, 23), None, WHOLE_ACTION),
        (date(2012, 2, 23), None, TWELVE_WEEKS),
    ],
)
def test_the_statement_is_printed_word_for_word(opened: date, sample: date | None, statement: str) -> None:
    """Turns red if a word of either statement, or the test that chooses it, changes."""
    paper = voting_paper(opened, sample, Consultation(current_law(), Nation.ENGLAND))
    assert paper.statement == statement


@pytest.mark.parametrize(
    ("printed", "right"),
    [
        (WHOLE_ACTION, True),
        (WHOLE_ACTION.removesuffix("."), True),
        ("\n  " + WHOLE_ACTION.replace(". However", ".\n\nHowever") + " ", True),
        (WHOLE_ACTION.replace(" in strike", " in a strike"), False),
        (WHOLE_ACTION + " But nobody has been yet.", False),
        (TWELVE_WEEKS, False),
        (WHOLE_ACTION.upper(), False),
        (WHOLE_ACTION + ".", False),
    ],
)
def test_a_printed_statement_is_compared_whole(printed: str, right: bool) -> None:
    """Turns red if the comparison looks for the statement inside the text, or ignores more than white space."""
    assert is_prescribed(printed, WHOLE_ACTION) is right


def test_a_wrong_statement_is_a_stop_that_prints_the_right_one() -> None:
    """Turns red if the finding does not say what to print, or is not a stop."""
    paper = voting_paper(date(2026, 9, 21), None, Consultation(current_law(), Nation.ENGLAND))
    assert statement_finding(WHOLE_ACTION, paper) is None
    finding = statement_finding(TWELVE_WEEKS, paper)
    assert finding is not None
    assert (finding.code, finding.severity) == ("voting_paper_statement_wrong", "stop")
    assert WHOLE_ACTION in finding.cure
