"""What officers carry, each and side by side, and how cases flowed through the stages."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select, update

from app.charts import MARGIN, SHEET
from app.flow_drawing import BASE, MONTHS, ROW, TALL, Moved, flow, flow_chart
from app.load_drawing import Load, load_chart
from app.officer_views import flow_of, horizon
from app.phases import PHASE_OF, Phase
from casework import lifecycle, steps
from casework.audit import audit_cases
from casework.cases import Case, CaseEvent, StageEntry
from casework.lifecycle import Event, EventKind, Stage
from casework.people.roles import Grant, Role
from casework.register.models import Officer
from core.db import Database
from core.errors import BadInput
from core.nations import Nation
from core.settings import settings as settings_of_the_program
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from tests.app.conftest import Made
from tests.app.signed_in import signed_in
from tests.builders import UP_TO_HEAD, UP_TO_NEGOTIATION, a_case, a_workplace, an_association, an_officer, happen
from tests.days import day


def test_every_stage_but_closed_is_in_a_phase() -> None:
    """Turns red when a stage is added that no drawing of a load would count."""
    assert set(PHASE_OF) == set(Stage) - {Stage.CLOSED}


@given(
    st.lists(
        st.tuples(st.dictionaries(st.sampled_from(list(Phase)), st.integers(0, 40)), st.integers(0, 30)), max_size=6
    )
)
def test_a_bar_lies_within_the_sheet_and_its_parts_follow_one_another(
    loads: list[tuple[dict[Phase, int], int]],
) -> None:
    """Turns red when the scale leaves out the limits, or a part is drawn over the one before it."""
    chart = load_chart("k", "t", "d", [Load("x", counts, limit, 0) for counts, limit in loads])
    for row, (counts, limit) in zip(chart.rows, loads, strict=True):
        assert [each.phase for each in row.segments] == [phase for phase in Phase if counts.get(phase)]
        assert sum(each.count for each in row.segments) == sum(counts.values())
        ends = [MARGIN, *(each.x + each.width for each in row.segments)]
        assert all(abs(each.x - end) < 0.1 for each, end in zip(row.segments, ends, strict=False))
        assert max(*ends, row.limit_x) <= SHEET - MARGIN + 0.1
        assert row.over is (sum(counts.values()) > limit)


def test_a_count_below_nought_is_refused() -> None:
    with pytest.raises(BadInput, match="counts of 0 or more"):
        load_chart("k", "t", "d", [Load("x", {Phase.BALLOT: -1}, 3, 0)])


RAISED = Event(EventKind.CASE_RAISED, day("Tue 2026-09-01"), {"issues": ["meetings"]})
ARRANGED = Event(EventKind.MEMBERS_MEETING_ARRANGED, day("Wed 2026-09-30"), {"meets_on": "2026-10-02"})
WANTED = Event(EventKind.MEMBERS_MEETING_HELD, day("Fri 2026-10-02"), {"present": 10, "in_favour": 6})


def stood(history: Sequence[Event]) -> list[tuple[Stage, date]]:
    """By replaying its events one by one: the stages that a case came to, and when."""
    state = lifecycle.begin(history[0])
    stages = [(state.stage, state.entered_on)]
    for each in history[1:]:
        state = lifecycle.apply(state, each)
        if state.stage is not stages[-1][0]:
            stages.append((state.stage, state.entered_on))
    return stages


def moved(histories: Sequence[Sequence[Event]]) -> tuple[list[Moved], list[Moved]]:
    """How many cases came to each stage and left it, by day, as the database counts them."""
    came: Counter[tuple[Stage, date]] = Counter()
    left: Counter[tuple[Stage, date]] = Counter()
    for stages in map(stood, histories):
        came.update(stages)
        left.update((stage, on) for (stage, _), (_, on) in pairwise(stages))
    return [(*key, count) for key, count in came.items()], [(*key, count) for key, count in left.items()]


def counted(histories: Sequence[Sequence[Event]], end: date) -> dict[Stage, int]:
    """Where the cases stood at the end of a day, by replaying each."""
    found: Counter[Stage] = Counter()
    for stages in map(stood, histories):
        there = [stage for stage, on in stages if on <= end]
        found.update(there[-1:])
    return dict(found)


def test_a_case_is_counted_where_it_stood_at_the_end_of_each_month() -> None:
    """Turns red when `bisect_left` becomes `bisect_right`: what came on the last day of a month would count later."""
    found = flow(*moved([[RAISED, ARRANGED, WANTED], [RAISED]]), day("Tue 2026-11-03"))
    assert [str(end) for end in found.ends] == ["2026-09-30", "2026-10-31", "2026-11-03"]
    assert found.counts == {
        Stage.RAISED: (1, 1, 1),
        Stage.MEMBERS_MEETING: (1, 0, 0),
        Stage.HEAD_MEETING: (0, 1, 1),
    }


@given(st.lists(st.tuples(st.integers(0, 1_200), st.integers(0, 3)), max_size=12), st.integers(0, 90))
def test_every_case_is_counted_once_on_each_day_since_it_was_raised(cases: list[tuple[int, int]], after: int) -> None:
    """Turns red when a month is left out between two, or a column leaves the sheet or its row."""
    first = date(2024, 1, 15)
    raised = [first + timedelta(days=days) for days, _ in cases]
    happened = [RAISED, ARRANGED, WANTED]
    histories = [
        [Event(each.kind, on, each.facts) for each in happened[: 1 + events]]
        for on, (_, events) in zip(raised, cases, strict=True)
    ]
    today = max([first, *raised]) + timedelta(days=after)
    found = flow(*moved(histories), today)
    assert found.ends == tuple(sorted(set(found.ends)))
    assert len(found.ends) <= MONTHS
    assert found.ends[-1] == today
    for place, end in enumerate(found.ends):
        shown = {stage: counts[place] for stage, counts in found.counts.items() if counts[place]}
        assert shown == counted(histories, end)
        assert sum(shown.values()) == sum(on <= end for on in raised)
    for row in flow_chart("k", "t", found).rows:
        for column in row.columns:
            assert MARGIN <= column.x <= column.x + column.width <= SHEET - MARGIN + 0.1
            assert row.y + BASE - TALL - 0.1 <= column.y <= row.y + BASE <= row.y + ROW


def assigned(uow: UnitOfWork, **changes: Any) -> tuple[Officer, Case]:
    """A case that waits for the head's answer, with an officer of its own association."""
    association = an_association(uow)
    officer, workplace = an_officer(uow, association, **changes), a_workplace(uow, association=association)
    case = a_case(uow, workplace)
    happen(uow, case, *UP_TO_HEAD)
    steps.send_head_letter(uow, case.id)
    case.officer_id = officer.id
    return officer, case


