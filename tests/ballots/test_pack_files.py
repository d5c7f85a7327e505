"""Packs read from files, refused with a sentence, and written back."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballots.mandate import ActionKind, Pattern
from ballots.pack import (
    ActionNotice,
    Ballot,
    BallotNotice,
    BallotResult,
    Call,
    Dispute,
    EmployerTerms,
    LegalForm,
    Pack,
    Period,
    PlannedAction,
    QuestionCount,
    Register,
    SamplePaper,
    Scope,
    ScrutineerFile,
    Suspension,
    VotingPaper,
    Workplace,
)
from ballots.pack_files import LARGEST, read_pack_file
from ballots.pack_reading import EARLIEST, LATEST, MOST, read_pack
from ballots.pack_writing import as_json, as_mapping, as_toml
from ballots.result import Service
from ballots.timetable_facts import VotingMethod
from core.errors import BadInput
from core.nations import Nation
from tests.ballots.lint.packs import BASES, GONE, mapping_of, pack_of

DAYS = st.dates(EARLIEST, LATEST)
TIMES = st.datetimes(datetime(1000, 1, 1), datetime(9000, 12, 31)).map(  # noqa: DTZ001 - London time, as packs have it
    lambda moment: moment.replace(microsecond=0)
)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
COUNTS = st.integers(0, MOST)
FIGURES = st.none() | st.dictionaries(WORDS, COUNTS, max_size=3)


def listed(entry: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(entry, max_size=3).map(tuple)


def maybe(entry: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | entry


def kept_in_order(built: type, **fixed: Any) -> st.SearchStrategy[Any]:
    """Something that starts and ends, in that order."""
    return st.tuples(TIMES, TIMES).flatmap(
        lambda pair: st.builds(built, starts=st.just(min(pair)), ends=st.just(max(pair)), **fixed)
    )


KINDS = st.sampled_from(ActionKind)
PARTICULARS: dict[str, Any] = {
    "employer": WORDS,
    "received": DAYS,
    "total": maybe(COUNTS),
    "categories": listed(WORDS),
    "workplaces": listed(st.integers(1, MOST)),
    "by_category": FIGURES,
    "by_workplace": FIGURES,
    "explanation": maybe(WORDS),
}
DISPUTES = st.builds(
    Dispute,
    nation=st.sampled_from(Nation),
    matters=listed(WORDS),
    settled_on=maybe(DAYS),
    workplaces=listed(st.builds(Workplace, urn=st.integers(1, MOST), employer=WORDS, name=maybe(WORDS))),
    employers=st.dictionaries(
        WORDS,
        st.builds(
            EmployerTerms,
            kind=maybe(st.sampled_from(LegalForm)),
            agrees_shorter_notice=st.booleans(),
            agrees_longer_mandate_until=maybe(DAYS),
        ),
        max_size=2,
    ),
)
BALLOTS = st.tuples(DAYS, DAYS).flatmap(
    lambda days: st.builds(
        Ballot,
        opens=st.just(min(days)),
        closes=st.just(max(days)),
        method=st.sampled_from(VotingMethod),
        questions=listed(KINDS),
        scope=maybe(st.sampled_from(Scope)),
        service=maybe(st.sampled_from(Service)),
        caller=maybe(WORDS),
        scrutineer=maybe(WORDS),
        register=maybe(st.builds(Register, maybe(COUNTS), FIGURES, FIGURES)),
        scrutineer_file=maybe(st.builds(ScrutineerFile, maybe(COUNTS))),
    )
)
PACKS = st.builds(
    Pack,
    dispute=DISPUTES,
    ballot=BALLOTS,
    ballot_notices=listed(st.builds(BallotNotice, opening_day=maybe(DAYS), text=maybe(WORDS), **PARTICULARS)),
    sample_papers=listed(st.builds(SamplePaper, WORDS, DAYS)),
    voting_paper=maybe(
        st.builds(
            VotingPaper,
            questions=listed(KINDS),
            scrutineer=maybe(WORDS),
            return_address=maybe(WORDS),
            return_by=maybe(DAYS),
            caller=maybe(WORDS),
            numbered=maybe(st.booleans()),
            statement=maybe(WORDS),
            summary_of_dispute=maybe(WORDS),
            asos_types=listed(WORDS),
            periods=st.dictionaries(KINDS, WORDS),
        )
    ),
    result=maybe(
        st.builds(
            BallotResult,
            entitled=maybe(COUNTS),
            cast=maybe(COUNTS),
            questions=st.dictionaries(KINDS, st.builds(QuestionCount, maybe(COUNTS), maybe(COUNTS), maybe(COUNTS))),
            told_members=maybe(DAYS),
            told_employers=st.dictionaries(WORDS, DAYS, max_size=2),
        )
    ),
    action_notices=listed(
        st.builds(
            ActionNotice,
            kind=maybe(KINDS),
            pattern=maybe(st.sampled_from(Pattern)),
            dates=listed(DAYS | kept_in_order(Period)),
            starts=maybe(DAYS),
            suspended=maybe(st.builds(Suspension, maybe(DAYS), maybe(DAYS), maybe(DAYS))),
            **PARTICULARS,
        )
    ),
    call=maybe(st.builds(Call, maybe(WORDS), maybe(WORDS), maybe(DAYS))),
    action=listed(kept_in_order(PlannedAction, kind=KINDS, employer=maybe(WORDS))),
)


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Write a file and read it as a pack."""

    def read(content: str | bytes, name: str = "pack.toml") -> Pack:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_pack_file(path)

    return read


