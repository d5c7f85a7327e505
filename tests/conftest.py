"""Fixtures that every test may ask for: a database of its own, a unit of work, a stopped clock."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import hypothesis
import pytest

from core.db import Database
from core.settings import settings
from core.unit_of_work import UnitOfWork, unit_of_work
from tests import environment
from tests.demonstration import demonstration
from tests.engines import Engine, Postgresql, Sqlite, blank, compiled_once, opened
from tests.postgres import Absent, Server, running

__all__ = ["demonstration"]
gc.disable()  # until all is loaded
NOON = datetime(2026, 9, 1, 11, 0, tzinfo=UTC)
# The same examples for everybody, so that whoever changed something sees what they changed, however slow the machine;
# `--hypothesis-profile=default` looks for others.
hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None, max_examples=40)
hypothesis.settings.load_profile("fixed")


def pytest_collection(session: pytest.Session) -> None:
    """
    Each worker of a run imports the tests from another place on, before it collects them: what pytest makes of a file's
    asserts takes longer than all else on a fresh clone, and what one has made the others find.
    """
    told = getattr(session.config, "workerinput", None)
    if told is None:
        return
    files = [file for each in session.config.args for file in _files_of(session.config.invocation_params.dir / each)]
    begins = len(files) * int(told["workerid"].removeprefix("gw")) // int(told["workercount"])
    for file in files[begins:] + files[:begins]:
        # Whatever is wrong with one is told when it is collected.
        with suppress(Exception, pytest.skip.Exception):
            import_module(".".join(file.relative_to(session.config.rootpath).with_suffix("").parts))


def _files_of(named: Path) -> list[Path]:
    return sorted(named.rglob("test_*.py")) if named.is_dir() else []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    Full runs are left out unless the marker expression names them. The files with slow tests come first, so that no
    worker is left with one of them when the others have done; of these first those that want Prefect's server, one
    after the other, so that no worker starts it twice.
    """
    if "full" not in str(config.getoption("markexpr")):
        full = [item for item in items if item.get_closest_marker("full") is not None]
        config.hook.pytest_deselected(items=full)
        items[:] = [item for item in items if item.get_closest_marker("full") is None]
    slow = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("browser")}
    served = {item.path for item in items if "server" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: (item.path not in served, item.path not in slow))


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """
    A test runs on the engines of the nearest mark `engines`: its own before that of its file; on the one that the mark
    names as `fully` in full runs only.
    """
    mark = metafunc.definition.get_closest_marker("engines")
    if mark is not None and "engine" in metafunc.fixturenames:
        fully = [pytest.param(name, marks=pytest.mark.full) for name in mark.kwargs.values()]
        metafunc.definition.add_marker(pytest.mark.parametrize("engine", [*mark.args, *fully], indirect=True))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """What was loaded by now stays to the end: nothing need look through it for garbage, and nothing has till now."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def statements_are_compiled_once() -> Iterator[None]:
    """For all databases of the session."""
    with compiled_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of an installation that no test sees as its own: nothing is laid in that of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MANDATE_HOME", str(tmp_path_factory.mktemp("nobodys-home")))
        patch.delenv("MANDATE_DATABASE_URL", raising=False)
        settings.cache_clear()
        yield settings().home
    settings.cache_clear()


@pytest.fixture(scope="module", autouse=True)
def leaves_no_setting_behind(nobodys_home: Path) -> Iterator[None]:
    """A setting that outlives its file steers the tests of others, in an order that nobody chose."""
    before = environment.told()
    yield
    assert environment.told() == before


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The session's PostgreSQL server; without one, what needs it is skipped and says what to install or set."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running())
        except Absent as absent:
            pytest.skip(str(absent))
        yield server


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable[[str], Engine]:
    """The engine of a name, with the templates that this session made on it."""
    own = tmp_path_factory.mktemp("sqlite")
    workers = tmp_path_factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made: dict[str, Engine] = {"sqlite": Sqlite(own, workers)}

    def named(name: str) -> Engine:
        if name not in made:
            made[name] = Postgresql(request.getfixturevalue("postgres"))
        return made[name]

    return named


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, engines: Callable[[str], Engine]) -> Engine:
    """Each engine in turn. A test about one alone says `parametrize("engine", ["sqlite"], indirect=True)`."""
    return engines(request.param)


@pytest.fixture
def database(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """An empty database with every table that has been imported, in a home of its own."""
    monkeypatch.setenv("MANDATE_HOME", str(tmp_path))
    settings.cache_clear()
    with engine.lent(blank(engine)) as url, opened(url) as database:
        yield database
    settings.cache_clear()


@pytest.fixture
def uow(database: Database) -> Iterator[UnitOfWork]:
    """A unit of work at noon on 1 September 2026."""
    with unit_of_work("staff:test", as_of=NOON, on=database) as unit:
        yield unit
