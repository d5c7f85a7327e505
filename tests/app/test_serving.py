"""Serving as one starts it: `mandate serve` as a process, its children, and what is found before it starts any."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from alembic import command
from sqlalchemy import select, text

from app import serving
from app.revisions import standing
from app.serve_state import STATE, held, is_held, read_state, write_state
from app.serving import as_variables, serve_all
from app.supervisor import Supervisor, started_ticks
from core.db import Database
from core.errors import ConfigurationError, ServiceUnavailable
from core.settings import Settings
from core.unit_of_work import unit_of_work
from core.work import PendingWork
from tests.builders import a_case
from tests.conftest import NOON
from tests.migrations.check import configured
from tests.processes import ROOT, free_port, mandate, wait_for

LONG_ENOUGH = 120.0


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A migrated database: the worker is a process of its own and wants every table."""
    address = f"sqlite:///{tmp_path / 'mandate.db'}"
    command.upgrade(configured(address), "head")
    return address


@pytest.fixture
def settings(tmp_path: Path, url: str) -> Settings:
    """Settings of a home and a port of one's own."""
    return Settings(home=tmp_path / "home", database_url=url, dashboard_port=free_port(), prefect_port=free_port())


@contextmanager
def serving_on(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """`mandate serve --no-prefect` as a process."""
    program = mandate("serve", "--no-prefect")
    given = {**os.environ, **as_variables(settings)}
    with subprocess.Popen(program, cwd=ROOT, env=given, text=True) as parent:
        try:
            yield parent
        finally:
            parent.kill()
            wait_for(lambda: not any(alive(settings).values()))


def alive(settings: Settings) -> dict[str, int]:
    """The process ids of the children that live."""
    children = read_state(settings.home).get("children", [])
    return {each["name"]: each["pid"] for each in children if each["pid"] and started_ticks(each["pid"])}


def answers(settings: Settings) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{settings.dashboard_port}/healthz", trust_env=False).is_success
    except httpx.HTTPError:
        return False


def all_done(url: str) -> bool:
    with Database(url).reading() as session:
        rows = session.scalars(select(PendingWork)).all()
        return bool(rows) and all(row.done_at for row in rows)


@pytest.mark.full
def test_everything_is_served_and_survives_a_kill_of_all_of_it(settings: Settings, url: str) -> None:
    """
    What was asked for is done; a second one is refused; killed, it leaves nobody behind, and the next comes up at once.

    In full runs, for every run has the same where more is at work: in tests/chaos/test_serve_kills.py all of it is
    killed and started again, what was asked for is done, and in the end none that was ever started lives. That a second
    one is refused is the next test.

    Mutation: in `app/tether.py` start `-m app.cli.main`, which imports the commands and runs none; leave out `held`; or
    leave out `tie`.
    """
    with serving_on(settings) as first:
        with unit_of_work("staff:test", as_of=NOON, on=Database(url)) as uow:
            a_case(uow)
        wait_for(lambda: all_done(url) and answers(settings))
        with pytest.raises(ServiceUnavailable, match="Another `mandate serve`"):
            serve_all(settings, prefect=False)
        left = alive(settings)
        assert set(left) == {"dashboard", "worker"}
        first.kill()
        first.wait()
        with serving_on(settings) as second:
            # The first one's children hear of its end a moment later: until then the state and the port are theirs.
            wait_for(lambda: len(set(alive(settings).values()) - set(left.values())) == 2 and answers(settings))
            assert [started_ticks(pid) for pid in left.values()] == [None, None]
            second.send_signal(signal.SIGTERM)
            assert second.wait(LONG_ENOUGH) == 0
            assert alive(settings) == {}
            assert not is_held(settings.home)


def test_a_second_one_is_refused(settings: Settings) -> None:
    """Mutation: in `serve_all`, leave out `held`."""
    with held(settings.home), pytest.raises(ServiceUnavailable, match="Another `mandate serve`"):
        serve_all(settings, prefect=False)


def test_a_taken_port_is_found_before_anything_is_started(settings: Settings) -> None:
    """Mutation: leave out `require_free`, and a worker and a server are started first."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ServiceUnavailable, match="is taken"):
            serve_all(settings, prefect=False, port=taken.getsockname()[1])
    assert read_state(settings.home) == {}


def test_an_empty_database_is_made_and_one_that_is_behind_is_brought_up_to_date(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mutation: leave out `_prepare`."""
    monkeypatch.setattr(serving.Supervisor, "run", lambda self: None)
    fresh = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path / 'fresh.db'}"})
    serve_all(fresh, prefect=False)
    assert "is made" in capsys.readouterr().err
    serve_all(fresh, prefect=False)
    assert "is up to date" in capsys.readouterr().err
    behind = f"sqlite:///{tmp_path / 'behind.db'}"
    command.upgrade(configured(behind), "0001")
    serve_all(settings.model_copy(update={"database_url": behind}), prefect=False)
    assert "from migration 0001 to" in capsys.readouterr().err
    for url in (fresh.database_url, behind):
        found = standing(Database(url))
        assert found.found == found.wanted


