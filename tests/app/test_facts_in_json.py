"""The facts of every act as the API and `--facts` read them: JSON, strictly."""

from __future__ import annotations

import json

import pytest

from app.acts import ACTS
from app.cli.facts import example_of, from_given, from_json
from app.routes.api import read_strictly
from casework.acts import Facts
from core.errors import RuleViolation


def as_json(name: str) -> str:
    """The example of an act as a program sends it."""
    facts = from_given(ACTS[name], example_of(ACTS[name]))
    return facts.model_dump_json(exclude_unset=True)


def as_the_api_reads(name: str, text: str) -> Facts:
    return read_strictly(ACTS[name].facts, text.encode(), "refused")


@pytest.mark.parametrize("name", list(ACTS))
def test_the_example_of_every_act_is_accepted_as_json(name: str) -> None:
    """Red when a field of an act has a BeforeValidator: strict JSON then takes no array and no date."""
    given = from_given(ACTS[name], example_of(ACTS[name]))
    assert as_the_api_reads(name, as_json(name)) == from_json(ACTS[name], as_json(name)) == given


def with_lists() -> list[tuple[str, str]]:
    return [(name, field) for name in ACTS for field, value in json.loads(as_json(name)).items() if type(value) is list]


@pytest.mark.parametrize(("name", "field"), with_lists())
def test_a_list_is_a_list_in_json(name: str, field: str) -> None:
    """Red when a list is read from one text as well: a program's slip would be guessed at."""
    facts = {**json.loads(as_json(name)), field: "one, two"}
    with pytest.raises(RuleViolation):
        as_the_api_reads(name, json.dumps(facts))


def test_the_acts_with_lists_are_known() -> None:
    """Red when the example of an act leaves its list out, so that nothing is tried with it."""
    assert {name for name, _ in with_lists()} >= {
        "agreement_recorded",
        "asos_authorised",
        "ballot_authorised",
        "case_reopened",
        "claim_submitted",
        "employer_address_recorded",
        "monitoring_check_recorded",
        "settlement_reached",
        "strike_authorised",
    }
