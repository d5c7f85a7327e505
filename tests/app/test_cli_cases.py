"""The commands on cases as a person and as a program meet them: every act, every exit code."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest

from app.acts import ACTS
from app.cli.acting import row
from app.cli.facts import example_of, from_given, from_json, from_words
from casework.lifecycle import EventKind, Stage
from core.errors import BadInput
from core.settings import settings
from core.why import CERTAINTY
from tests.app.conftest import Command
from tests.app.schools import School, entries, events, opened
from tests.builders import UP_TO_HEAD, UP_TO_NEGOTIATION
from tests.processes import mandate


def test_a_case_climbs_by_commands_from_open_to_an_assigned_officer(command: Command, school: School) -> None:
    """Red when `perform` works in a transaction that is thrown away: the next command would find nothing."""
    first = command("case", "open", "--urn", school.urn, "--issue", "meetings", "--issue", "observation", "--json")
    assert (first.code, first.document["ref"], first.document["stage"]) == (0, "2026-0001", "raised")
    steps = (
        ("members_meeting_arranged", ["meets_on=2026-09-08"], "members_meeting"),
        ("members_meeting_held", ["happened_on=2026-09-08", "present=10", "in_favour=8"], "head_meeting"),
        ("head_met", ["happened_on=2026-09-08", "answer=refused"], "officer_assigned"),
    )
    for act, words, stage in steps:
        answer = command("case", "record", "2026-0001", act, *words, "--json")
        assert (answer.code, answer.err) == (0, "")
        assert (answer.document["act"], answer.document["recorded"], answer.document["stage"]) == (act, True, stage)
        assert answer.document["work_waits"] is True
    swept = subprocess.run(
        mandate("sweep", "deadlines", "--json"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert swept.returncode == 0, swept.stderr
    page = command("case", "show", "2026-0001", "--json").document
    assert (page["stage"], page["officer"]) == ("officer_assigned", school.officer)
    assert [each["label"] for each in page["deadlines"]] == ["The officer accepts the case"]
    assert page["events"][-1]["title"].startswith("The case was raised over 2 issues")
    assert page["acts"][0] == {
        "name": "officer_accepted",
        "label": "The officer accepts the case",
        "roles": ["association_secretary", "caseworker", "national_official"],
    }
    accepted = command("case", "record", "2026-0001", "officer_accepted", "--as", school.officer)
    assert accepted.code == 0
    assert "Case 2026-0001 is at the stage “Officer meets members”" in accepted.out
    assert events("2026-0001")[-1] == (EventKind.OFFICER_ACCEPTED, school.officer)


def _at_head_meeting() -> list[str]:
    """The acts of the stage that make sense there: nothing is held, and no receipt is proved yet."""
    senseless = {"receipt_withdrawn", "notice_released"}
    return [name for name, act in ACTS.items() if Stage.HEAD_MEETING in act.stages and name not in senseless]


def test_after_an_act_comes_the_stage_and_what_comes_next(command: Command, school: School) -> None:
    """Red when `_tell` leaves out a line."""
    ref = opened(school, *UP_TO_HEAD)
    answer = command("case", "record", ref, "case_rested", "reason=half term", "wake_on=2026-11-02")
    assert answer.out.splitlines() == [
        "Put the case to rest: recorded.",
        f"Case {ref} is at the stage “Meeting with the head”, since Tuesday 8 September 2026; it rests until "
        "Monday 2 November 2026.",
        "Next: The case wakes, Monday 2 November 2026.",
        f"Can be recorded now: {', '.join(_at_head_meeting())}.",
        "A running worker carries this on by itself; without one, run `mandate sweep deadlines`, then "
        "`mandate sweep outbox`.",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["show", "2026-0099"], 3, "There is no case 2026-0099. `mandate case list` lists the cases"),
        (["acts", "2026-0099"], 3, "There is no case 2026-0099."),
        (["record", "2026-0099", "case_woken"], 3, "There is no case 2026-0099."),
        (["record", "REF", "case_flown"], 3, "There is no act case_flown. `mandate case acts REF` lists"),
        (["record", "REF", "head_met", "happened_on=2026-09-08", "answer=refused"], 1, "stage raised, where head_met"),
        (["record", "REF", "head_met", "happened_on=2026-09-08", "answer=refused"], 1, "members_meeting_arranged"),
        (["record", "REF", "members_meeting_arranged"], 2, "meets_on: found nothing, wanted a day such as 2026-12-01."),
        (["record", "REF", "members_meeting_arranged", "meets_on=8/9"], 2, "meets_on: found '8/9', wanted a day such"),
        (["record", "REF", "members_meeting_arranged", "meets_on=8/9"], 2, "members_meeting_arranged takes:"),
        (
            ["record", "REF", "members_meeting_arranged", "on=2026-09-08"],
            2,
            "on: found '2026-09-08', wanted FIELD=VALUE",
        ),
        (["record", "REF", "members_meeting_arranged", "tomorrow"], 2, "tomorrow: found no value, wanted FIELD=VALUE"),
        (["record", "REF", "case_rested", "reason=x", "wake_on=2027-01-04"], 2, "reason: found 'x', wanted at least 3"),
        (["record", "REF", "case_woken", "--facts", "{"], 2, "facts: found '{', wanted a JSON object"),
        (["record", "REF", "case_woken", "--facts", "{}", "a=b"], 2, "wanted either --facts or FIELD=VALUE, not both"),
        (["record", "REF", "case_woken", "--as", "officer:me"], 2, "--as: found 'officer:me', wanted staff"),
        (["record", "REF", "case_woken", "--as", "staff:Jane Doe"], 2, "--as: found 'staff:Jane Doe', wanted staff"),
        (["record", "REF", "case_woken", "--as-of", "soon"], 2, "--as-of: found 'soon', wanted a date"),
        (["list", "--stage", "dancing"], 2, "dancing"),
        (["open", "--urn", "999999", "--issue", "meetings"], 3, "URN 999999. `mandate search WORDS` finds"),
        (["open", "--urn", "999999", "--issue", "biscuits"], 2, "--issue: found 'biscuits', wanted one of"),
        (["settle", "REF", "--happened-on", "2026-09-08"], 2, "--clauses"),
        (
            ["settle", "REF", "--happened-on", "2026-09-08", "--clauses", "a|b"],
            2,
            "clauses.0.from_on: found nothing, wanted a value",
        ),
        (["reopen", "REF", "--reason", "broken"], 1, "where case_reopened cannot be recorded"),
    ],
)
def test_every_mistake_has_its_exit_code_and_its_sentence_and_records_nothing(
    command: Command, school: School, arguments: list[str], code: int, said: str
) -> None:
    """Red when an error is let through as a traceback, or a rule's refusal is told apart from bad input no more."""
    ref = opened(school)
    before = entries()
    answer = command("case", *(ref if each == "REF" else each for each in arguments))
    assert (answer.code, answer.out) == (code, "")
    assert said in " ".join(answer.err.replace("│", " ").split())
    assert "Traceback" not in answer.err
    assert entries() == before