@settings(max_examples=50)
@given(PACKS)
def test_a_pack_that_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, pack: Pack) -> None:
    """Turns red if a key is left out of the writing, or a letter is not escaped in TOML."""
    folder = tmp_path_factory.getbasetemp()
    (folder / "pack.toml").write_bytes(as_toml(pack).encode())
    (folder / "pack.json").write_bytes(as_json(pack).encode())
    assert read_pack_file(folder / "pack.toml") == pack
    assert read_pack_file(folder / "pack.json") == pack
    assert read_pack(as_mapping(pack)) == pack


@pytest.mark.parametrize(
    ("path", "value", "field", "wanted"),
    [
        ("dispute.nation", GONE, "dispute.nation", "england"),
        ("dispute.nation", "jersey", "dispute.nation", "northern-ireland"),
        ("dispute.workplaces.0.urn", GONE, "dispute.workplaces[0].urn", "number"),
        ("dispute.workplaces.0.urn", "123456", "dispute.workplaces[0].urn", "whole number"),
        ("dispute.workplaces.0.employer", GONE, "dispute.workplaces[0].employer", "employer"),
        ("dispute.employers.North Trust.kind", "company", 'dispute.employers."North Trust".kind', "proprietor"),
        ("ballot.opens", GONE, "ballot.opens", "a day"),
        ("ballot.opens", datetime(2026, 9, 21, 9, 0), "ballot.opens", "a day"),  # noqa: DTZ001
        ("ballot.opens", "2026-09-21", "ballot.opens", "without quotes"),
        ("ballot.closes", GONE, "ballot.closes", "a day"),
        ("ballot.closes", date(2026, 9, 20), "ballot.closes", "not before the ballot opens on 2026-09-21"),
        ("ballot.closes", date(9001, 1, 1), "ballot.closes", "between"),
        ("ballot.method", GONE, "ballot.method", "postal"),
        ("ballot.method", "post", "ballot.method", "postal"),
        ("ballot.questions", GONE, "ballot.questions", "list"),
        ("ballot.questions", "strike", "ballot.questions", "list"),
        ("ballot.questions", ["lockout"], "ballot.questions[0]", "strike or asos"),
        ("ballot.scope", "federal", "ballot.scope", "aggregated"),
        ("ballot.service", "army", "ballot.service", "state-teaching"),
        ("ballot.register.total", True, "ballot.register.total", "whole number"),
        ("ballot.register.total", 120.0, "ballot.register.total", "whole number"),
        ("ballot.register.total", -1, "ballot.register.total", "from 0"),
        ("ballot.register.total", 10**40, "ballot.register.total", str(MOST)),
        ("ballot.register.by_workplace", {"123456": "120"}, "ballot.register.by_workplace.123456", "whole number"),
        ("ballot.turnout", 80, "ballot.turnout", "only opens"),
        ("ballot_notices.0.employer", GONE, "ballot_notices[0].employer", "employer"),
        ("ballot_notices.0.received", GONE, "ballot_notices[0].received", "receipt"),
        ("ballot_notices.0.sent", date(2026, 9, 14), "ballot_notices[0].sent", "only employer"),
        ("sample_papers.0.received", GONE, "sample_papers[0].received", "receipt"),
        ("voting_paper.numbered", 1, "voting_paper.numbered", "true or false"),
        ("voting_paper.periods", {"lockout": "May"}, "voting_paper.periods.lockout", "strike or asos"),
        ("result.questions", {"lockout": {}}, "result.questions.lockout", "strike or asos"),
        ("result.told_employers", {"North Trust": 20}, 'result.told_employers."North Trust"', "a day"),
        ("action_notices.0.received", GONE, "action_notices[0].received", "receipt"),
        ("action_notices.0.pattern", "sporadic", "action_notices[0].pattern", "discontinuous"),
        ("action_notices.0.dates", [{"starts": date(2026, 11, 3)}], "action_notices[0].dates[0].ends", "a time"),
        ("action.0.kind", GONE, "action[0].kind", "strike"),
        ("action.0.starts", GONE, "action[0].starts", "a time"),
        ("action.0.starts", date(2026, 11, 3), "action[0].starts", "a time"),
        ("action.0.ends", datetime(2026, 11, 2, 12, 0), "action[0].ends", "not before the start"),  # noqa: DTZ001
        ("pickets", [], "pickets", "only dispute"),
        ("call", [], "call", "a table"),
        ("action", {}, "action", "a list"),
    ],
)
def test_what_no_pack_can_be(path: str, value: Any, field: str, wanted: str) -> None:
    """Turns red if a key's place, or what is wanted there, is not told."""
    with pytest.raises(BadInput) as refused:
        read_pack(mapping_of("now", {path: value}), file="pack.toml")
    assert refused.value.field == field
    assert wanted in refused.value.wanted
    assert str(refused.value).startswith("pack.toml: ")


