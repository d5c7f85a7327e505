"""The two papers that every employer of those entitled to vote is owed before the ballot opens: missing, or late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ballots.lint.brief import Brief, plain
from ballots.lint.copies import met, other_in_time
from ballots.lint.sources import stop
from ballots.pack import BallotNotice, SamplePaper
from ballots.timetable_facts import NoticeOfBallot
from ballots.timetable_facts import SamplePaper as SamplePaperStep
from core.calendar import in_days, in_words
from core.findings import Citation, Finding


@dataclass(frozen=True, slots=True)
class Owed:
    """A paper: its name, its name for short, its section of the pack, the beginning of its codes, and the duty."""

    name: str
    short: str
    section: str
    code: str
    duty: Citation

    def missing(self, brief: Brief, served: Sequence[BallotNotice | SamplePaper]) -> Iterator[Finding]:
        """A stop for each employer that had none, once the ballot is relied on."""
        if not brief.is_relied_on:
            return
        names = {plain(paper.employer) for paper in served}
        for employer in brief.legs:
            if plain(employer.name) not in names:
                said = f"{employer.name} employs people who were entitled to vote, and had no {self.name}."
                cure = f"None for this ballot as far as this employer goes: ballot again, with a {self.short} to it."
                yield stop(f"{self.code}_missing", self.section, (said, cure), self.duty)

    def late(
        self,
        brief: Brief,
        served: Sequence[BallotNotice | SamplePaper],
        index: int,
        step: NoticeOfBallot | SamplePaperStep,
    ) -> Iterator[Finding]:
        """A stop for one received after its latest lawful day; a note where another of the same came in time."""
        paper, latest = served[index], step.latest_receipt
        if paper.received <= latest:
            return
        said = (
            f"{paper.employer} received the {self.name} on {in_words(paper.received)}, "
            f"{in_days((paper.received - latest).days)} after the latest lawful day, {in_words(latest)}: "
            f"{in_days(step.days)} before the ballot opened on {in_words(brief.pack.ballot.opens)}."
        )
        code, where = f"{self.code}_late", f"{self.section}[{index}].received"
        other_on = other_in_time(served, paper, latest)
        if other_on is not None:
            yield met(code, where, said, self.duty, other_on)
            return
        cure = f"Plan a later opening day with a new {self.short}; if the ballot has opened, ballot again."
        yield stop(code, where, (said, cure), self.duty)
