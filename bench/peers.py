"""
The same step done by others, each as its documentation advises, on the same database with the same durability.

The step: a case is read under its lock, the event is checked against the stage, the stage moves, an event row and an
outbox row are written, and all of it commits together. Ours is `handlers.record`, whose outbox row is the pending work
and which also replays the case and appends to the hash-chained history. The others write three plain tables:
python-statemachine on a persistent row, SpiffWorkflow with its workflow as JSON in the row, DBOS with a transaction of
its datasource inside a workflow: one workflow for each case from a queue, or one over the whole batch.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from sqlalchemy import MetaData, String, Text, insert, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from statemachine import State, StateMachine

from bench.frame import Line, Run, by_turns, median, say, seconds, spread
from bench.ground import Ground
from casework import disputes, handlers
from casework.cases import Case
from casework.lifecycle import EventKind, Stage
from core.db import Database
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from flows import batches
from tests.builders import a_case, a_workplace

CASES, WORKERS = 300, 8
STAGES = [stage.value for stage in Stage]
OURS = "ours, a transaction a case"
STEP, ANY_TASK = "members_meeting", "any task"


class Apart(DeclarativeBase):
    """Tables of the others."""

    metadata = MetaData()


class PeerCase(Apart):
    """A case with its stage, and for one of them the whole workflow."""

    __tablename__ = "peer_cases"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    state: Mapped[str] = mapped_column(String(40))
    workflow: Mapped[str] = mapped_column(Text, default="")


class PeerEvent(Apart):
    """What happened."""

    __tablename__ = "peer_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(String(36), index=True)
    kind: Mapped[str] = mapped_column(String(40))


class PeerOutbox(Apart):
    """What goes out."""

    __tablename__ = "peer_outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(String(36), index=True)
    kind: Mapped[str] = mapped_column(String(40))


def written(session: Session, case_id: str) -> None:
    """The two rows that go with a stage that moved."""
    session.execute(insert(PeerEvent).values(case_id=case_id, kind=STEP))
    session.execute(insert(PeerOutbox).values(case_id=case_id, kind=STEP))


def locked(session: Session, case_id: str) -> PeerCase:
    """The row, nobody else writing it."""
    return session.scalars(select(PeerCase).where(PeerCase.id == case_id).with_for_update()).one()


class Ladder(StateMachine):
    """The first rungs as a machine bound to the row's own field."""

    raised = State(initial=True, value="raised")
    members_meeting = State(value=STEP)
    head_meeting = State(value="head_meeting", final=True)
    arrange = raised.to(members_meeting)
    meet = members_meeting.to(head_meeting)

    def after_arrange(self) -> None:
        """Called by the machine once the state has moved."""
        session = Session.object_session(self.model)
        assert session is not None
        written(session, self.model.id)


SPIFF = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())


def bpmn() -> BpmnWorkflow:
    """One task by hand for each stage, one after the other."""
    tasks = "".join(f'<manualTask id="{name}" name="{name}"/>' for name in STAGES)
    names = ["start", *STAGES, "end"]
    flows = "".join(
        f'<sequenceFlow id="f{number}" sourceRef="{one}" targetRef="{other}"/>'
        for number, (one, other) in enumerate(pairwise(names))
    )
    text = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="bench">'
        f'<process id="ladder" isExecutable="true"><startEvent id="start"/>{tasks}<endEvent id="end"/>{flows}</process>'
        "</definitions>"
    )
    parser = BpmnParser()
    parser.add_bpmn_str(text.encode())
    workflow = BpmnWorkflow(parser.get_spec("ladder"))
    workflow.do_engine_steps()
    return workflow


def figures(run: Run, grounds: list[Ground]) -> Iterator[Line]:
    """Cases a second of each, against ours."""
    count = run.size(CASES)
    for ground in grounds:
        say(f"{ground.name}: preparing")
        template = ground.prepared(lambda uow: _fill(uow, count))
        contenders: dict[str, Callable[[Database], float]] = {
            OURS: lambda _: _ours(),
            "ours, cases together": lambda _: _ours_together(),
            "python-statemachine, a transaction a case": lambda database: _each(database, _by_machine),
            "SpiffWorkflow, a transaction a case": lambda database: _each(database, _by_spiff),
            "DBOS, a workflow a case from a queue": lambda database: _by_dbos(database, queued=True),
            "DBOS, a workflow over the batch, a transaction a case": lambda database: _by_dbos(database, queued=False),
        }

        def measured(work: Callable[[Database], float], at: Ground = ground, of: str = template) -> float:
            with at.fresh(of) as database:
                taken = work(database)
                _check(database, count)
                return taken

        times = by_turns({name: lambda _, w=work: measured(w) for name, work in contenders.items()}, run.repeats)  # type: ignore[misc]
        for name, found in times.items():
            words = f"{spread(found, count)} a case; ours {spread(times[OURS], count)}"
            if name != OURS:
                ratio = median(times[OURS]) / median(found)
                yield Line(f"the same step, {ground.name}", f"{name}: speed against {OURS}", words, ratio, "x")