def test_an_offset_is_refused(written: Any) -> None:
    """Turns red if a time with an offset is taken for London's."""
    text = as_toml(pack_of()).replace("2026-11-03T00:00:00", "2026-11-03T00:00:00Z")
    with pytest.raises(BadInput, match="without an offset"):
        written(text)
    as_text = as_json(pack_of()).replace("2026-11-03T00:00:00", "2026-11-03T00:00:00+00:00")
    with pytest.raises(BadInput, match="a time such as"):
        written(as_text, "pack.json")


def test_seconds_may_be_left_out_in_json(written: Any) -> None:
    """Turns red if JSON wants the seconds."""
    text = as_json(pack_of()).replace("2026-11-03T00:00:00", "2026-11-03T00:00")
    assert written(text, "pack.json") == pack_of()


@pytest.mark.parametrize("base", BASES)
def test_a_mark_before_the_text_does_not_matter(written: Any, base: str) -> None:
    """Turns red if a file saved with a byte order mark is refused."""
    assert written(b"\xef\xbb\xbf" + as_toml(pack_of(base)).encode()) == pack_of(base)
    assert written(b"\xef\xbb\xbf" + as_json(pack_of(base)).encode(), "PACK.JSON") == pack_of(base)


@pytest.mark.parametrize(
    ("content", "name", "line", "field"),
    [
        ("[ballot]\n[[action]]\n[[action]]\nstarts = 2026-02-30\n", "p.toml", 4, "action[1].starts"),
        ("[ballot]\nopens 2026\n", "p.toml", 2, "TOML"),
        ("a = 1\na = 2\n", "p.toml", 2, "a"),
        ("a = '\x00'", "p.toml", 1, "a"),
        ("[" * 2000, "p.toml", 1, "TOML"),
        ("a = " + "[" * 20000, "p.toml", None, "TOML"),
        ("a = " + "9" * 5000, "p.toml", None, "TOML"),
        (b"[ballot]\nname = '\xff'", "p.toml", 2, "text"),
        ('{"a": 1,\n "b" 2}', "p.json", 2, "JSON"),
        ('{"a": NaN}', "p.json", None, "JSON"),
        ('{"a": -Infinity}', "p.json", None, "JSON"),
        ('{"b": {"a": 1, "a": 2}}', "p.json", None, "a"),
        ("[" * 200000, "p.json", None, "JSON"),
        ('{"a": ' + "9" * 5000 + "}", "p.json", None, "JSON"),
        ("", "p.json", 1, "JSON"),
        ("", "p.toml", None, "dispute"),
        ("[]", "p.json", None, "pack"),
        ('{"\\ud800": 1}', "p.json", None, "pack"),
        ('{"dispute": {"nation": "\\ud800"}, "ballot": {}}', "p.json", None, "dispute.nation"),
        (b"x" * (LARGEST + 1), "p.json", None, "PACK"),
        ("a = 1", "p.yaml", None, "PACK"),
    ],
)
def test_text_that_is_no_pack(written: Any, content: str | bytes, name: str, line: int | None, field: str) -> None:
    """Turns red if a file that breaks its format is a traceback, or its line is not told."""
    with pytest.raises(BadInput) as refused:
        written(content, name)
    assert (refused.value.line, refused.value.field) == (line, field)
    str(refused.value).encode()


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    """Turns red if a file that cannot be read is a traceback, or why is not said."""
    with pytest.raises(BadInput, match="No such file"):
        read_pack_file(tmp_path / "none.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(BadInput, match="Is a directory"):
        read_pack_file(tmp_path / "folder.toml")
    with pytest.raises(BadInput, match="null"):
        read_pack_file(tmp_path / "\0.toml")


def test_what_is_absent_is_left_out_of_the_writing() -> None:
    """Turns red if an absent value is written as null."""
    mapping = json.loads(as_json(pack_of("now", {"call": GONE, "ballot.scrutineer": GONE})))
    assert "call" not in mapping
    assert "scrutineer" not in mapping["ballot"]
