"""Search: what is found by which words, in step with the register, within a role's reach, whatever is typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from app.search import HitKind, search
from casework import disputes, repository
from casework.cases import Case
from casework.people.roles import Grant, Role
from casework.register.employers import EmployerKind
from casework.register.models import Employer, Workplace
from casework.register.search_index import SearchEntry, words_of
from core.db import Database
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from tests.app.conftest import Command
from tests.app.signed_in import signed_in
from tests.builders import a_case, a_member, a_workplace, an_association, an_employer

pytestmark = pytest.mark.engines("sqlite", "postgresql")

Made = Callable[[Callable[[UnitOfWork], Case]], str]
HOSTILE = [
    "", "   ", "\x00", "a\x00b", '"', "'", '"parl', "parl*", "AND", "OR NOT", "NEAR(a b)", "name:hill", "{a b}: c",
    "-hill", "a^2", "parl & hill", "parl | !hill", ":*", "<->", "\\", "%", "_", "%%%", "'; DROP TABLE cases; --",
    "(" * 200, "\u202e\u0000x", "ź" * 300, "x" * 10_000, "hill " * 5_000, "😀", "\ud7ff", "(SELECT 1)",
]  # fmt: skip


@pytest.fixture
def database(migrated: Database) -> Database:
    """What the migrations make; the tables of other tests are made from the code."""
    return migrated


def hill(uow: UnitOfWork, **changes: Any) -> Case:
    employer = changes.pop("employer", None) or an_employer(uow, name="London Borough of Camden")
    values = {
        "name": "Parliament Hill School",
        "la_name": "Camden",
        "postal_lines": ["Highgate Road", "Dartmouth Park"],
    }
    return a_case(uow, a_workplace(uow, employer=employer, postcode="NW5 1RL", **{**values, **changes}))


def found(database: Database, words: str) -> list[tuple[HitKind, str]]:
    with reading(on=database) as uow:
        return [(hit.kind, hit.title) for hit in search(uow, words).hits]


def kinds(database: Database, words: str) -> set[HitKind]:
    return {kind for kind, _ in found(database, words)}


def test_a_school_and_its_case_are_found_by_name_town_and_postcode(database: Database, made: Made) -> None:
    """Turns red if a column is left out of the words, or a word has to be whole."""
    ref = made(hill)
    both = {(HitKind.CASE, f"{ref}, Parliament Hill School"), (HitKind.WORKPLACE, "Parliament Hill School")}
    for words in ("parliament hill", "HILL parl", "camden", "highgate", "dartmouth pa", "nw5 1rl", "“Hill”, Parl"):
        assert both <= set(found(database, words)), words


def test_every_word_has_to_begin_a_word(database: Database, made: Made) -> None:
    """Turns red if any of the words suffices, or stands in the middle of one."""
    made(hill)
    for words in ("arliament", "hill oxford", "parliament school zoo"):
        assert found(database, words) == [], words


def test_references_numbers_and_employers_are_found(database: Database, made: Made) -> None:
    """Turns red if a case is found by its school only, or an employer's name leads to no case."""
    ref = made(hill)
    made(lambda uow: hill(uow, name="Elsewhere Primary", la_name="Leeds"))
    with reading(on=database) as uow:
        urn = uow.session.scalars(select(Workplace.urn).where(Workplace.name == "Parliament Hill School")).one()
    assert found(database, ref)[0] == (HitKind.CASE, f"{ref}, Parliament Hill School")
    assert (HitKind.CASE, f"{ref}, Parliament Hill School") in found(database, ref[:6])
    assert kinds(database, str(urn)) == {HitKind.CASE, HitKind.WORKPLACE}
    assert kinds(database, "borough camden") == {HitKind.CASE, HitKind.EMPLOYER}


