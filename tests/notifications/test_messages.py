"""Facts are checked before anything is rendered: each refusal says which fact, and what is wanted."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from core.errors import BadInput, ConfigurationError
from notifications import messages
from notifications.messages import message_kind, registry
from tests.notifications.samples import NOTICE_OF_ACTION, NOTICE_OF_BALLOT, SAMPLES, kind_of


def check(sample: str, **changes: Any) -> dict[str, Any]:
    """The facts of a sample with some changed."""
    return message_kind(kind_of(sample)).check({**SAMPLES[sample], **changes})


@pytest.mark.parametrize("sample", SAMPLES)
def test_fm_24_every_fact_that_is_dropped_is_missed(sample: str) -> None:
    """
    Turns red if `facts.checked` gives None for a fact that is missing.
    """
    kind = message_kind(kind_of(sample))
    assert SAMPLES[sample]
    for fact in SAMPLES[sample]:
        facts = {name: value for name, value in SAMPLES[sample].items() if name != fact}

        with pytest.raises(BadInput, match=rf"{kind.name}\.{fact}: found 'nothing'"):
            kind.check(facts)


@pytest.mark.parametrize("sample", SAMPLES)
def test_fm_24_a_fact_the_message_does_not_know_is_refused(sample: str) -> None:
    """
    A misspelt fact must not vanish.

    Turns red if `MessageKind.check` leaves out the loop over unknown names.
    """
    with pytest.raises(BadInput, match="a fact it does not know"):
        check(sample, employr_name="x")


@pytest.mark.parametrize(
    ("sample", "fact", "bad", "wanted"),
    [
        ("notice_of_ballot", "total", "120", "a whole number"),
        ("notice_of_ballot", "total", True, "a whole number"),
        ("notice_of_ballot", "total", -1, "a whole number"),
        ("notice_of_ballot", "opening_day", datetime(2026, 9, 21), "a date such as"),  # noqa: DTZ001  what is refused
        ("notice_of_ballot", "opening_day", "21/09/2026", "a date such as"),
        ("notice_of_ballot", "opening_day", "2026-02-30", "a date such as"),
        ("notice_of_ballot", "opening_day", "20260921", "a date such as"),
        ("notice_of_ballot", "opening_day", None, "a date such as"),
        ("notice_of_ballot", "contents", "everything", "full_figures or lists_and_total"),
        ("notice_of_ballot", "employer_name", "", "text on one line"),
        ("notice_of_ballot", "employer_name", "North\nTrust", "text on one line"),
        ("notice_of_ballot", "employer_name", "North\u2028Trust", "text on one line"),
        ("notice_of_ballot", "categories", "teacher", "a list of texts"),
        ("notice_of_ballot", "by_category", {"teacher": "many"}, "whole numbers by name"),
        ("notice_of_ballot", "workplaces", {"name": "x"}, "a list of rows"),
        ("sample_voting_paper", "summaries", {"summary_of_dispute": "x", "periods": 3}, "texts by name"),
        ("claim_decided", "total_pence", 12.5, "whole pence"),
        ("deadline_reminder_officer", "days_left", "three", "a whole number of days"),
    ],
)
def test_a_fact_of_the_wrong_type_is_refused(sample: str, fact: str, bad: object, wanted: str) -> None:
    """
    The sentence says what is wanted and does not repeat the value, which may be personal.

    Turns red if `facts._date` asks for the form of a date only: 30 February has it.
    """
    with pytest.raises(BadInput, match=rf"{fact}.*{wanted}") as refused:
        check(sample, **{fact: bad})

    assert "21/09" not in str(refused.value)


def test_a_row_is_named_by_its_place() -> None:
    """
    The second workplace has no name; the first has a key too many.
    """
    with pytest.raises(BadInput, match=r"workplaces\[1\]\.name: found 'nothing'"):
        check("notice_of_ballot", workplaces=[{"name": "Hill School"}, {"urn": 900002}])
    with pytest.raises(BadInput, match=r"workplaces\[0\]\.head"):
        check("notice_of_ballot", workplaces=[{"name": "Hill School", "head": "A Person"}])


@pytest.mark.parametrize("fact", ["by_category", "by_workplace", "explanation"])
def test_full_figures_need_every_figure_and_the_explanation(fact: str) -> None:
    """
    Where the law of the day wants them, null will not do; where it does not, null is right.
    """
    with pytest.raises(BadInput, match=f"{fact}: found None, wanted a value, as contents is full_figures"):
        check("notice_of_ballot#full", **{fact: None})

    assert check("notice_of_ballot", **{fact: None})[fact] is None


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"pattern": "continuous"}, "starts"),
        ({"dates": []}, "dates"),
        ({"kind": "asos"}, "actions"),
        ({"contents": "full_figures"}, "by_category"),
    ],
)
def test_a_notice_of_action_says_when_and_what(changes: dict[str, object], fact: str) -> None:
    """
    Discontinuous needs its days, continuous its first day, action short of a strike its instructions.
    """
    with pytest.raises(BadInput, match=rf"notice_of_action\.{fact}"):
        message_kind("notice_of_action").check({**NOTICE_OF_ACTION, **changes})


def test_a_refused_claim_has_a_reason() -> None:
    """
    A member is never refused without one.
    """
    with pytest.raises(BadInput, match="reason"):
        check("claim_decided#refused", reason=None)


def test_facts_are_spelled_in_one_way() -> None:
    """
    A date and its ISO text are the same fact, and so are a URN as number and as text.
    """
    written = {
        **NOTICE_OF_BALLOT,
        "opening_day": "2026-09-21",
        "workplaces": [{**row, "urn": str(row["urn"])} for row in NOTICE_OF_BALLOT["workplaces"]],
    }
    kind = message_kind("notice_of_ballot")

    assert kind.check(written) == kind.check(NOTICE_OF_BALLOT)
    assert kind.check(NOTICE_OF_BALLOT)["closing_day"] == date(2026, 10, 19).isoformat()


def test_an_unknown_kind_is_refused_with_the_list() -> None:
    """
    The list is what there is.
    """
    with pytest.raises(BadInput, match=r"found 'notice_of_balot', wanted one of .*ballot_result_employer"):
        message_kind("notice_of_balot")


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("label: x\n", "KeyError"),
        ("facts: {x: {type: colour, what: x}}\n", "found 'colour'"),
        ("facts: {yes: {type: number, what: x}}\n", "put it in quotes"),
        ("policy: sometimes\n", "sometimes"),
    ],
)
def test_a_broken_message_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, complaint: str
) -> None:
    """
    When it is loaded, not when it is used.
    """
    whole = (messages.TEMPLATES / "claim_decided" / "message.yaml").read_text()
    key = written.partition(":")[0]
    kept = whole.split("\nfacts:")[0] + "\nfacts: {}\n" if key != "label" else ""
    kept = "\n".join(line for line in kept.splitlines() if not line.startswith(f"{key}:"))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "message.yaml").write_text(f"{kept}\n{written}")
    monkeypatch.setattr(messages, "TEMPLATES", tmp_path)
    registry.cache_clear()
    try:
        with pytest.raises(ConfigurationError, match=complaint):
            registry()
    finally:
        registry.cache_clear()
