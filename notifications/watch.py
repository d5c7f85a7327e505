"""
What people do while a batch is on its way: taken back, called off, stood down, held by a gate, or suspended as a whole.

Every act appends to the history, so that its length tells whether anything happened at all; that and whether sending is
suspended is one short question before each hand-over. Only when it did is each notice of the rest looked at again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import defer

from core import history
from core.db import Database, Glance
from core.unit_of_work import UnitOfWork, reading
from notifications import claims
from notifications.claims import WITHOUT_TEXTS, Claim, Gate, Stop, Then
from notifications.lifecycle import State
from notifications.models import Notice

Keeper = Callable[[], Gate]
"""Makes a gate that knows what stands now; it may keep its answers, for it is asked for another after each act."""
ANYTHING_NEW = (
    "SELECT (SELECT max(seq) FROM history_entries), (SELECT count(*) FROM quarantines WHERE ended_at IS NULL)"
)
SUSPENDED = Stop(Then.WAIT, "sending is suspended: the database is older than the journal")
ANOTHERS = Stop(Then.WAIT, "another worker has taken it over")


class Watch:
    """What one worker knows of other people's acts."""

    def __init__(self, database: Database, as_of: datetime | None, keeper: Keeper | None) -> None:
        self._database = database
        self._as_of = as_of
        self._keeper = keeper
        self._gate: Gate | None = None
        self._known = -1
        """How long the history was when the gate was made; what we appended ourselves since is counted in."""
        self._left: list[Claim] = []
        self._stops: dict[uuid.UUID, Stop] = {}
        self._stack = ExitStack()
        self._glance: Glance | None = None

    def gate(self, uow: UnitOfWork) -> Gate | None:
        """The gate to ask in this transaction: the same as before while nobody has acted."""
        self._look_at(history.length(uow.session))
        return self._gate

    def own_act(self, before: int, after: int) -> None:
        """The history grew by what this worker did, and by nothing else: that is no news."""
        if before == self._known:
            self._known = after

    @contextmanager
    def over(self, claimed: Sequence[Claim]) -> Iterator[None]:
        """Watch over the claims of a batch."""
        self._left, self._stops = list(claimed), {}
        with ExitStack() as self._stack:
            try:
                yield
            finally:
                self._glance = None

    def stop(self, claim: Claim) -> Stop | None:
        """Why the next claim is not handed over after all; None lets it go."""
        try:
            length, suspended = self._ask()
            if suspended:
                return SUSPENDED
            if length != self._known:
                self._look_again()
            return self._stops.get(claim.notice_id)
        except (SQLAlchemyError, self._database.engine.dialect.loaded_dbapi.Error) as error:
            return Stop(Then.WAIT, f"the database cannot be asked: {type(error).__name__}")
        finally:
            self._left = [each for each in self._left if each is not claim]

    def _ask(self) -> tuple[int, int]:
        if self._glance is None:
            self._glance = self._stack.enter_context(self._database.glancing())
        length, suspended = self._glance(ANYTHING_NEW)
        return length or 0, suspended

    def _look_at(self, length: int) -> None:
        if length != self._known:
            self._known = length
            self._gate = self._keeper() if self._keeper is not None else None

    def _look_again(self) -> None:
        with reading(as_of=self._as_of, on=self._database) as uow:
            self._look_at(history.length(uow.session))
            wanted = select(Notice).where(Notice.id.in_([each.notice_id for each in self._left]))
            rows = uow.session.scalars(wanted.options(*map(defer, WITHOUT_TEXTS)))
            notices = {notice.id: notice for notice in rows}
            found = {each.notice_id: self._against(uow, each, notices.get(each.notice_id)) for each in self._left}
        self._stops = {notice_id: stop for notice_id, stop in found.items() if stop is not None}

    def _against(self, uow: UnitOfWork, claim: Claim, notice: Notice | None) -> Stop | None:
        if notice is None or notice.state is not State.SENDING or notice.epoch != claim.parcel.epoch:
            return ANOTHERS
        if notice.called_off is not None:
            return Stop(Then.WAIT, notice.called_off)
        because = claims.kept_back(uow, notice, self._gate)
        return None if because is None else Stop(Then.HOLD, because)
