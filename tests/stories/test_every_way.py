"""Every way through the ladder is told by a story."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from casework.lifecycle import TRANSITIONS, Transition
from tests import stories
from tests.stories.ways import all_declared, in_words, way, ways


def told() -> set[Transition]:
    """What the stories of this folder declare; each is held to its word at its own end."""
    found: set[Transition] = set()
    for module in pkgutil.iter_modules(stories.__path__):
        if module.name.startswith("test_"):
            for named in vars(importlib.import_module(f"{stories.__name__}.{module.name}")).values():
                found |= all_declared(named)
    return found


def test_every_way_is_told() -> None:
    """Turns red if the table gains a row that no story takes, or a story that alone took one is deleted."""
    assert in_words(set(TRANSITIONS) - told()) == []


def test_a_declaration_is_read_with_each_parameter() -> None:
    @ways("{place} case_rested", "settled case_woken")
    @pytest.mark.parametrize("place", ["raised", "settled"])
    def a_story(place: str) -> None:
        """Rests."""

    assert all_declared(a_story) == {way("raised case_rested"), way("settled case_rested"), way("settled case_woken")}


def test_a_way_that_the_table_does_not_have_is_no_way() -> None:
    with pytest.raises(AssertionError, match="no row raised strike_over"):
        way("raised strike_over")