def test_disputes_and_employers_lead_to_their_own_pages(client: TestClient, made: Made, database: Database) -> None:
    """Turns red if a dispute is told without whom it is with, or what is found leads elsewhere than its page."""
    ref = made(hill)
    with unit_of_work("staff:test", on=database) as uow:
        dispute = disputes.declare(uow, repository.find(uow, ref), ["meetings"]).ref
    with reading(on=database) as uow:
        (hit,) = search(uow, dispute).hits
        employer = search(uow, "borough").of(HitKind.EMPLOYER)[0].href
    assert (hit.says, hit.href) == ("London Borough of Camden", f"/disputes/{dispute}")
    assert client.get(hit.href).status_code == client.get(employer).status_code == 200
    assert employer.startswith("/employers/")


def test_accents_and_signs_make_no_difference(database: Database, made: Made) -> None:
    """Turns red if the index folds accents and the words typed do not, or the other way round."""
    named = {"Ysgol Gyfun Gŵyr": "gwyr", "École Saint-Éxupéry": "ecole exup", "St Mary’s": "mary s"}
    for name, typed in named.items():
        made(lambda uow, name=name: hill(uow, name=name))
        for words in (typed, name, typed.upper()):
            assert (HitKind.WORKPLACE, name) in found(database, words)


def test_the_index_follows_every_change(database: Database, made: Made) -> None:
    """Turns red if one of the triggers is taken out of the migration."""
    made(hill)
    with unit_of_work("staff:test", on=database) as uow:
        school = uow.session.scalars(select(Workplace).where(Workplace.name == "Parliament Hill School")).one()
        school.name = "Hampstead Heath Academy"
        uow.session.flush()
        uow.session.execute(update(Employer).where(Employer.id == school.employer_id).values(name="Heath Trust"))
    assert HitKind.WORKPLACE not in kinds(database, "parliament")
    assert HitKind.WORKPLACE in kinds(database, "hampstead")
    assert (HitKind.EMPLOYER, "Heath Trust") in found(database, "trust")
    assert HitKind.EMPLOYER not in kinds(database, "borough")
    with unit_of_work("staff:test", on=database) as uow:
        spare = an_employer(uow, name="Spare Trust")
        gone = a_workplace(uow, name="Gone School", employer=spare)
        uow.session.execute(delete(Workplace).where(Workplace.id == gone.id))
        uow.session.execute(delete(Employer).where(Employer.id == spare.id))
    assert found(database, "gone") == found(database, "spare") == []


def test_an_import_is_found_at_once(database: Database, command: Command, tmp_path: Path) -> None:
    """Turns red if rows that go in by the thousand pass the triggers by."""
    extract = Path("casework/register/bundled/register_extract.csv")
    few = tmp_path / "few.csv"
    few.write_bytes(b"".join(extract.read_bytes().splitlines(keepends=True)[:40]))
    assert command("import", "workplaces", few).code == 0
    with reading(on=database) as uow:
        names = uow.session.scalars(select(Workplace.name)).all()
        assert uow.session.query(SearchEntry).count() == len(names) + uow.session.query(Employer).count()
        for name in names:
            assert name in {hit.title for hit in search(uow, name).hits}


def test_a_case_of_another_association_is_not_found(database: Database, made: Made) -> None:
    """Turns red if a case is looked for past the narrowing, by whatever it is named."""
    ref = made(hill)
    with unit_of_work("staff:test", on=database) as uow:
        elsewhere = an_association(uow).id
    for role in (Role.ASSOCIATION_SECRETARY, Role.CASEWORKER, Role.BALLOT_TEAM):
        with signed_in(database, Grant(role, elsewhere)) as client:
            for words in (ref, "parliament", "borough"):
                hits = client.get("/api/search", params={"q": words}).json()["hits"]
                assert not [hit for hit in hits if hit["kind"] == "case"], words
                assert f"/cases/{ref}" not in client.get("/search", params={"q": words}).text
            [employer] = client.get("/api/search", params={"q": "borough"}).json()["hits"]
            assert employer["says"] == "0 cases that you see"


