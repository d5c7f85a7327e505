"""Hostile texts typed into every field there is: each is refused in words, or stored and shown as it was typed."""

from __future__ import annotations

import json
import random
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle

import pytest
from sqlalchemy import text as statement
from structlog.testing import capture_logs

from app.acts import ACTS
from app.choices import OFFERS
from casework.cases import Case
from casework.lifecycle import Stage
from casework.people.roles import Role
from core.db import Base
from tests.app.grounds import Ground, standing_on
from tests.app.hostile.payloads import PAYLOADS
from tests.app.hostile.places import FORM_FIELDS, Place, places
from tests.app.hypertext import Page
from tests.app.wire import OWN_PAGE, Reply
from tests.engines import Engine, blank, opened

SEED = 7
NO_DATABASE_KEEPS = ("\x00", "a\x00b", "\ud800", "x" * 2_001, "ﷺ" * 2_000, "x" * 70_000)
"""What PostgreSQL refuses where SQLite does not, or what is longer than its column."""
A_FEW, ALL = 90, 2_400


def ground_on(engine: Engine) -> Iterator[Ground]:
    with engine.lent(blank(engine)) as url, opened(url) as database, standing_on(database) as ground:
        yield ground


@pytest.fixture(scope="module")
def typed_on(engines: Callable[[str], Engine]) -> Iterator[Ground]:
    yield from ground_on(engines("sqlite"))


def in_an_order(count: int) -> list[Place]:
    """So many of the places, acts and whatever else taken in turn, so that a few of them are of every kind."""
    dice, kinds = random.Random(SEED), ([], [], [])  # type: ignore[var-annotated]
    for each in places():
        kinds[0 if each.act else 1 if each.door.changes else 2].append(each)
    for kind in kinds:
        dice.shuffle(kind)
    found = [each for three in zip(*(cycle(kind) for kind in kinds), range(count), strict=False) for each in three[:3]]
    return found[:count]


def ask(ground: Ground, place: Place, text: str, dice: random.Random) -> Reply:
    """The answer; an act is asked of a case that stands where it is for."""
    if place.act is not None:
        with ground.database.writing() as session:
            case = session.get_one(Case, uuid.UUID(ground.own.by_kind["Case"][0]))
            case.stage = Stage(dice.choice(sorted(place.act.stages)))
    target, sent = place.sent(text, ground.own)
    headers = {**OWN_PAGE, "idempotency-key": uuid.uuid4().hex} if place.door.is_api else OWN_PAGE
    return ground.wire.ask(place.door.method, target, ground.keys[place.role], headers=headers, **sent)


def faults(ground: Ground, place: Place, text: str, reply: Reply) -> Iterator[str]:
    """What is wrong with an answer."""
    if reply.status >= 500:
        yield f"answered {reply.status}"
    elif reply.kind == "application/json":
        if reply.status >= 400 and not reply.json.get("error"):
            yield "refused without a word"
    elif reply.kind == "text/html":
        if "<" in text.strip("<") and text in reply.text:
            yield "shows the text unescaped"
        yield from Page(reply.text).faults
    stored = place.act is not None and reply.status in {201, 303}
    if stored and "\x00" in text:
        yield "took what PostgreSQL does not keep"
    elif stored and text.strip() and "\ud800" not in text and not is_kept(ground, text.strip()):
        yield "took the text and keeps another"


def is_kept(ground: Ground, text: str) -> bool:
    """Whether some cell holds every line of the text, by itself or in what it holds as JSON."""
    lines = [line.strip() for line in re.split(r"[\r\n]+", text) if line.strip()]
    spelled = [{line, json.dumps(line)[1:-1], json.dumps(line, ensure_ascii=False)[1:-1]} for line in lines]
    with ground.database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(statement(f"SELECT * FROM {table.name}")):
                cells = (json.dumps(cell) if isinstance(cell, dict | list) else cell for cell in row)
                if any(_holds(cell, spelled) for cell in cells if isinstance(cell, str)):
                    return True
    return False


def _holds(cell: str, spelled: Iterable[Iterable[str]]) -> bool:
    return all(any(each in cell for each in line) for line in spelled)


def typed(ground: Ground, some: Sequence[tuple[Place, str]]) -> Counter[int]:
    """How often each status was answered; fails with what was wrong."""
    dice, statuses, wrong = random.Random(SEED), Counter[int](), []
    for place, text in some:
        with capture_logs() as logged:
            reply = ask(ground, place, text, dice)
        statuses[reply.status] += 1
        told = place.act.name if place.act else ""
        found = [
            *faults(ground, place, text, reply),
            *(["logs the text"] if len(text) > 12 and text in str(logged) else []),
        ]
        wrong += [f"{place.door.name} {told} {place.name} {text[:40]!r}: {each} {logged[-1:]}" for each in found]
    assert not wrong, f"{len(wrong)} faults\n" + "\n".join(wrong[:20])
    return statuses


def test_the_fields_are_known() -> None:
    """Red when a form is read in another way than `names_of_forms` knows."""
    assert {"url", "label", "ballot", "name", "email", "how"} <= set(FORM_FIELDS)
    assert {"q", "employer"} & {each.name for each in places() if not each.door.changes}
    assert {"reason", "note", "postal_lines", "evidence"} <= {each.name for each in places() if each.act}


@pytest.mark.parametrize("count", [A_FEW, pytest.param(ALL, marks=pytest.mark.full)])
def test_fm_33_every_text_in_every_field_is_refused_or_stays_as_it_is(typed_on: Ground, count: int) -> None:
    """
    Turns red if `Facts.plain_text` or the length of a text is given up, a template marks a value `safe`, or a route
    takes a word into its query as it came.
    """
    texts = random.Random(SEED).sample(PAYLOADS, len(PAYLOADS))
    statuses = typed(typed_on, list(zip(in_an_order(count), cycle(texts))))
    assert statuses[201] + statuses[303] > count // 40
    assert statuses[422] > count // 10


def test_the_form_of_each_act_that_offers_answers_opens_on_postgresql(engines: Callable[[str], Engine]) -> None:
    """Red when what an act offers is asked for by a DISTINCT over a row that holds JSON: SQLite takes it."""
    offering = [act for act in ACTS.values() if not OFFERS.keys().isdisjoint(act.facts.model_fields)]
    for ground in ground_on(engines("postgresql")):
        case, key = ground.own.by_address["cases/{ref}"], ground.keys
        for act in offering:
            role = next(each for each in Role if each in act.roles)
            assert ground.wire.ask("GET", f"/cases/{case}?act={act.name}", key[role]).status == 200, act.name
    assert "payment_batch_released" in {act.name for act in offering}


@pytest.mark.parametrize("name", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def test_what_no_database_keeps_is_refused_in_words(
    engines: Callable[[str], Engine], request: pytest.FixtureRequest, name: str
) -> None:
    """Red when a NUL, half a surrogate pair or what is longer than its column comes as far as the database."""
    if name == "sqlite":
        some = list(zip(in_an_order(len(NO_DATABASE_KEEPS) * 5), cycle(NO_DATABASE_KEEPS)))
        typed(request.getfixturevalue("typed_on"), some)
        return
    for ground in ground_on(engines(name)):
        typed(ground, list(zip(dict.fromkeys(places()), cycle(NO_DATABASE_KEEPS))))
