"""
A case that goes any way at all: people do what is offered, days pass, and at every step everything fits.

Seeded and short here. `MANDATE_WALKS` is how many walks are taken and `MANDATE_SEED` where they begin: a long walk is
`MANDATE_WALKS=500 MANDATE_SEED=$RANDOM pytest tests/stories/test_any_way.py -n 0`.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import acts, choices
from casework import repository
from casework.lifecycle import Stage
from casework.register.models import Member
from core.errors import MandateError
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications.proof import ReceiptKind
from tests.stories.conftest import At
from tests.stories.telling import FINANCE, OFFICER, SECOND, STAFF, Story
from tests.stories.whole import assert_whole

WALKS = int(os.environ.get("MANDATE_WALKS", "3"))
SEED = int(os.environ.get("MANDATE_SEED", "2026"))
STEPS = 14
PEOPLE = (STAFF, OFFICER, SECOND, *FINANCE)
ANSWERS = ("accepted", "refused", "refused", "adjourned")
ISSUES = ("meetings", "observation", "email", "ppa")
STARTS = ("raised", "head_meeting", "officer_negotiation", "ballot_open", "mandate", "asos_in_force", "strike_action")

Facts = dict[str, Any]
Draw = Callable[["Walk", UnitOfWork], Facts]


class Walk:
    """One case, one source of chance."""

    def __init__(self, story: Story, seed: int) -> None:
        self.story = story
        self.chance = random.Random(seed)
        self.log: list[str] = []

    def step(self) -> None:
        """Somebody does something that is offered, or days pass."""
        if self.chance.random() < 0.35:
            self._days_pass()
        else:
            self._somebody_acts()
        with reading() as uow:
            assert_whole(uow)

    def _days_pass(self) -> None:
        due = self.story.next_due()
        days = self.chance.choice([1, 1, 3, 10, 40])
        on = due if due is not None and self.chance.random() < 0.7 else self.story.today + timedelta(days=days)
        on += timedelta(days=self.chance.choice([0, 0, 1]))
        self.log.append(f"to {on}")
        self.story.on(f"{on:%a %Y-%m-%d}")

    def _somebody_acts(self) -> None:
        offered = sorted(self.story.offers())
        name = self.chance.choice(offered)
        act = acts.act_named(name)
        with reading() as uow:
            facts = FACTS.get(name, _nothing)(self, uow)
        by = self.chance.choice(PEOPLE)
        self.log.append(f"{self.story.stage} {name} {facts}")
        self.story.said += 1
        try:
            with unit_of_work(by) as uow:
                given = act.facts.model_validate(facts)
                acts.do(uow, self.story.case_id, act, given, f"walk:{self.story.said}")
        except (MandateError, ValueError) as refusal:
            self.log.append(f"  refused: {refusal}")
        self.story.work()

    def day(self, least: int, most: int) -> date:
        """A day so many days from today."""
        return self.story.today + timedelta(days=self.chance.randint(least, most))

    def of(self, name: str, uow: UnitOfWork) -> str:
        """One of the answers that the act's form would offer."""
        offered = choices.OFFERS[name](uow, self.story.case_id)
        return self.chance.choice([each.value for each in offered]) if offered else "none"


def _nothing(_walk: Walk, _uow: UnitOfWork) -> Facts:
    return {}


def _today(walk: Walk, **facts: Any) -> Facts:
    return {"happened_on": walk.story.today, **facts}


def _meeting(walk: Walk, _uow: UnitOfWork) -> Facts:
    return _today(walk, present=10, in_favour=walk.chance.randint(3, 10))


def _met(walk: Walk, _uow: UnitOfWork) -> Facts:
    return _today(walk, answer=walk.chance.choice(ANSWERS))


def _ballot(walk: Walk, _uow: UnitOfWork) -> Facts:
    opens = walk.day(5, 40)
    asked = walk.chance.choice([["strike"], ["asos"], ["strike", "asos"], ["strike", "asos"]])
    return {"questions": asked, "opens_on": opens, "closes_on": opens + timedelta(days=walk.chance.randint(7, 30))}