def _fill(uow: UnitOfWork, count: int) -> None:
    Apart.metadata.create_all(uow.session.connection())
    workflow = SPIFF.serialize_json(bpmn())
    for _ in range(count):
        case = a_case(uow, a_workplace(uow))
        uow.session.add(PeerCase(id=str(case.id), state="raised", workflow=workflow))


def _check(database: Database, count: int) -> None:
    with reading(on=database) as uow:
        ours = uow.session.query(Case).filter(Case.stage == Stage.MEMBERS_MEETING).count()
        theirs = uow.session.query(PeerOutbox).count(), uow.session.query(PeerEvent).count()
        moved = uow.session.query(PeerCase).filter(PeerCase.state == STEP).count()
    if ours != count and (*theirs, moved) != (count, count, count):
        raise RuntimeError(f"not every case was done: ours {ours}, theirs {theirs}, {moved} of {count}")


def _ids() -> list[uuid.UUID]:
    with reading() as uow:
        return list(uow.session.scalars(select(Case.id).order_by(Case.id)))


def _arrange(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    disputes.hold(uow, case_id)
    handlers.record(uow, case_id, EventKind.MEMBERS_MEETING_ARRANGED, {"meets_on": uow.today})


def _ours() -> float:
    def work() -> None:
        for each in ids:
            with unit_of_work("staff:bench") as uow:
                _arrange(uow, each)

    ids = _ids()
    return seconds(work)


def _ours_together() -> float:
    ids = [str(each) for each in _ids()]
    return seconds(lambda: asyncio.run(batches.each_case("bench", ids, _arrange)))


def _each(database: Database, step: Callable[[Session, str], None]) -> float:
    def work() -> None:
        for each in ids:
            with database.writing() as session:
                step(session, each)

    ids = [str(each) for each in _ids()]
    return seconds(work)


def _by_machine(session: Session, case_id: str) -> None:
    Ladder(locked(session, case_id), state_field="state").send("arrange")


def _by_spiff(session: Session, case_id: str) -> None:
    row = locked(session, case_id)
    workflow = SPIFF.deserialize_json(row.workflow)
    [task] = workflow.get_tasks(state=TaskState.READY, manual=True)
    task.run()
    workflow.do_engine_steps()
    row.workflow, row.state = SPIFF.serialize_json(workflow), STEP
    written(session, case_id)


def _by_dbos(database: Database, *, queued: bool) -> float:
    """DBOS keeps its own tables in the same database, so that one disk and one log serve both."""
    from dbos import DBOS, SQLAlchemyDatasource

    url = database.url
    database.engine.dispose()
    os.environ["DBOS__APPVERSION"] = "bench"
    DBOS(config={"name": "bench", "system_database_url": url, "log_level": "ERROR", "run_admin_server": False})
    source = SQLAlchemyDatasource.create(url)

    @source.transaction()
    def step(case_id: str) -> None:
        found = source.sql_session().execute(select(PeerCase.state).where(PeerCase.id == case_id).with_for_update())
        if found.scalar_one() != "raised":
            raise ValueError(case_id)
        source.sql_session().execute(update(PeerCase).where(PeerCase.id == case_id).values(state=STEP))
        written(source.sql_session(), case_id)

    @DBOS.workflow()
    def one(case_id: str) -> None:
        step(case_id)

    @DBOS.workflow()
    def all_of(case_ids: list[str]) -> None:
        for each in case_ids:
            step(each)

    ids = [str(each) for each in _ids()]
    database.engine.dispose()
    DBOS.launch()
    try:
        if not queued:
            return seconds(lambda: all_of(ids))
        DBOS.register_queue("bench", worker_concurrency=WORKERS, polling_interval_sec=0.05)

        def enqueued() -> None:
            handles: list[Any] = [DBOS.enqueue_workflow("bench", one, each) for each in ids]
            for handle in handles:
                handle.get_result()

        return seconds(enqueued)
    finally:
        DBOS.destroy(destroy_registry=True)
        source.engine.dispose()
