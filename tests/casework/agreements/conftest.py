"""A case that settled with the head teacher over two issues."""

from __future__ import annotations

import pytest

from casework.cases import Case
from core.unit_of_work import UnitOfWork
from tests.builders import SETTLED_WITH_HEAD, a_case, happen


@pytest.fixture
def case(uow: UnitOfWork) -> Case:
    """A case at the stage settled, over meetings and email."""
    case = a_case(uow, issues=("meetings", "email"))
    happen(uow, case, *SETTLED_WITH_HEAD)
    return case