def test_a_database_of_a_later_program_is_refused(settings: Settings, url: str) -> None:
    """Mutation: in `bring_up_to_date`, leave out `_require_not_newer`; Alembic's own words help nobody."""
    with Database(url).writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="stands at migration 9999"):
        serve_all(settings, prefect=False)


def test_a_database_that_is_behind_is_no_workers(settings: Settings, tmp_path: Path) -> None:
    """Mutation: in `require_ready`, leave out `behind`: every statement of the worker would fail."""
    behind = f"sqlite:///{tmp_path / 'behind.db'}"
    command.upgrade(configured(behind), "0001")
    given = {**os.environ, **as_variables(settings), "MANDATE_DATABASE_URL": behind}
    program = mandate("worker")
    ended = subprocess.run(program, cwd=ROOT, env=given, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "stands at migration 0001" in ended.stderr
    assert "mandate init" in ended.stderr


def test_the_lock_is_free_when_its_holder_is_gone_and_its_file_stays(tmp_path: Path) -> None:
    """Mutation: refuse where the file exists: after a kill nobody could serve again."""
    with held(tmp_path), pytest.raises(ServiceUnavailable), held(tmp_path):
        pass
    with held(tmp_path):
        assert is_held(tmp_path)
    assert not is_held(tmp_path)


@pytest.mark.parametrize("torn", [b"", b'{"children": [', b"[]"])
def test_a_state_file_that_was_cut_off_is_passed_over(tmp_path: Path, torn: bytes) -> None:
    """Mutation: let `read_state` raise."""
    (tmp_path / STATE).write_bytes(torn)
    assert read_state(tmp_path) == {}


def test_children_are_told_what_was_set(tmp_path: Path) -> None:
    """Mutation: pass on `model_dump`: a password would arrive as asterisks."""
    settings = Settings(home=tmp_path, smtp_password="secret", head_answer_days=12)  # type: ignore[arg-type]
    told = as_variables(settings)
    assert told["MANDATE_SMTP_PASSWORD"] == "secret"
    assert told["MANDATE_HEAD_ANSWER_DAYS"] == "12"
    assert told["MANDATE_DATABASE_URL"] == f"sqlite:///{tmp_path / 'mandate.db'}"
    assert "MANDATE_CALLER" not in told


def test_each_child_is_told_of_once_when_it_is_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mutation: in `Told.note`, do not ask for the state; or `get` instead of `pop`."""

    def run(supervisor: Supervisor) -> None:
        for child in supervisor.children:
            child.process = cast("subprocess.Popen[bytes]", SimpleNamespace(pid=os.getpid()))
        supervisor.note(supervisor.children)
        for sign in (1, 2):
            for child in supervisor.children:
                child.sign = sign
            supervisor.note(supervisor.children)

    monkeypatch.setattr(serving.Supervisor, "run", run)
    serve_all(settings, prefect=True)
    assert capsys.readouterr().err.splitlines()[1:] == [
        "Nobody has an account yet. `mandate user set-up` prints the link that makes the first one.",
        f"The dashboard is at http://127.0.0.1:{settings.dashboard_port} (Ctrl-C ends it)",
        "The worker is at work.",
        f"Prefect's server answers at http://127.0.0.1:{settings.prefect_port}/api",
    ]
    assert read_state(settings.home)["prefect"] == f"http://127.0.0.1:{settings.prefect_port}/api"


def test_prefect_elsewhere_is_not_started_here(settings: Settings) -> None:
    """Mutation: start one whatever the settings say: its runs would be two servers'."""

    def names(given: Settings) -> list[str]:
        return [each.name for each in serving.duties(given, 1, prefect=True)]

    assert names(settings) == ["dashboard", "worker", "prefect"]
    elsewhere: dict[str, Any] = {"prefect_api_url": "http://prefect.example/api"}
    assert names(settings.model_copy(update=elsewhere)) == ["dashboard", "worker"]


def test_the_state_is_whole_json_at_every_moment(tmp_path: Path) -> None:
    """Mutation: write the file in place."""
    write_state(tmp_path, 1, [])
    before = (tmp_path / STATE).stat().st_ino
    write_state(tmp_path, 1, [])
    assert (tmp_path / STATE).stat().st_ino != before
    assert json.loads((tmp_path / STATE).read_text())["children"] == []
