"""
A school, its members and its officer in an installation of their own, with a clock that the story moves.

Every story is told on SQLite. On PostgreSQL too (`@ON_BOTH`) are told: what stands on locks, which are taken otherwise
there, that is a second case of a school and payments that are made once. In full runs also (`@FULLY_ON_BOTH`): several
schools in one ballot, and one story of each ending, so that its rows were kept there: settled with the head, settled
before the strike, a ballot lost, won and let be, kept to for a term, promised and broken. They begin on the plain
climb, so that it too is played there, up to a case that is watched.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from casework import repository
from casework.cases import Case, Pursuit
from casework.handlers import open_case
from core import settings as settings_module
from core.clock import set_stored_clock
from core.db import Database
from core.db import database as database_of_settings
from core.unit_of_work import reading, unit_of_work
from notifications.journal import NAME
from tests.builders import a_member, a_workplace, an_officer
from tests.conftest import NOON
from tests.engines import Engine, Sqlite, blank
from tests.independent.check import IN_THE_DATABASE, check
from tests.independent.left_behind import LeftBehind
from tests.stories.climb import SCENES, place_before
from tests.stories.telling import Story
from tests.stories.ways import declared, in_words, taken
from tests.stories.whole import assert_whole

At = Callable[[str], Story]
Begun = dict[tuple[str, str], tuple[Story, bytes]]
"""By engine and place: the story up to there, and the journal of what went out by then."""
ON_BOTH = pytest.mark.engines("sqlite", "postgresql")
FULLY_ON_BOTH = pytest.mark.engines("sqlite", fully="postgresql")


@pytest.fixture(scope="module", params=["sqlite"])
def engine(request: pytest.FixtureRequest, engines: Callable[[str], Engine]) -> Engine:
    """SQLite, but for the stories that are marked."""
    return engines(request.param)


@contextmanager
def living_in(folder: Path, url: str) -> Iterator[Database]:
    """An installation in a folder with the database at a URL; mail is laid as files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MANDATE_HOME", str(folder))
        patch.setenv("MANDATE_DATABASE_URL", url)
        patch.delenv("MANDATE_SMTP_HOST", raising=False)
        patch.setenv("MANDATE_LETTERS_FOLDER", str(folder / "letters"))
        patch.setenv("MANDATE_JOURNAL_FOLDER", str(folder))
        settings_module.settings.cache_clear()
        opened = database_of_settings()
        yield opened
        opened.engine.dispose()
    settings_module.settings.cache_clear()


@pytest.fixture
def database(tmp_path: Path, engine: Engine) -> Iterator[Database]:
    """An empty database at noon on 1 September 2026, found by the settings of this process."""
    with engine.lent(blank(engine)) as url, living_in(tmp_path, url) as opened:
        with unit_of_work("staff:test") as uow:
            set_stored_clock(uow.session, NOON)
        yield opened


@pytest.fixture
def story(database: Database, tmp_path: Path) -> Story:
    """Twelve teachers of a school raise two issues on 1 September 2026."""
    return raised(tmp_path)


def raised(folder: Path) -> Story:
    """Members of a school with an officer raise two issues."""
    with unit_of_work("staff:test") as uow:
        workplace = a_workplace(uow)
        an_officer(uow, workplace.association)
        for _ in range(12):
            a_member(uow, workplace)
        case_id = open_case(uow, workplace, ["meetings", "observation"], Pursuit.CONCURRENT, "story").id
    return Story(case_id, folder / "letters").work()


@pytest.fixture(scope="session")
def begun() -> Begun:
    """How far the plain climb was told on each engine; the databases are the engine's templates."""
    return {}


@pytest.fixture
def at(tmp_path: Path, engine: Engine, begun: Begun) -> Iterator[At]:
    """A story that begins at a place of the plain climb, in a copy of the database that was left there."""
    with ExitStack() as stack:

        def begins_at(place: str) -> Story:
            url = stack.enter_context(engine.lent(_template(engine, begun, tmp_path, place)))
            story, journal = _told(engine, begun, place)
            (tmp_path / NAME).write_bytes(journal)
            stack.enter_context(living_in(tmp_path, url))
            return story.again(tmp_path / "letters")

        yield begins_at


def _template(engine: Engine, begun: Begun, folder: Path, place: str) -> str:
    """Each place is played once, after the one it is reached from."""
    before = place_before(place)
    after = _template(engine, begun, folder, before) if before else blank(engine)

    def play(url: str) -> None:
        home = folder / f"before {place}"
        home.mkdir()
        story, journal = _told(engine, begun, before) if before else (None, b"")
        (home / NAME).write_bytes(journal)
        with living_in(home, url):
            told = _play(place, story, home)
        begun[engine.name, place] = told, (home / NAME).read_bytes()
        if isinstance(engine, Sqlite):
            _kept(engine, place).write_bytes(pickle.dumps(begun[engine.name, place]))

    return engine.shared(f"story at {place}", play, after)


def _told(engine: Engine, begun: Begun, place: str) -> tuple[Story, bytes]:
    """The story up to a place that has a template, whichever worker told it."""
    if (engine.name, place) not in begun and isinstance(engine, Sqlite):
        begun[engine.name, place] = pickle.loads(_kept(engine, place).read_bytes())
    return begun[engine.name, place]


def _kept(engine: Sqlite, place: str) -> Path:
    return engine.everybodys / f"story at {place}.pickle"


def _play(place: str, before: Story | None, folder: Path) -> Story:
    if before is None:
        with unit_of_work("staff:test") as uow:
            set_stored_clock(uow.session, NOON)
        return raised(folder)
    story = before.again(folder / "letters")
    SCENES[place](story)
    return story


@pytest.fixture(autouse=True)
def the_end(request: pytest.FixtureRequest) -> Iterator[None]:
    """
    At the end of every story: each case is what its events give, a reckoning apart from the product comes to the same,
    and the ways that the story declares were taken.

    Turns red if a row says otherwise than its events, or a story declares a way that none of its cases went.
    """
    told = {"database", "at"} & set(request.fixturenames)
    for name in told:
        request.getfixturevalue(name)
    yield
    if not told:
        return
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    promised = declared(request.function, parameters)
    with reading() as uow:
        assert_whole(uow)
        cases = uow.session.scalars(select(Case.id)).all()
        went = {way for case_id in cases for way in taken(repository.events_of(uow, case_id))}
    left = LeftBehind(settings_module.settings().effective_database_url, settings_module.settings().home)
    assert check(left, parts=IN_THE_DATABASE)[1] == []
    assert promised <= went, f"declared and not taken: {in_words(promised - went)}"
