"""docs/channels.md shows for each channel the answers that the code knows, and no other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from notifications.channels import folder, provider, smtp, webhook
from notifications.channels.taxonomy import Answer

PAGE = Path(__file__).parents[2] / "docs" / "channels.md"
CODE: dict[str, Sequence[Answer]] = {
    "smtp": smtp.ANSWERS,
    "folder": folder.ANSWERS,
    "webhook": webhook.ANSWERS,
    "provider": provider.ANSWERS,
}


def shown(channel: str) -> list[tuple[str, ...]]:
    """The rows of a channel's table on the page."""
    _, _, after = PAGE.read_text(encoding="utf-8").partition(f"<!-- answers: {channel} -->\n")
    table = after.split("\n\n", 1)[0].splitlines()[2:]
    return [tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]) for row in table]


@pytest.mark.parametrize("channel", CODE)
def test_the_page_shows_what_the_code_does(channel: str) -> None:
    """Turns red if a row of `ANSWERS` or of the page's table is changed alone."""
    assert shown(channel) == [(each.when, each.said, each.outcome.value) for each in CODE[channel]]


def test_the_page_has_a_table_for_every_channel_and_no_other() -> None:
    """Turns red if a channel is added without its table."""
    assert set(re.findall(r"<!-- answers: (\w+) -->", PAGE.read_text(encoding="utf-8"))) == set(CODE)
