"""Every message has its folder, compiles, and shows what it must."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import meta

from notifications.facts import LINE_BREAK
from notifications.lifecycle import Medium
from notifications.messages import TEMPLATES, message_kind, registry
from notifications.rendering import _environment, render, words_of_letter
from tests.notifications.samples import EXAMPLE_LETTERS, EXAMPLES, SAMPLES, kind_of, page

STATUTORY = {"notice_of_ballot", "notice_of_action", "sample_voting_paper"}
EVERY_PAGE = {"union", "recipient", "dated", "law", "acknowledge", "language", "words", "months", "wants_receipt"}


def test_every_folder_is_a_message_and_every_message_has_a_sample() -> None:
    """
    A folder without `message.yaml` would never be found.
    """
    folders = {path.name for path in TEMPLATES.iterdir() if not path.name.startswith("_")}

    assert folders == set(registry()) == {kind_of(sample) for sample in SAMPLES}


def test_the_statutory_notices_are_these() -> None:
    """
    Those which nobody may queue without approval.
    """
    assert {kind.name for kind in registry().values() if kind.statutory} == STATUTORY


@pytest.mark.parametrize("name", registry())
def test_a_message_has_the_templates_of_its_media(name: str) -> None:
    """
    A subject always; the text that travels by mail, and on letterhead where there is no letter.
    """
    kind = message_kind(name)

    assert (kind.folder / "subject.txt.j2").exists()
    assert (kind.folder / "body.txt.j2").exists()
    assert set(kind.media) >= {Medium.MAIL, Medium.LETTER}
    assert kind.has_letter or not kind.statutory


@pytest.mark.parametrize("name", registry())
def test_what_a_message_file_names_are_facts_of_it(name: str) -> None:
    """
    What must be shown and what others need are facts.
    """
    kind = message_kind(name)
    names = {fact.name for fact in kind.facts}

    assert set(kind.must_show) <= names
    assert "reference" in kind.must_show
    assert {fact for by_value in kind.needs.values() for needed in by_value.values() for fact in needed} <= names


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.glob("[!_]*/*.j2")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_a_text_template_asks_only_for_facts_of_its_message(path: Path) -> None:
    """
    Also on the branches that no sample takes.
    """
    kind = message_kind(path.parent.name)
    asked = meta.find_undeclared_variables(
        _environment(TEMPLATES, laid_out=False, supplied=False).parse(path.read_text())
    )

    assert asked <= {fact.name for fact in kind.facts} | EVERY_PAGE


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("medium", Medium)
def test_every_message_renders_in_every_medium(sample: str, medium: Medium) -> None:
    """
    Under strict undefined, with a subject of one line.
    """
    rendered = render(page(sample), medium)

    assert rendered.body
    assert not LINE_BREAK.search(rendered.subject_line)
    assert len(rendered.subject_line) < 120
    assert "None" not in rendered.subject_line


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_message_shows_a_null_or_a_gap(sample: str) -> None:
    """
    An optional fact that is not there leaves no word of itself behind.
    """
    said = render(page(sample), Medium.MAIL).body.decode()

    for trace in ("None", "null", "undefined", "  \n\n\n", "\n\n\n\n"):
        assert trace not in said
    assert "none" not in words_of_letter(page(sample)).split()


@pytest.mark.parametrize(("name", "sample"), EXAMPLE_LETTERS.items())
def test_the_examples_in_the_documentation_are_what_is_rendered(name: str, sample: str) -> None:
    """
    Whoever changes a template lays the new letter there: `python -m tests.notifications.samples`.
    """
    assert (EXAMPLES / name).read_bytes() == render(page(sample), Medium.LETTER).body