def _figures(walk: Walk, uow: UnitOfWork) -> Facts:
    from ballots.lifecycle import BallotStage
    from ballots.repository import ballots_of

    held = ballots_of(uow, walk.story.case_id, BallotStage.CLOSED)
    cast = walk.chance.randint(4, 12)
    figures: Facts = {"entitled": held[0].entitled if held else 12, "cast": cast}
    for kind in held[0].questions if held else ("asos",):
        yes = walk.chance.randint(cast // 2, cast)
        figures |= {f"{kind}_yes": yes, f"{kind}_no": cast - yes}
    return figures


def _receipt(walk: Walk, uow: UnitOfWork) -> Facts:
    how = walk.chance.choice([ReceiptKind.HANDED_OVER, ReceiptKind.ACKNOWLEDGED, ReceiptKind.POSTED])
    return {"notice": walk.of("notice", uow), "received_on": walk.story.today, "how": how}


def _strike_day(walk: Walk, uow: UnitOfWork) -> date:
    from ballots.repository import actions_of

    days = [day for action in actions_of(uow, walk.story.case_id) for day in action.strike_days]
    return walk.chance.choice(days or [walk.story.today])


def _clauses(walk: Walk, uow: UnitOfWork) -> list[Facts]:
    codes = [row.code for row in repository.get(uow, walk.story.case_id).issues]
    chosen = codes if walk.chance.random() < 0.7 else codes[:1]
    return [{"issue": code, "what_changes": "what members asked for", "from_on": walk.day(0, 30)} for code in chosen]


def _claim(walk: Walk, uow: UnitOfWork) -> Facts:
    number = walk.chance.choice(walk.story.members())
    return {
        "membership_number": number,
        "days": sorted({_strike_day(walk, uow), _strike_day(walk, uow)}),
        "deducted_pence": walk.chance.choice([10_000, 20_000, 9_000]),
        "evidence_sha256": f"{walk.chance.getrandbits(256):064x}",
    }


def _digits(walk: Walk, uow: UnitOfWork) -> str:
    accounts = uow.session.scalars(select(Member.account_number).where(Member.account_number.is_not(None)).distinct())
    return walk.chance.choice([str(number)[-4:] for number in accounts.all()] or ["0000"])


FACTS: Mapping[str, Draw] = {
    "service_address_confirmed": lambda walk, uow: {
        "served_at": walk.of("served_at", uow),
        "checked": "the clerk said so on the telephone",
    },
    "employer_left_out": lambda walk, uow: {"left_out": walk.of("left_out", uow), "reason": "no voter works there"},
    "members_meeting_arranged": lambda walk, _: {"meets_on": walk.day(0, 14)},
    "members_meeting_held": _meeting,
    "head_met": _met,
    "officer_assigned": lambda walk, uow: {"officer": walk.of("officer", uow), "reason": "knows the school"},
    "officer_declined": lambda walk, _: {"reason": "no room"},
    "assessment_recorded": lambda walk, _: _today(walk, present=10, ready_for_asos=8, ready_to_strike=6),
    "negotiation_held": _met,
    "issue_added": lambda walk, _: {"issue": walk.chance.choice(ISSUES)},
    "case_rested": lambda walk, _: {"reason": "holidays", "wake_on": walk.day(1, 40)},
    "case_closed": lambda walk, _: {"reason": "let it be"},
    "employer_address_recorded": lambda walk, _: {"postal_lines": ["County Hall", "Anytown"]},
    "workplace_email_recorded": lambda walk, _: {"email": "office@example.org"},
    "dispute_joined": lambda walk, uow: {"dispute": "D-none"},
    "ballot_authorised": _ballot,
    "notice_received": _receipt,
    "receipt_withdrawn": lambda walk, uow: {"proved": walk.of("proved", uow), "reason": "it was another letter"},
    "notice_released": lambda walk, uow: {"held": walk.of("held", uow), "reason": "it shall go"},
    "ballot_cancelled": lambda walk, _: {"reason": "a defect"},
    "turnout_reported": lambda walk, _: {"cast": walk.chance.randint(0, 12)},
    "result_declared": _figures,
    "scrutineer_reported": lambda walk, _: {"received_on": walk.day(-5, 0), "clean": walk.chance.random() < 0.8},
    "report_copy_asked": lambda walk, _: {"asked_on": walk.day(-5, 0)},
    "asos_authorised": lambda walk, _: {"instructions": [2, 6], "starts_on": walk.day(8, 60)},
    "escalation_sought": lambda walk, _: _today(walk),
    "escalation_meeting_held": _meeting,
    "strike_authorised": lambda walk, _: {"days": sorted({walk.day(8, 40), walk.day(8, 40)})},
    "strike_day_held": lambda walk, uow: {"on": _strike_day(walk, uow), "took_part": walk.chance.randint(0, 12)},
    "strike_day_withdrawn": lambda walk, uow: {"on": _strike_day(walk, uow), "reason": "talks"},
    "dispute_stood_down": lambda walk, _: {
        "reason": walk.chance.choice(["injunction", "settlement", "error"]),
        "note": "counsel advised it",
    },
    "stand_down_lifted": lambda walk, _: {
        "reason": "the court discharged it",
        "resumes_on": walk.day(0, 5) if walk.chance.random() < 0.5 else None,
    },
    "action_suspended": lambda walk, _: {
        "agreed_on": walk.day(-3, 0),
        "suspends_on": walk.day(0, 5),
        "resumes_on": walk.day(4, 30),
        "agreement": "a letter",
    },
    "suspension_extended": lambda walk, _: {
        "agreed_on": walk.day(-3, 0),
        "resumes_on": walk.day(4, 60),
        "agreement": "another letter",
    },
    "notice_varied": lambda walk, uow: {"cancelled": [_strike_day(walk, uow)], "reason": "talks"},
    "notice_withdrawn": lambda walk, _: {"kind": walk.chance.choice(["strike", "asos"]), "reason": "talks"},
    "call_repudiated": lambda walk, _: {
        "repudiated_by": walk.chance.choice(["executive", "president", "general_secretary"]),
        "called_by": walk.chance.choice(["committee", "official", "union"]),
        "caller": "the committee of the association",
        "postal_lines": ["1 Broad Street", "Anytown AN1 1TN"],
        "call": f"leave at noon, call {walk.story.said}",
        "known_on": walk.day(-3, 0),
    },
    "claim_submitted": _claim,
    "claim_approved": lambda walk, uow: {"claim": walk.of("claim", uow)},
    "claim_refused": lambda walk, uow: {"claim": walk.of("claim", uow), "reason": "no payslip"},
    "payee_confirmed": lambda walk, uow: {"claim": walk.of("claim", uow), "account_ends": _digits(walk, uow)},
    "claims_window_closed": lambda walk, _: {"reason": "the others worked"},
    "payment_batch_released": lambda walk, uow: {"batch": walk.of("batch", uow)},
    "payment_returned": lambda walk, uow: {
        "paid": walk.of("paid", uow),
        "returned_on": walk.story.today,
        "reason": "the account is closed",
    },
    "settlement_reached": lambda walk, uow: _today(walk, clauses=_clauses(walk, uow)),
    "agreement_recorded": lambda walk, uow: {"clauses": _clauses(walk, uow)},
    "agreement_signed_off": lambda walk, _: _today(walk),
    "monitoring_check_recorded": lambda walk, uow: _today(
        walk, evidence="what was seen", broken=[walk.of("broken", uow)] if walk.chance.random() < 0.4 else []
    ),
    "monitoring_finished": lambda walk, _: {"reason": "kept to"},
    "case_reopened": lambda walk, _: {"reason": "slipped back"},
}
TAKE_NOTHING = {"officer_accepted", "case_woken", "dispute_declared", "payment_batch_prepared"}
TAKE_NOTHING |= {"ballot_notices_approved", "action_notices_approved"}


def test_every_act_has_facts_to_walk_with() -> None:
    """Turns red if an act is added that no walk can do."""
    assert set(acts.ACTS) == set(FACTS) | TAKE_NOTHING


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("number", range(WALKS))
def test_any_way(at: At, number: int) -> None:
    """
    Turns red if an act that is offered fails otherwise than in words, if replaying the events gives another row, if
    history breaks, or if a case that is over waits for something.
    """
    seed = SEED + number
    walk = Walk(at(STARTS[number % len(STARTS)]), seed)
    for _ in range(STEPS):
        try:
            walk.step()
        except BaseException as error:
            error.add_note(f"walk {seed}:\n" + "\n".join(walk.log))
            raise
    assert walk.story.stage in Stage
