"""Pages that look again by themselves: how far work is, as it is stored, and an end when nobody is signed in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app import file_work, run_progress, uploads
from app.run_requests import ADVANCE, OUTBOX, ask
from casework.cases import Case
from casework.register.intake import Phase, Progress
from casework.register.models import Workplace
from core import requests
from core.db import Database
from core.requests import FlowRequest
from core.settings import settings
from core.unit_of_work import reading, unit_of_work
from notifications.lifecycle import State
from notifications.models import Notice
from tests.app.conftest import Made
from tests.app.signed_in import nobody
from tests.app.test_pages import at_head
from tests.casework.register.files import SCHOOL, write
from tests.processes import wait_for

PATIENCE = 30.0


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where uploads are kept."""
    monkeypatch.setenv("MANDATE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Every import stops once it has judged its rows, until the event is set; no click waits for it."""
    opened = threading.Event()
    real: Callable[[uploads.Upload], Progress] = file_work._teller

    def teller(upload: uploads.Upload) -> Progress:
        tell = real(upload)

        def told(phase: Phase, done: int, total: int) -> None:
            tell(phase, done, total)
            if phase is Phase.JUDGING and done == total:
                assert opened.wait(PATIENCE)

        return told

    monkeypatch.setattr(file_work, "_teller", teller)
    monkeypatch.setattr(file_work, "PATIENCE_SECONDS", 0.05)
    return opened


def sent(client: TestClient, folder: Path) -> str:
    """The address of a file that was sent: two schools, one of which cannot be used."""
    file = write(folder / "schools.csv", [SCHOOL, SCHOOL | {"URN": "12"}])
    answer = client.post("/imports", files={"file": (file.name, file.read_bytes())}, data={"kind": "workplaces"})
    assert answer.status_code == 303
    return answer.headers["location"]


def shown(client: TestClient, address: str, words: str) -> str:
    """The page, once it says so."""
    wait_for(lambda: words in client.get(address).text, patience=PATIENCE)
    return client.get(address).text


def test_an_import_that_takes_long_shows_how_far_it_is_however_often_it_is_asked(
    client: TestClient, database: Database, home: Path, tmp_path: Path, gate: threading.Event
) -> None:
    """Turns red if the click waits for the end, if the bar is not kept beside the file, or if it outlives the work."""
    address = sent(client, tmp_path)
    for _ in range(2):
        page = shown(
            client, address, '<progress class="mandate-progress__bar" aria-labelledby="progress-label" max="2"'
        )
        assert "Judging the rows" in page
        assert f'hx-get="{address}"' in page
        assert '<noscript><meta http-equiv="refresh"' in page
    assert f'href="{address}"' in client.get("/imports").text
    assert client.post(f"{address}/cancel").status_code == 409
    gate.set()
    page = shown(client, address, "Nothing is stored yet")
    assert "<progress" not in page
    assert "Under way" not in client.get("/imports").text
    gate.clear()
    assert client.post(f"{address}/confirm").status_code == 303
    shown(client, address, "<progress")
    gate.set()
    shown(client, address, "The file was taken in")
    with reading(on=database) as uow:
        assert uow.session.scalar(select(func.count()).select_from(Workplace)) == 1


def test_an_import_that_was_cut_short_says_that_nothing_was_stored(
    client: TestClient, home: Path, tmp_path: Path, gate: threading.Event
) -> None:
    """As after a restart of the dashboard. Turns red if the page goes on to show the bar: nobody holds the file."""
    gate.set()
    address = sent(client, tmp_path)
    shown(client, address, "Nothing is stored yet")
    upload = uploads.find(address.rpartition("/")[2])
    uploads.keep_standing(upload, {"phase": Phase.STORING, "done": 1, "total": 2})
    page = client.get(address).text
    assert file_work.CUT_SHORT in page
    assert "<progress" not in page


def test_what_an_import_fails_of_later_is_told_on_its_page(
    client: TestClient, home: Path, tmp_path: Path, gate: threading.Event
) -> None:
    """Turns red if only the click that waits hears of an error."""
    answer = client.post("/imports", files={"file": ("r.csv", b"URN\n1\n")}, data={"kind": "workplaces"})
    if answer.status_code == 303:  # it took longer than the click waited
        assert "wanted a column EstablishmentName" in shown(client, answer.headers["location"], "Remove the file")
    gate.set()
    upload = uploads.find(sent(client, tmp_path).rpartition("/")[2])

    def breaks(_: Progress) -> None:
        time.sleep(0.2)
        raise OSError

    assert not file_work.do(upload, breaks)
    assert file_work.BROKEN in shown(client, f"/imports/{upload.token}", file_work.BROKEN)


def test_the_page_of_a_run_shows_how_many_of_its_cases_went_on(
    client: TestClient, made: Made, database: Database
) -> None:
    """Turns red if progress is asked of a run that waits, or counts a case to which nothing happened."""
    refs = [made(at_head) for _ in range(2)]
    with unit_of_work("staff:test", on=database) as uow:
        number = ask(uow, ADVANCE, refs, "k" * 8)[0].id
    assert "<progress" not in client.get(f"/runs/{number}").text
    with unit_of_work("flow:test", on=database) as uow:
        row = requests.take(uow)
        assert row is not None
        cases = {case.id: case for case in uow.session.scalars(select(Case))}
        requests.note_before(row, {each.id: (each.stage.value, each.events_count) for each in cases.values()})
    with unit_of_work("flow:test", on=database) as uow:
        uow.session.scalars(select(Case)).first().events_count += 1  # type: ignore[union-attr]
    page = client.get(f"/runs/{number}").text
    assert 'max="2" value="1"' in page
    assert "1 of 2 cases have gone on" in page


def test_what_is_due_to_leave_is_a_bar_over_the_notices(client: TestClient, made: Made, database: Database) -> None:
    """Turns red if notices that are not due count, or the bar stays when all have left."""
    made(at_head)
    with unit_of_work("staff:test", on=database) as uow:
        due = uow.session.scalar(select(func.count()).select_from(Notice).where(Notice.state == State.QUEUED)) or 0
        assert due
        found = run_progress.sending(uow)
        assert found is not None
        assert (found.done, found.total) == (0, due)
    page = client.get("/notices").text
    assert f'max="{due}" value="0"' in page
    assert 'hx-trigger="every 3s"' in page
    with unit_of_work("staff:test", on=database) as uow:
        for notice in uow.session.scalars(select(Notice)):
            notice.state = State.SENDING
            notice.state = State.ACCEPTED
    assert "<progress" not in client.get("/notices").text


def test_a_run_of_the_outbox_counts_what_has_left_since_it_began(made: Made, database: Database) -> None:
    """Turns red if it counts what left before."""
    made(at_head)
    with unit_of_work("staff:test", on=database) as uow:
        ask(uow, OUTBOX, [], "k" * 8)
        requests.take(uow)
        row = uow.session.scalars(select(FlowRequest)).one()
        found = run_progress.progress(uow, row)
        assert found is not None
        assert found.done == 0
        assert found.total > 0


def test_a_part_that_asks_anew_without_a_sign_in_sends_the_whole_page_away(database: Database) -> None:
    """Turns red if it is answered with the form: htmx finds no part of that name in it, and all stays on the screen."""
    with nobody(database) as client:
        answer = client.get("/runs/3", headers={"HX-Request": "true"})
        assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in?next=/runs/3")
        assert client.get("/runs/3").status_code == 303
