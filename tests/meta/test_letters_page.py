"""docs/letters.md names every kind of message, and says of each what its message.yaml says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from notifications.messages import message_kind, registry

PAGE = (Path(__file__).parents[2] / "docs" / "letters.md").read_text(encoding="utf-8")
ROWS = {
    cells[0].strip("` "): [cell.strip() for cell in cells[1:]]
    for cells in (line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| `"))
}


def test_every_kind_has_its_row() -> None:
    """Turns red if a kind is added and the page does not say who is sent it, when and how."""
    assert ROWS.keys() == registry().keys()


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_row_says_what_the_message_says(name: str) -> None:
    """Turns red if proof, approval or the call of a kind changes and the page does not."""
    kind = message_kind(name)
    _, when, how, proof, marks = ROWS[name]
    assert when
    assert proof == (kind.proof.value if kind.proof else "")
    assert ("statutory" in marks) is kind.statutory
    assert ("calls" in marks) is kind.calls_to_action
    for word, medium in (("letter", "letter"), ("mail", "mail")):
        assert medium in kind.media or word not in how


def test_the_pictures_are_there() -> None:
    """Turns red if the page shows a picture that `make letters` does not lay."""
    for picture in re.findall(r"\]\((letters/[^)]+)\)", PAGE):
        assert (Path(__file__).parents[2] / "docs" / picture).read_bytes().startswith(b"\x89PNG")