@pytest.fixture
def ten_days_amber(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A union that takes ten working days for near."""
    monkeypatch.setenv("MANDATE_AMBER_WORKING_DAYS", "10")
    settings_of_the_program.cache_clear()
    yield
    settings_of_the_program.cache_clear()


def test_what_is_amber_is_soon(uow: UnitOfWork) -> None:
    """Turns red when another figure counts than the union's own."""
    assert horizon(uow, Nation.ENGLAND) == day("Tue 2026-09-08")


@pytest.mark.usefixtures("ten_days_amber")
def test_working_days_are_counted_past_weekends(uow: UnitOfWork) -> None:
    """Turns red when the days of the calendar are counted, or today is the first of them."""
    assert horizon(uow, Nation.ENGLAND) == day("Tue 2026-09-15")


@pytest.mark.usefixtures("ten_days_amber")
def test_officers_stand_side_by_side(client: TestClient, made: Made, database: Database) -> None:
    """Turns red when an officer's cases, limit or deadlines are another's."""
    refs = []
    with unit_of_work("staff:test", on=database) as uow:
        for limit in (3, 12):
            officer, case = assigned(uow, name=f"Officer With {limit}", open_case_limit=limit)
            refs.append((officer.id, case.ref))
        free = an_officer(uow, name="Nobody's Officer").id
    page = client.get("/officers").text
    assert page.index("Officer With 12") < page.index("Officer With 3"), "by name, where they carry as many"
    assert "1 of 12" in page
    assert '<title id="load-title">Open cases of each officer</title>' in page
    assert f'href="/officers/{free}"' in page.split("With room and no open case: 1")[1]
    rows = list(csv.DictReader(io.StringIO(client.get("/officers.csv").text)))
    assert [(row["officer"], row["open_cases"], row["raising_cases"], row["due_soon"]) for row in rows[:2]] == [
        ("Officer With 12", "1", "1", "1"),
        ("Officer With 3", "1", "1", "1"),
    ]
    key, ref = refs[0]
    one = client.get(f"/officers/{key}").text
    assert f'href="/cases/{ref}"' in one
    assert refs[1][1] not in one
    assert "Why this date?" in one
    document = client.get(f"/api/officers/{key}").json()
    assert [case["ref"] for case in document["officer"]["cases"]] == [ref]
    first = client.get("/api/officers?limit=2").json()
    assert [(each["name"], each["limit"], sum(each["by_stage"].values())) for each in first["officers"]] == [
        ("Officer With 12", 12, 1),
        ("Officer With 3", 3, 1),
    ]
    rest = client.get("/api/officers", params={"after": first["after"]}).json()
    assert ("Nobody's Officer" in {each["name"] for each in rest["officers"]}, rest["after"]) == (True, None)
    assert client.get("/officers/nobody").status_code == 404
    assert client.get(f"/officers/{Stage.RAISED}").status_code == 404


def test_whoever_works_at_one_association_is_shown_its_officers_alone(made: Made, database: Database) -> None:
    """Turns red when officers of other associations are listed, or their pages open."""
    with unit_of_work("staff:test", on=database) as uow:
        ours, case = assigned(uow, name="Ours")
        theirs, other = assigned(uow, name="Theirs")
        grant = Grant(Role.ASSOCIATION_SECRETARY, ours.association_id)
        keys, refs = (ours.id, theirs.id), (case.ref, other.ref)
    with signed_in(database, grant) as local:
        page = local.get("/officers").text
        assert "Ours" in page
        assert "Theirs" not in page
        assert "Only cases that your roles reach are counted here" in page
        assert [local.get(f"/officers/{key}").status_code for key in keys] == [200, 404]
        assert [local.get(f"/api/officers/{key}").status_code for key in keys] == [200, 404]
        assert [each["name"] for each in local.get("/api/officers").json()["officers"]] == ["Ours"]
        flowed = local.get("/flow.csv").text
        assert "head_meeting,1" in flowed, "of their own case alone"
        flow = local.get("/api/flow").json()["flow"]
        assert [each["cases"] for each in flow if each["stage"] == "head_meeting"][-1] == 1
    assert refs[0] != refs[1]


def test_the_flow_of_the_database_is_what_replaying_every_case_gives(database: Database) -> None:
    """Turns red when `_enter_stage` is left out, or does not end the stage before; at two statements for any number."""
    with unit_of_work("staff:test", on=database) as uow:
        for events in (UP_TO_NEGOTIATION, UP_TO_HEAD, (*UP_TO_HEAD, (EventKind.HEAD_MET, {"answer": "accepted"})), ()):
            happen(uow, a_case(uow), *events)
        back = a_case(uow)
        happen(uow, back, *UP_TO_HEAD, (EventKind.CASE_CLOSED, {"reason": "over"}))
        happen(uow, back, (EventKind.CASE_REOPENED, {"reason": "again", "issues": ["meetings"], "clauses": []}))
        assert not [each for each in audit_cases(uow).findings if each.code == "stages_changed"]
    with reading(on=database) as uow:
        rows = uow.session.scalars(select(CaseEvent).order_by(CaseEvent.case_id, CaseEvent.seq)).all()
        histories = [[row.as_event() for row in group] for _, group in groupby(rows, lambda row: row.case_id)]
        asked: list[str] = []
        event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        found = flow_of(uow)
        assert len([each for each in asked if "stage_entries" in each]) == len(asked) == 2
        for place, end in enumerate(found.ends):
            shown = {stage: counts[place] for stage, counts in found.counts.items() if counts[place]}
            assert shown == counted(histories, end)
        assert sum(shown.values()) == len(histories)


def test_a_stage_that_no_event_gave_is_found_by_the_audit(database: Database) -> None:
    """Turns red when `_row_faults` leaves the stages out."""
    with unit_of_work("staff:test", on=database) as uow:
        case = a_case(uow)
        happen(uow, case, *UP_TO_HEAD)
        uow.session.execute(update(StageEntry).values(came_on=day("Mon 2026-08-31")))
        assert "stages_changed" in {each.code for each in audit_cases(uow).findings}


def test_the_flow_is_drawn_and_told(client: TestClient, made: Made) -> None:
    assert "No case yet" in client.get("/flow").text
    made(lambda uow: assigned(uow)[1])
    page = client.get("/flow").text
    assert '<title id="flow-title">Cases at each stage, month by month</title>' in page
    assert "Meeting with the head" in page
    assert 'tabindex="0"' in page, "the table scrolls in a box that the keyboard reaches"
