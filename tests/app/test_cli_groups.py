"""The groups of commands made from the acts: ballots, action, claims and payments."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from app import acts
from app.cli import action, ballot, claim, dispute, payment
from app.cli.main import COMMANDS, COMPLETION, LISTED_BY, _loaded
from casework import repository
from casework.acts import Act, lead
from casework.lifecycle import EventKind
from casework.pay.models import PaymentBatch
from casework.pay.steps import calculate_claims
from core.db import Database
from core.settings import settings
from core.unit_of_work import reading, unit_of_work
from notifications.channels.configured import configured_channels
from notifications.delivery import deliver_due
from tests.app.conftest import Command
from tests.app.schools import School, entries, opened, stand_on
from tests.app.signed_in import signed_in
from tests.builders import UP_TO_NEGOTIATION, a_member, a_workplace, an_officer, at_pay

REFUSED = (EventKind.NEGOTIATION_HELD, {"answer": "refused"})
GROUPS = {
    "ballot": ballot.app,
    "dispute": dispute.app,
    "action": action.app,
    "claim": claim.app,
    "payment": payment.app,
}
COMMANDS_OF_GROUPS = [(group, command.name) for group, app in GROUPS.items() for command in app.registered_commands]


@pytest.mark.parametrize(("group", "name"), COMMANDS_OF_GROUPS)
def test_every_command_of_a_group_answers_for_help_with_an_example(command: Command, group: str, name: str) -> None:
    """Red when an act's fields cannot be made into options."""
    answer = command(group, name, "--help")
    assert answer.code == 0
    assert f"Example: mandate {group} {name}" in " ".join(answer.out.split())


@pytest.mark.parametrize("told", dict.fromkeys(LISTED_BY.values()))
def test_whoever_named_what_is_not_there_is_told_a_command_that_runs(told: str) -> None:
    """Red when the sentence names a command, an option or a word too many that the command line does not take."""
    commands = [each.split() for each in re.findall(r"`mandate ([^`]+)`", told)]
    assert commands
    for name, *words in commands:
        command = _loaded(name)
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        command.make_context(name, words)


FILLING = frozenset(
    {"that", "this", "what", "which", "where", "when", "with", "from", "been", "were", "after", "still"}
)


def words_of(sentence: str) -> set[str]:
    """What a sentence is about: the beginnings of its longer words."""
    return {word[:4] for word in re.findall(r"[a-z]{4,}", sentence.lower()) if word not in FILLING}


@pytest.mark.parametrize("act", acts.ACTS.values(), ids=lambda act: act.name)
def test_the_help_of_an_act_says_nothing_twice(act: Act) -> None:
    """Red when the facts of an act are described in the words of its label, as "Record the report. The report."."""
    for sentence in filter(None, re.split(r"[.;] ?", lead(act))):
        assert words_of(sentence) - words_of(act.label), f"{act.label}. {sentence}."


@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_help_of_a_command_is_about_that_command(name: str) -> None:
    """Red when Typer's own options for completion stand in the help of each group."""
    assert not {each.name for each in _loaded(name).params} & COMPLETION


@pytest.mark.parametrize("name", ["open", "list", "show", "acts", "record", "settle", "reopen"])
def test_every_command_on_cases_answers_for_help_with_an_example(command: Command, name: str) -> None:
    answer = command("case", name, "--help")
    assert answer.code == 0
    assert f"Example: mandate case {name}" in " ".join(answer.out.split())


def test_a_paper_that_waits_is_warned_of_when_its_employer_moves(
    command: Command, school: School, migrated: Database
) -> None:
    """Red when command line, case page or the notice's own page leave `address_replaced` out."""
    ref = opened(school, *UP_TO_NEGOTIATION, REFUSED)
    plan = ("--questions", "strike", "--opens-on", "2026-10-20", "--closes-on", "2026-11-17")
    for words in (("dispute", ref), ("authorise", ref, *plan, "--as", school.officer), ("notify", ref)):
        assert command("ballot", *words).code == 0
    before = command("ballot", "show", ref, "--json").document
    assert "address_replaced" not in {each["code"] for each in before["findings"]}
    moved = ("--of", "employer", "--line", "Civic Centre", "--line", "OT1 1TN")
    assert command("register", "address", school.urn, *moved).code == 0
    for words in (("ballot", "show"), ("case", "show")):
        found = command(*words, ref, "--json").document["findings"]
        replaced = [each for each in found if each["code"] == "address_replaced"]
        letters = {each["id"] for each in before["notices"] if each["by"] == "letter" and each["to"] == "The employer"}
        assert {each["where"].removeprefix("notice:") for each in replaced} >= letters
        assert {each["severity"] for each in replaced} == {"warn"}
    assert "address_replaced" in command("case", "show", ref).out
    with signed_in(migrated) as client:
        assert "address_replaced" in client.get(f"/cases/{ref}").text
        assert "Civic Centre, OT1 1TN" in client.get(f"/notices/{letters.pop()}").text


