"""
The API held to its own description: whatever is sent, no answer is a fault of the program, and each is one that the
description tells of. What is sent is made up from the description (schemathesis), half of it about rows that are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select

from core.clock import set_stored_clock
from core.db import Database
from core.settings import settings as configured
from core.unit_of_work import reading, unit_of_work
from notifications.models import Notice
from tests.app.api_schema import api_of, described
from tests.app.test_pages import at_ballot, at_head
from tests.engines import Engine, blank, opened

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES, MANY = 3, 150
STANDS_AT = datetime(2026, 9, 8, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def standing(engines: Callable[[str], Engine], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with a case at its head teacher and one at its ballot."""
    engine = engines("sqlite")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MANDATE_HOME", str(tmp_path_factory.mktemp("api")))
        configured.cache_clear()
        with engine.lent(blank(engine)) as url, opened(url) as database:
            with unit_of_work("staff:test", on=database) as uow:
                set_stored_clock(uow.session, STANDS_AT)
            for maker in (at_head, at_ballot):
                with unit_of_work("staff:test", on=database) as uow:
                    maker(uow)
            yield database
    configured.cache_clear()


@pytest.fixture(scope="module")
def api(standing: Database) -> Any:
    """The API over that database."""
    return api_of(standing)


@pytest.fixture(scope="module")
def there(standing: Database) -> dict[str, str]:
    """A value for each name in a path that leads to a row which is there."""
    with reading(on=standing) as uow:
        notice = uow.session.scalars(select(Notice.id).limit(1)).first()
    return {
        "ref": "2026-0002",
        "notice_id": str(notice),
        "kind": "members",
        "act": "head_met",
        "parameter": "ballots.action_notice_days",
    }


@pytest.mark.parametrize(("path", "method"), described())
def test_answers_are_as_described(api: Any, there: dict[str, str], path: str, method: str) -> None:
    """Red when a list's `limit` is read with `int` by hand, when a route forgets its model, or a case its key."""
    asked(api, there, path, method, EXAMPLES)


@pytest.mark.full
@pytest.mark.parametrize(("path", "method"), described())
def test_answers_are_as_described_whatever_is_sent(api: Any, there: dict[str, str], path: str, method: str) -> None:
    """The same with many more."""
    asked(api, there, path, method, MANY)


def asked(api: Any, there: dict[str, str], path: str, method: str, examples: int) -> None:
    operation = api[path][method.upper()]
    cases = st.one_of(operation.as_strategy(mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE))

    @settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=cases, real=st.booleans())
    def ask(case: Any, real: bool) -> None:
        if real:
            case.path_parameters.update({name: there[name] for name in case.path_parameters if name in there})
        case.call_and_validate(checks=CHECKS)

    ask()