def test_every_field_that_is_wrong_is_named_at_once(command: Command, school: School) -> None:
    """Red when `from_given` stops at the first field."""
    ref = opened(school, UP_TO_HEAD[0])
    answer = command("case", "record", ref, "members_meeting_held", "happened_on=x", "present=ten", "in_favour=1")
    assert answer.code == 2
    assert answer.err.splitlines()[:2] == [
        "happened_on: found 'x', wanted a day such as 2026-12-01.",
        "present: found 'ten', wanted a whole number.",
    ]


@pytest.mark.parametrize(("in_favour", "code"), [("10", 0), ("11", 2)])
def test_a_rule_over_two_fields_names_its_field(command: Command, school: School, in_favour: str, code: int) -> None:
    """Red when `RULE_OF_SEVERAL_FIELDS` is not asked."""
    ref = opened(school, UP_TO_HEAD[0])
    answer = command(
        "case", "record", ref, "members_meeting_held", "happened_on=2026-09-08", "present=10", f"in_favour={in_favour}"
    )
    assert answer.code == code
    assert ("in_favour: found 11, wanted at most the 10 present." in answer.err) == bool(code)


def test_an_unreachable_database_exits_4(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red when the driver's error is let through."""
    monkeypatch.setenv("MANDATE_DATABASE_URL", "postgresql+psycopg://nobody:secret@127.0.0.1:1/none")
    settings.cache_clear()
    answer = command("case", "list", "--json")
    assert (answer.code, answer.out) == (4, "")
    assert "secret" not in answer.err


def test_a_refusal_is_one_document_for_a_program(command: Command, school: School) -> None:
    """Red when `_show` prints a refusal's findings for rules only."""
    answer = command("case", "record", opened(school), "officer_accepted", "--json")
    assert answer.code == 1
    assert set(answer.document) == {"error", "findings"}
    assert [finding["code"] for finding in answer.document["findings"]] == ["not_at_this_stage"]


def test_a_key_counts_once(command: Command, school: School) -> None:
    """Red when the key is drawn afresh whatever was given."""
    ref = opened(school)
    again = ("case", "record", ref, "members_meeting_arranged", "meets_on=2026-09-08", "--key", "monday", "--json")
    first, second = command(*again), command(*again)
    assert (first.document["recorded"], second.document["recorded"]) == (True, False)
    assert (first.code, second.code, len(events(ref))) == (0, 0, 2)
    other = command("case", "record", ref, "members_meeting_arranged", "meets_on=2026-09-09", "--key", "monday")
    assert other.code == 1
    assert "used before with other facts" in other.err
    assert "recorded before under this key" in command(*again[:-1]).out


def test_a_case_is_opened_once_for_its_key(command: Command, school: School) -> None:
    """Red when `open_case` is given no key, or other facts are not compared."""
    asked = ("case", "open", "--urn", school.urn, "--issue", "meetings", "--key", "monday")
    refs = {command(*asked, "--json").document["ref"] for _ in range(2)}
    assert len(refs) == 1
    other = command("case", "open", "--urn", school.urn, "--issue", "observation", "--key", "monday")
    assert other.code == 1
    assert "with other facts" in other.err


def test_a_post_of_staff_is_kept_as_the_actor(command: Command, school: School) -> None:
    """Red when every post becomes the same actor: two people could not be told apart."""
    ref = opened(school)
    command("case", "record", ref, "members_meeting_arranged", "meets_on=2026-09-08", "--as", "staff:finance-2")
    command("case", "record", ref, "issue_added", "issue=observation")
    assert [actor for _, actor in events(ref)][1:] == ["staff:finance-2", "staff:command-line"]


def test_facts_may_come_as_json(command: Command, school: School) -> None:
    """Red when JSON is read more leniently than the API reads it: there a number in quotes is refused."""
    ref = opened(school, UP_TO_HEAD[0])
    loose = '{"happened_on": "2026-09-08", "present": "10", "in_favour": 6}'
    assert command("case", "record", ref, "members_meeting_held", "--facts", loose).code == 2
    strict = loose.replace('"10"', "10")
    assert command("case", "record", ref, "members_meeting_held", "--facts", strict).code == 0


def test_facts_may_come_on_standard_input(command: Command, school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red when `-` is read as the document itself: a membership number would have to stand in the shell's history."""
    ref = opened(school)
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"meets_on": "2026-09-08"}'))
    assert command("case", "record", ref, "members_meeting_arranged", "--facts", "-").code == 0


def test_without_an_act_the_acts_are_listed(command: Command, school: School) -> None:
    """Red when `record` and `acts` differ, or an act of another stage is offered."""
    ref = opened(school)
    document = command("case", "acts", ref, "--json").document
    at_the_stage = [name for name, act in ACTS.items() if Stage.RAISED in act.stages]
    assert [each["name"] for each in document["acts"]] == [name for name in at_the_stage if name != "case_woken"]
    assert document["acts"][0]["fields"] == [
        {
            "name": "meets_on",
            "label": "When do members meet",
            "wanted": "a day such as 2026-12-01",
            "required": True,
            "several": False,
            "choices": [],
        }
    ]
    assert command("case", "record", ref, "--json").document == document
    assert command("case", "record", ref).out == command("case", "acts", ref).out


def test_cases_are_listed_by_the_ladder(command: Command, school: School) -> None:
    """Red when `--stage` is not handed on, or the officer's name gets into the document."""
    refs = [
        opened(school),
        opened(school, *UP_TO_HEAD, issue="email"),
        opened(school, *UP_TO_NEGOTIATION, issue="observation"),
    ]
    document = command("case", "list", "--json").document
    assert [(each["ref"], each["stage"]) for each in document["cases"]] == list(
        zip(refs, ("raised", "head_meeting", "officer_negotiation"), strict=True)
    )
    assert document["as_of"] == "2026-09-08"
    assert document["cases"][2]["officer"].startswith("officer:")
    assert "name" not in str(document["cases"])
    only = command("case", "list", "--stage", "head_meeting")
    assert refs[1] in only.out
    assert refs[0] not in only.out
    assert "There is no case here." in command("case", "list", "--stage", "closed").out


def test_officers_are_named_on_the_terminal_only(command: Command, school: School) -> None:
    """Red when a name gets into the document."""
    shown, told = command("officer", "list"), command("officer", "list", "--json")
    assert school.officers_name in shown.out
    assert school.officers_name not in told.out
    ref = opened(school, *UP_TO_NEGOTIATION)
    case = command("case", "show", ref).out
    named = re.search(r"^Officer: (.+), officer:[0-9a-f-]{36}$", case, re.MULTILINE)
    assert named is not None
    assert named[1] not in command("case", "show", ref, "--json").out
    assert {school.officer, school.second_officer} == {each["officer"] for each in told.document["officers"]}
    assert {each["open_cases"] for each in told.document["officers"]} == {0}


def test_a_deadline_is_explained(command: Command, school: School) -> None:
    """Red when `--explain` leaves out the rule, an input, the arithmetic or the citation."""
    ref = opened(school)
    command("case", "record", ref, "case_rested", "reason=half term", "wake_on=2026-11-02")
    told = command("case", "show", ref, "--explain").out
    (deadline,) = command("case", "show", ref, "--json").document["deadlines"]
    why = deadline["why"]
    assert why["rule"].startswith("A resting case wakes")
    sure = CERTAINTY[why["certainty"]]
    for part in (why["rule"], *why["inputs"].values(), why["arithmetic"], why["citation"]["act"], sure):
        assert part in told
    assert why["rule"] not in command("case", "show", ref).out


def test_a_settlement_is_reached_and_its_case_reopened(command: Command, school: School) -> None:
    """Red when a clause is taken apart at its commas."""
    ref = opened(school, *UP_TO_NEGOTIATION)
    clause = "meetings | One meeting a week, of an hour at most | 2027-03-01"
    settled = command("case", "settle", ref, "--happened-on", "2026-09-08", "--clauses", clause, "--json")
    assert (settled.code, settled.document["stage"]) == (0, "settled")
    (row,) = command("case", "show", ref, "--json").document["clauses"]
    assert (row["what_changes"], row["from_on"]) == ("One meeting a week, of an hour at most", "2027-03-01")
    reopened = command("case", "reopen", ref, "--reason", "not kept", "--issues", "meetings", "--json")
    assert (reopened.code, reopened.document["stage"]) == (0, "officer_negotiation")


@pytest.mark.parametrize("name", list(ACTS))
def test_the_example_of_every_act_is_facts_that_it_accepts(name: str) -> None:
    """Red when a field of an act has no example: its command's help could not show one."""
    act, given = ACTS[name], example_of(ACTS[name])
    words = [f"{field}={value}" for field, values in given.items() for value in values]
    assert from_given(act, given) == from_words(act, words)


def test_every_kind_of_field_is_read_from_words() -> None:
    """Red when a list is not taken apart, or a line of an address is."""
    plan = from_words(
        ACTS["ballot_authorised"], ["questions=strike,asos", "opens_on=2026-10-20", "closes_on=2026-11-17"]
    )
    assert plan.model_dump()["questions"] == ["strike", "asos"]
    asos = from_words(ACTS["asos_authorised"], ["instructions=2,6", "instructions=7", "starts_on=2026-12-07"])
    assert asos.model_dump()["instructions"] == [2, 6, 7]
    address = from_words(ACTS["employer_address_recorded"], ["postal_lines=1, Broad Street", "postal_lines=Anytown"])
    assert address.model_dump()["postal_lines"] == ["1, Broad Street", "Anytown"]
    report = from_words(ACTS["scrutineer_reported"], ["received_on=2026-12-08", "clean=no"])
    assert report.model_dump()["clean"] is False
    check = ["happened_on=2026-12-08", "broken=meetings,ppa", "evidence=seen twice"]
    assert from_words(ACTS["monitoring_check_recorded"], check).model_dump()["broken"] == ("meetings", "ppa")


@pytest.mark.parametrize(
    ("act", "word", "said"),
    [
        ("scrutineer_reported", "clean=perhaps", "clean: found 'perhaps', wanted yes or no."),
        ("ballot_authorised", "questions=lockout", "questions: found 'lockout', wanted any of strike, asos"),
        ("turnout_reported", "cast=1.5", "cast: found '1.5', wanted a whole number."),
        ("strike_day_held", "on=20270127", "on: found '20270127', wanted a day such as"),
        ("strike_authorised", "days=2027-01-27,soon", "days.1: found 'soon', wanted a valid date"),
        ("payee_confirmed", "account_ends=412", "account_ends: found '412', wanted four digits, such as 0412."),
        ("payee_confirmed", "account_ends=0412", "claim: found nothing, wanted an id or a reference."),
        ("service_address_confirmed", "checked=asked", "wanted the address that the register gives, in full."),
        ("claim_approved", "claim=7", "claim: found '7', wanted a valid UUID"),
    ],
)
def test_a_value_of_another_kind_is_refused(act: str, word: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        from_words(ACTS[act], [word])
    assert said in str(refused.value)


def test_a_single_value_is_not_given_twice() -> None:
    """Red when the first or the last of two answers is taken in silence."""
    with pytest.raises(BadInput, match="answer: found 'refused accepted', wanted one of"):
        from_words(ACTS["head_met"], ["happened_on=2026-09-08", "answer=refused", "answer=accepted"])


def test_an_unknown_field_of_a_document_is_refused() -> None:
    with pytest.raises(BadInput, match="extra: found 1, wanted a field of the act"):
        from_json(ACTS["case_woken"], '{"extra": 1}')


def test_people_read_dates_as_they_write_them() -> None:
    """Turns red when a table of a command prints a date as programs write it."""
    cells = row(date(2027, 1, 14), datetime(2027, 7, 1, 11, 5, tzinfo=UTC), None, 3)
    assert cells == ("14 January 2027", "1 July 2027, 12:05", "", "3")
