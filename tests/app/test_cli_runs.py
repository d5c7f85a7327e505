"""`mandate run` and `mandate case run`: a request is left for the worker, and what becomes of it is said."""

from __future__ import annotations

import threading
import time

import pytest

from app.cli.run import app as run_app
from app.run_requests import STARTABLE
from casework import repository
from core import requests
from core.requests import FlowRequest, RunState
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from tests.app.conftest import Command
from tests.app.schools import School, opened


def taken(uow: UnitOfWork) -> FlowRequest:
    row = requests.take(uow)
    assert row is not None
    return row


def test_a_run_is_asked_for_once_for_its_key(command: Command, school: School) -> None:
    """Red when the command asks under a key of its own."""
    ref = opened(school)
    first = command("case", "run", ref, "--key", "a", "--json")
    again = command("case", "run", ref, "--key", "a", "--json")
    assert (first.code, first.document) == (0, again.document)
    assert (first.document["state"], first.document["asked_by"]) == ("asked", "staff:command-line")
    assert [each["ref"] for each in first.document["cases"]] == [ref]
    other = command("run", "start", "deadline_sweep", "--key", "a")
    assert other.code == 1
    assert "used before to ask for another run" in other.err


def test_without_a_worker_the_wait_ends_with_a_sentence(command: Command, school: School) -> None:
    """Red when the wait has no end, or ends as if all were well."""
    asked = command("case", "run", opened(school), "--wait", "0.3")
    assert asked.code == 4
    assert "Run 1 is not over. No worker has taken it: start `mandate serve` or `mandate worker`." in asked.err
    assert "waiting for a worker" in asked.out


def test_a_wait_ends_when_the_run_does(command: Command, school: School) -> None:
    ref = opened(school)

    def work() -> None:
        while True:
            time.sleep(0.1)
            with unit_of_work("flow:worker") as uow:
                if requests.waiting(uow):
                    row = taken(uow)
                    case = repository.find(uow, ref)
                    requests.note_before(row, {case.id: ("raised", 1)})
                    requests.note_after(uow, row, {case.id: ("members_meeting", 2)})
                    requests.end(uow, row, seconds=0.1)
                    return

    worker = threading.Thread(target=work)
    worker.start()
    told = command("case", "run", ref, "--wait", "60")
    worker.join()
    assert told.code == 0
    assert "completed" in told.out
    assert "members_meeting" in told.out


def test_a_run_that_failed_says_what_and_where(command: Command, school: School) -> None:
    ref = opened(school)
    command("case", "run", ref)
    with unit_of_work("flow:worker") as uow:
        case_id = repository.find(uow, ref).id
        failure = {"subject": f"case:{case_id}", "error": "ValueError", "place": "casework/steps.py:9"}
        requests.end(uow, taken(uow), seconds=1.0, failures=[failure])
    shown = command("run", "show", "1")
    assert (shown.code, f"{ref}: The case could not be advanced" in shown.out) == (0, True)
    assert "ValueError at casework/steps.py:9" in shown.out
    assert command("run", "show", "1", "--wait", "1").code == 4
    [failed] = command("run", "show", "1", "--json").document["failures"]
    assert failed["case_ref"] == ref


def test_runs_are_listed_of_all_and_of_one_case(
    command: Command, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")  # so that no cell is broken over lines
    one, other = opened(school), opened(school, issue="observation")
    assert command("run", "list").out.startswith("There is no run yet.")
    command("case", "run", one)
    command("case", "run", other, one)
    command("run", "start", "outbox_delivery")
    assert [each["id"] for each in command("run", "list", "--json").document["runs"]] == [3, 2, 1]
    assert [each["id"] for each in command("run", "list", "--case", other, "--json").document["runs"]] == [2]
    told = command("run", "list").out
    assert "Deliver notices" in told
    assert "UTC" not in told  # instants are told in London time


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("case", "run", "2026-9999"), 3, "There is no case 2026-9999"),
        (("case", "run"), 2, "REF"),
        (("run", "show", "77"), 3, "There is no run 77"),
        (("run", "show", "0"), 2, "RUN"),
        (("run", "start", "dancing"), 2, "wanted one of workplace_case, deadline_sweep, outbox_delivery"),
        (("run", "start", "workplace_case"), 2, "at least one case"),
        (("run", "start", "deadline_sweep", "2026-0001"), 2, "wanted none"),
        (("run", "list", "--case", "2026-9999"), 3, "There is no case 2026-9999"),
        (("case", "run", "2026-9999", "--as", "nobody"), 2, "--as"),
    ],
)
def test_every_mistake_has_its_exit_code_and_leaves_no_row(
    command: Command, school: School, arguments: tuple[str, ...], code: int, said: str
) -> None:
    answer = command(*arguments)
    assert (answer.code, said in answer.err) == (code, True)
    with reading() as uow:
        assert requests.latest(uow, 1) == []


def test_a_failed_request_for_one_case_asks_for_none(command: Command, school: School) -> None:
    """Red when the rows are written before every reference is found."""
    assert command("case", "run", opened(school), "2026-9999").code == 3
    with reading() as uow:
        assert requests.latest(uow, 1) == []


def test_the_commands_name_every_flow_that_can_be_started() -> None:
    assert {each.name for each in run_app.registered_commands} == {"list", "show", "start"}
    assert set(STARTABLE) == {"workplace_case", "deadline_sweep", "outbox_delivery", "service_sweep"}
    assert RunState.ASKED not in requests.OVER
