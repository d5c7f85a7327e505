"""Several schools of one employer in one dispute: the scenes of one school, told of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from casework.lifecycle import EventKind, Stage
from core.unit_of_work import UnitOfWork
from notifications.proof import ReceiptKind
from tests.ballots.scenes import BOTH, CLOSES, OPENS, SECOND, Ladder
from tests.builders import UP_TO_NEGOTIATION, a_case, a_member, a_workplace, an_employer, happen
from tests.days import day

ISSUES = ("meetings", "observation")


@dataclass
class Schools:
    """The cases of one employer's schools, in the order they were raised; the first declares the dispute."""

    ladders: list[Ladder]

    def __iter__(self) -> Iterator[Ladder]:
        return iter(self.ladders)

    def __getitem__(self, place: int) -> Ladder:
        return self.ladders[place]

    @property
    def uow(self) -> UnitOfWork:
        return self.ladders[0].uow

    @property
    def stages(self) -> list[Stage]:
        return [ladder.stage for ladder in self]

    def on(self, written: str, *, work: bool = False) -> Schools:
        """The same schools at noon of a day; `work` runs every step of each, as the morning's sweep does."""
        for ladder in self:
            ladder.on(written)
        return self.work() if work else self

    def work(self, *, backwards: bool = False) -> Schools:
        """Every step of every case, whatever the order of the cases."""
        for ladder in reversed(self.ladders) if backwards else self.ladders:
            ladder.work()
        return self

    def each(self, told: Callable[[Ladder], Any]) -> list[Any]:
        """What each school says."""
        return [told(ladder) for ladder in self]

    def count(self, kind: EventKind) -> list[int]:
        """How often something happened to each case."""
        return [ladder.kinds().count(kind) for ladder in self]


def schools(uow: UnitOfWork, *members: int, issues: tuple[tuple[str, ...], ...] = ()) -> Schools:
    """So many schools with so many teachers each, all at the preparation of a ballot, none in a dispute yet."""
    employer = an_employer(uow)
    made = []
    for place, number in enumerate(members):
        workplace = a_workplace(uow, employer=employer)
        for _ in range(number):
            a_member(uow, workplace)
        case = a_case(uow, workplace, issues[place] if issues else ISSUES)
        happen(uow, case, *UP_TO_NEGOTIATION, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
        made.append(Ladder(uow, case.id))
    return Schools(made)


def joined(uow: UnitOfWork, *members: int, issues: tuple[tuple[str, ...], ...] = ()) -> Schools:
    """The same in one dispute, which the first declared."""
    made = schools(uow, *members, issues=issues)
    made[0].act("dispute_declared")
    for ladder in made.ladders[1:]:
        ladder.act("dispute_joined", dispute=f"D-{made[0].case.ref}")
    return made


def together(made: Schools, place: int = 0) -> Schools:
    """One ballot of all of them, authorised on 6 October from one of them."""
    made.on("Tue 2026-10-06")
    made[place].act("ballot_authorised", **BOTH, scope="aggregate", opens_on=day(OPENS), closes_on=day(CLOSES))
    return made


def voting_over(made: Schools) -> Schools:
    """Papers approved on the 7th, handed over on the 8th, votes cast from 20 October to 17 November."""
    made.on("Wed 2026-10-07")[0].act("ballot_notices_approved", by=SECOND)
    made.on("Thu 2026-10-08")[-1].arrives("notice_of_ballot").arrives("sample_voting_paper")
    return made.on(OPENS, work=True).on("Wed 2026-11-18", work=True)


def carried(made: Schools, entitled: int, yes: int, no: int) -> Schools:
    """Both questions carried on 18 November; the employer acknowledged the result on the 19th."""
    counts = {"strike_yes": yes, "strike_no": no, "asos_yes": yes, "asos_no": no}
    made[0].act("result_declared", entitled=entitled, cast=yes + no, **counts)
    made.on("Thu 2026-11-19")[0].arrives("ballot_result_employer", how=ReceiptKind.ACKNOWLEDGED)
    return made.work()
