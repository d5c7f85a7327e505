"""Texts that reach for what is none of theirs: as facts they stay words, as supplied texts they are refused by name."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import ConfigurationError
from core.settings import settings
from notifications import supplied
from notifications.lifecycle import Medium
from notifications.messages import message_kind
from notifications.rendering import render
from tests.app.hostile.payloads import TEMPLATES, TYPESETTING
from tests.notifications.samples import RECIPIENTS, page

TEXTS = Path(__file__).parent / "texts"
SECRET = "a-secret-that-no-text-may-hold"
KIND = "claim_paid"
REACHING = (
    "''.__class__",
    "''|attr('__class__')",
    "''['__class__']",
    "().__class__.__base__.__subclasses__()",
    "cycler.__init__.__globals__",
    "joiner.__init__.__globals__.os.environ",
    "namespace.__init__.__globals__",
    "lipsum.__globals__['os'].environ",
    "dict.__mro__",
    "range.__class__",
    "self.__init__.__globals__",
    "self._TemplateReference__context",
    "self|attr('_TemplateReference__context')",
    "union.__class__",
    "union.keys.__self__.__class__",
    "law.__init__",
    "months.append.__self__.__class__",
    "dated.format.__globals__",
    "'{0.__class__.__mro__}'.format(union)",
    "'{0[__class__]}'.format(union)",
    "'{a.__class__}'.format_map({'a': union})",
    "('{0.__class__}'|attr('format'))(union)",
    "['{0.__class__}']|map('format', union)|list",
    "[union]|map(attribute='__class__')|list",
    "[union]|map('attr', '__class__')|list",
    "[union]|selectattr('__class__')|list",
    "[union]|groupby('__class__')|list",
    "[union]|sort(attribute='__class__')|list",
    "''.__class__.__mro__[1].__subclasses__()",
    "config",
    "request.application.__globals__",
    "settings().signing_secret",
    "__import__('os').environ",
    "get_flashed_messages.__globals__",
    "number.__globals__",
    "caller.__globals__",
    "environment",
    "(1).__class__.__bases__",
    "law.update({'a': 1})",
    "words.clear()",
    "words.pop('date')",
    "months.append('Octember')",
    "months.sort()",
    "range(999999999)|list",
    "1 // 0",
    "'%c'|format(99999999999)",
    "{}['nothing'].more",
    "[][1]",
    "'a'.center('b')",
)
STATEMENTS = (
    "{% include '/etc/passwd' %}",
    "{% include '../../../../../../etc/passwd' %}",
    "{% include '..\\\\..\\\\etc\\\\passwd' %}",
    "{% import 'os' as os %}{{ os.environ }}",
    "{% from 'os' import environ %}",
    "{% extends '/etc/passwd' %}",
    "{% set union.name = 'another' %}",
    "{% set x = namespace(a=''.__class__) %}{{ x.a }}",
    "{% for each in ''.__class__.__mro__ %}{{ each }}{% endfor %}",
    "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{{ m() }}",
    "{% call(a) lipsum.__globals__ %}{% endcall %}",
    "{% filter attr('__class__') %}x{% endfilter %}",
    "{% with a = ().__class__ %}{{ a.__base__ }}{% endwith %}",
    "{% do union.clear() %}",
    "{% debug %}",
)
THROUGH_TEMPLATES = (*(f"{{{{ {each} }}}}" for each in REACHING), *STATEMENTS)


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation's folder of texts, with the Welsh texts for tests, and a secret beside them."""
    folder = tmp_path / "texts"
    shutil.copytree(TEXTS, folder)
    (folder / "cy" / "secret.txt").write_text(SECRET)
    monkeypatch.setenv("MANDATE_TEXTS_FOLDER", str(folder))
    monkeypatch.setenv("MANDATE_SIGNING_SECRET", SECRET)
    settings.cache_clear()
    yield folder
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize("text", THROUGH_TEMPLATES)
def test_fm_32_a_supplied_text_reaches_the_facts_and_nothing_else(texts: Path, text: str) -> None:
    """
    Refused in words, or what it says is words. Turns red if supplied texts are read outside the sandbox, if the
    loader follows a path out of its folders, or if what a text works out ends in a fault of the program.
    """
    body = texts / "cy" / KIND / "body.txt.j2"
    body.write_text(f"{body.read_text()}\n{text}\n")
    try:
        supplied.require_usable(message_kind(KIND), "cy")
    except ConfigurationError:
        return
    said = render(replace(page(KIND), recipient=replace(RECIPIENTS["member"], language="cy")), Medium.MAIL)
    for hidden in (SECRET, "<class", "<module", "<bound", "<function", "<built-in", "root:", "environ"):
        assert hidden not in said.body.decode(), said.body.decode()[-500:]


@pytest.mark.parametrize(
    "text", ["law.update({'a': 1})", "words.clear()", "months.append('Octember')", "months.sort()"]
)
def test_fm_32_a_supplied_text_changes_nothing_that_it_is_given(texts: Path, text: str) -> None:
    """Turns red if the sandbox is one that lets a text change lists and tables (`SandboxedEnvironment`)."""
    body = texts / "cy" / KIND / "body.txt.j2"
    body.write_text(f"{body.read_text()}\n{{{{ {text} }}}}\n")
    with pytest.raises(ConfigurationError, match=KIND):
        supplied.require_usable(message_kind(KIND), "cy")


def test_a_supplied_text_that_reaches_for_nothing_is_taken(texts: Path) -> None:
    """Turns red if every text in that folder is refused: the test above would then hold nothing."""
    body = texts / "cy" / KIND / "body.txt.j2"
    body.write_text(f"{body.read_text()}\n{{{{ union.name }}}} {{{{ 1 + 1 }}}}\n")
    supplied.require_usable(message_kind(KIND), "cy")
    said = render(replace(page(KIND), recipient=replace(RECIPIENTS["member"], language="cy")), Medium.MAIL)
    assert said.body.decode().rstrip().endswith(" 2")


def test_fm_32_a_fact_is_never_a_template() -> None:
    """Turns red if a fact is read as a template before it is set into one."""
    for text in (*TEMPLATES, *TYPESETTING, *THROUGH_TEMPLATES):
        assert text in render(page("case_reopened", evidence=text), Medium.MAIL).body.decode()