def test_no_member_is_found(database: Database, made: Made) -> None:
    """Turns red if the names of people get into the index."""
    made(hill)
    with unit_of_work("staff:test", on=database) as uow:
        school = uow.session.scalars(select(Workplace)).first()
        assert school
        member = a_member(uow, school, name="Zebedee Quillfeather")
        number = member.membership_number
        school.email = "zebedee@example.org"
    assert found(database, "zebedee") == found(database, "quillfeather") == found(database, number) == []


def test_whatever_is_typed_is_only_words(client: TestClient, made: Made) -> None:
    """Turns red if a quote, an operator or a NUL reaches the query, or a long text is looked for whole."""
    made(hill)
    for typed in HOSTILE:
        page = client.get("/search", params={"q": typed})
        assert page.status_code == 200, typed[:20]
        assert len(page.text) < 60_000
        assert client.get("/api/search", params={"q": typed}).status_code == 200


@given(typed=st.text(max_size=60))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_at_all_is_looked_for(database: Database, typed: str) -> None:
    """Turns red if some letter makes a query that the database refuses."""
    assert len(words_of(typed)) <= 10
    found(database, typed)


def test_the_page_shows_by_kind_and_says_when_nothing_is_found(client: TestClient, made: Made) -> None:
    """Turns red if an empty answer is an empty page, or what was typed is shown unescaped."""
    ref = made(hill)
    shown = client.get("/search", params={"q": "hill"}).text
    assert shown.index("Cases") < shown.index(f"/cases/{ref}") < shown.index('id="found-workplace"')
    nothing = client.get("/search", params={"q": "<script>zzz"}).text
    assert "Nothing that you can see has" in nothing
    assert "<script>zzz" not in nothing
    assert 'action="/search"' in client.get("/").text


def test_the_command_finds_the_same(
    client: TestClient, command: Command, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if the command has a search of its own."""
    monkeypatch.setenv("COLUMNS", "200")
    made(hill)
    told = command("search", "parliament", "hill", "--json").document
    assert told["hits"] == client.get("/api/search", params={"q": "parliament hill"}).json()["hits"]
    assert "Parliament Hill School" in command("search", "hill").out
    assert "Nothing is found" in command("search", "zoo").out


def test_no_more_than_so_many_of_a_kind(database: Database, made: Made) -> None:
    """Turns red if the limit is left out, or nobody is told that there are more."""

    def many(uow: UnitOfWork) -> Case:
        employer = an_employer(uow, kind=EmployerKind.LOCAL_AUTHORITY)
        for each in range(25):
            a_workplace(uow, name=f"Common School {each}", employer=employer)
        return hill(uow)

    made(many)
    with reading(on=database) as uow:
        told = search(uow, "common", 20)
        assert (len(told.of(HitKind.WORKPLACE)), told.more) == (20, (HitKind.WORKPLACE,))


def test_the_newest_case_comes_first_past_the_ten_thousandth_too(database: Database, made: Made) -> None:
    """Red if references are ordered as text."""
    refs = ["2027-0001", "2026-10000", "2026-9999"]
    with unit_of_work("staff:test", on=database) as uow:
        for ref in (refs[2], refs[0], refs[1]):
            hill(uow).ref = ref
    assert [text.split(",")[0] for kind, text in found(database, "hill") if kind is HitKind.CASE] == refs


def test_tables_made_from_the_code_have_the_same_triggers(database: Database) -> None:
    """Turns red when the copy in the migration and the statements in the code part."""
    names = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'search%' ORDER BY name"
    if database.engine.dialect.name == "postgresql":
        names = "SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'search%' ORDER BY proname"
    from casework.register import search_index

    stated = " ".join(search_index.POSTGRESQL if "pg_proc" in names else search_index.SQLITE)
    with database.reading() as session:
        rows = session.execute(text(names)).tuples().all()
    assert all(" ".join(str(body).split()) in " ".join(stated.split()) for _, body in rows)
    made = re.findall(r"CREATE (?:FUNCTION|TRIGGER) (\w+)", " ".join(search_index.SQLITE))
    if "pg_proc" in names:
        made = re.findall(r"CREATE FUNCTION (\w+)", stated)
    assert [name for name, _ in rows] == sorted(made), "and no more of one than of the other"