def test_a_ballot_is_driven_by_commands(command: Command, school: School, migrated: Database) -> None:
    """From the dispute to the close: what a day or a person still owes is said, and exits 1."""
    ref = opened(school, *UP_TO_NEGOTIATION, REFUSED)
    plan = ("--questions", "strike", "--opens-on", "2026-10-20", "--closes-on", "2026-11-17")
    assert command("ballot", "show", ref).code == 3
    early = command("ballot", "authorise", ref, *plan, "--json")
    assert (early.code, early.document["findings"][0]["code"]) == (1, "not_at_this_stage")
    assert command("ballot", "dispute", ref, "--as", school.officer).code == 0
    before = entries()
    tried = command("ballot", "plan", ref, *plan, "--json")
    assert (tried.code, tried.document["recorded"], entries()) == (0, False, before)
    assert "ballot_opens" in {each["kind"] for each in tried.document["next"]}
    late = command(
        "ballot", "plan", ref, "--questions", "strike", "--opens-on", "2026-09-10", "--closes-on", "2026-10-01"
    )
    assert late.code == 1
    assert "ballot_notice_late" in late.out
    assert command("ballot", "authorise", ref, *plan, "--as", school.officer).code == 0
    shut = command("ballot", "open", ref, "--json")
    assert (shut.code, shut.document["ballot"]["stage"]) == (1, "planned")
    assert {each["code"] for each in shut.document["findings"]} == {"ballot_notice_missing", "sample_paper_missing"}
    same = command("ballot", "approve", ref, "--as", school.officer)
    assert same.code == 1
    assert "second_person_wanted" in same.out
    assert command("ballot", "approve", ref, "--as", school.second_officer).code == 0
    assert command("ballot", "notify", ref).code == 0
    deliver_due(migrated, configured_channels(settings()))
    for notice in command("ballot", "show", ref, "--json").document["notices"]:
        if notice["kind"] in {"notice_of_ballot", "sample_voting_paper"} and notice["has_letter"]:
            facts = ("--notice", notice["id"], "--received-on", "2026-09-08", "--how", "handed_over")
            assert command("ballot", "received", ref, *facts).code == 0
    waits = command("ballot", "open", ref, "--json")
    assert (waits.code, waits.document["ballot"]["stage"], waits.document["stage"]) == (
        0,
        "noticed",
        "ballot_preparation",
    )
    assert command("ballot", "open", ref, "--as-of", "2026-10-20").code == 0
    stand_on(migrated, date(2026, 11, 17))
    still = command("ballot", "close", ref, "--json")
    assert (still.code, [each["code"] for each in still.document["findings"]]) == (1, ["ballot_not_over"])
    closed = command("ballot", "close", ref, "--as-of", "2026-11-18T09:00", "--json")
    assert (closed.code, closed.document["stage"]) == (0, "ballot_result")


def test_action_is_shown_and_wanted_in_its_stage(command: Command, school: School) -> None:
    ref = opened(school, *UP_TO_NEGOTIATION)
    assert command("action", "show", ref, "--json").document["actions"] == []
    early = command("action", "authorise-strike", ref, "--days", "2027-01-27,2027-01-28")
    assert early.code == 1
    assert "strike_authorised cannot be recorded" in early.err


STRUCK_ON = date(2026, 9, 8)
PAYSLIP = "a" * 64


@pytest.fixture
def claimed(migrated: Database) -> tuple[str, str]:
    """A case at the stage of reimbursement, and the membership number of somebody who struck."""
    with unit_of_work("staff:test") as uow:
        workplace = a_workplace(uow)
        number = a_member(uow, workplace).membership_number
        return at_pay(uow, STRUCK_ON, workplace=workplace).ref, number


def test_a_claim_is_made_approved_paid_and_its_file_written(
    command: Command, claimed: tuple[str, str], tmp_path: Path
) -> None:
    """Red when a file that nobody released can be fetched, one that exists is overwritten, or a post is a person."""
    ref, number = claimed
    with unit_of_work("staff:test") as uow:
        officer = f"officer:{an_officer(uow).id}"
    facts = ("--membership-number", number, "--days", STRUCK_ON, "--deducted-pence", "10000")
    made = command("claim", "submit", ref, *facts, "--evidence-sha256", PAYSLIP)
    assert made.code == 0
    assert f"mandate claim list {ref}" in made.out
    with unit_of_work("flow:test") as uow:
        calculate_claims(uow, repository.find(uow, ref).id)
    (row,) = command("claim", "list", ref, "--json").document["claims"]
    assert (row["state"], row["payable_pence"], row["days"]) == ("calculated", 10_000, ["2026-09-08"])
    codes = [
        command("claim", "approve", ref, "--claim", row["claim"], "--as", person).code
        for person in ("staff:finance-1", "staff:finance-2", officer)
    ]
    assert codes == [0, 1, 0]
    assert command("payment", "batch", ref, "--as", "staff:finance-1").code == 0
    (batch,) = command("payment", "list", "--json").document["batches"]
    assert (batch["batch"], batch["total_pence"], batch["released_on"]) == ("P-2026-0001", 10_000, None)
    out = tmp_path / "payments.csv"
    fetch = ("payment", "file", batch["batch"], "--out", out)
    assert command(*fetch).code == 1
    assert not out.exists()
    assert command("payment", "release", ref, "--batch", batch["batch"], "--as", "staff:finance-2").code == 1
    released = command("payment", "release", ref, "--batch", batch["batch"], "--as", officer)
    assert "mandate payment file P-2026-0001 --out FILE" in released.out
    assert command(*fetch).code == 0
    with reading() as uow:
        assert out.read_bytes() == uow.session.scalars(select(PaymentBatch.content)).one()
    assert out.stat().st_mode & 0o777 == 0o600
    again = command(*fetch)
    assert again.code == 2
    assert "wanted a file that does not exist yet" in again.err
    assert command("payment", "file", "P-2026-0099", "--out", tmp_path / "x").code == 3


def test_no_list_of_claims_says_whose_they_are(command: Command, claimed: tuple[str, str]) -> None:
    """Red when a claim's line holds the claimant."""
    ref, number = claimed
    facts = ("--membership-number", number, "--days", STRUCK_ON, "--deducted-pence", "10000")
    command("claim", "submit", ref, *facts, "--evidence-sha256", PAYSLIP)
    for answer in (command("claim", "list", ref), command("claim", "list", ref, "--json")):
        assert answer.code == 0
        assert number not in answer.out
        assert "Member " not in answer.out
