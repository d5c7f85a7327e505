"""Scenes that several plays have in common. Percentages are of the school's members, of a ballot's of all who vote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.demo import papers
from app.demo.screenplay import By, CaseInPlay, Facts, Scene

Scenes = tuple[Scene, ...]
SPOILED = 1
BOTH = ("strike", "asos")


def first_day(on: date, *, meets_on: date) -> Scenes:
    """Addresses for service, and a meeting arranged."""
    return (
        Scene(on, "employer_address_recorded", By.STAFF, "Staff record where the employer is served", _served_at),
        Scene(
            on,
            "workplace_email_recorded",
            By.STAFF,
            "Staff record the school office's address",
            lambda case: [{"email": f"office.{case.school.urn}@school.example"}],
        ),
        Scene(on, "members_meeting_arranged", By.STAFF, "The rep arranges a members' meeting", {"meets_on": meets_on}),
    )


def _served_at(case: CaseInPlay) -> list[Facts]:
    lines = [case.school.employer_office, "1 Specimen Road", "Exampleton", "ZZ99 9AA"]
    return [{"postal_lines": lines, "email": case.school.employer_email}]


def members_meet(on: date, *, present: int = 70, in_favour: int = 62) -> Scene:
    """The meeting that sends the letter to the head teacher."""
    return Scene(
        on,
        "members_meeting_held",
        By.STAFF,
        "Members meet; most want the issues raised",
        lambda case: [
            {"happened_on": on, "present": case.part(present), "in_favour": case.part(in_favour)},
        ],
    )


def head_answers(on: date, answer: str, said: str) -> Scene:
    """Rep and head teacher meet."""
    return Scene(on, "head_met", By.STAFF, said, {"happened_on": on, "answer": answer})


def officer_takes_it(
    accepts_on: date, assesses_on: date, *, present: int = 75, asos: int = 72, strike: int = 60
) -> Scenes:
    """The officer accepts the case, meets members and counts who is ready for what."""
    return (
        Scene(accepts_on, "officer_accepted", By.OFFICER, "The officer accepts the case"),
        Scene(
            assesses_on,
            "assessment_recorded",
            By.OFFICER,
            "The officer meets members and assesses readiness",
            lambda case: [
                {
                    "happened_on": assesses_on,
                    "present": case.part(present),
                    "ready_for_asos": case.part(asos),
                    "ready_to_strike": case.part(strike),
                }
            ],
        ),
    )


def negotiation(on: date, answer: str, said: str) -> Scene:
    """The officer meets management."""
    return Scene(on, "negotiation_held", By.OFFICER, said, {"happened_on": on, "answer": answer})


def ballot_authorised(on: date, *, opens_on: date, closes_on: date, at: str | None = None, **more: Any) -> Scene:
    """A ballot on both questions."""
    facts = {"questions": list(BOTH), "opens_on": opens_on, "closes_on": closes_on, **more}
    return Scene(on, "ballot_authorised", By.OFFICER, "The union authorises a ballot", facts, at)


def ballot_papers(approved_on: date, received_on: date, *, at: str | None = None) -> Scenes:
    """A second officer approves the papers, and the employer has them."""
    approved = "A second officer approves the ballot's papers"
    return (
        Scene(approved_on, "ballot_notices_approved", By.SECOND_OFFICER, approved, at=at),
        received(received_on, "notice_of_ballot", "The notice of ballot is handed over", at=at),
        received(received_on, "sample_voting_paper", "The sample voting paper is handed over", at=at),
    )


def received(on: date, kind: str, said: str, *, at: str | None = None, received_on: date | None = None) -> Scene:
    """Somebody shows that a paper arrived, on the scene's day unless another is given."""
    return Scene(on, "notice_received", By.OFFICER, said, papers.arrived(kind, received_on), at)


def turnout(on: date, percent: int, *, at: str | None = None) -> Scene:
    """Voting papers returned so far."""
    return Scene(
        on,
        "turnout_reported",
        By.OFFICER,
        "The scrutineer reports the turnout so far",
        lambda case: [{"cast": case.part_of_voters(percent)}],
        at,
    )


def result(
    on: date, said: str, *, cast: int, strike_yes: int, asos_yes: int, acknowledged_on: date, at: str | None = None
) -> Scenes:
    """The count, and the employer's acknowledgement that it was told on the same day."""

    def figures(case: CaseInPlay) -> list[Facts]:
        returned = case.part_of_voters(cast)
        votes: dict[str, int] = {"entitled": case.voters, "cast": returned}
        for kind, percent in (("strike", strike_yes), ("asos", asos_yes)):
            yes = case.part_of_voters(percent)
            votes |= {f"{kind}_yes": yes, f"{kind}_no": returned - SPOILED - yes, f"{kind}_spoiled": SPOILED}
        return [votes]

    acknowledged = "The employer acknowledges the result"
    return (
        Scene(on, "result_declared", By.OFFICER, said, figures, at),
        received(acknowledged_on, "ballot_result_employer", acknowledged, at=at, received_on=on),
    )


def report(on: date, *, at: str | None = None) -> Scene:
    """The scrutineer's report."""
    facts = {"received_on": on, "clean": True}
    return Scene(on, "scrutineer_reported", By.OFFICER, "The scrutineer reports, without reservation", facts, at)


def asos(
    authorised_on: date, approved_on: date, received_on: date, *, starts_on: date, instructions: Sequence[int]
) -> Scenes:
    """Action short of a strike, and the notice of it."""
    facts = {"instructions": list(instructions), "starts_on": starts_on}
    return (
        Scene(authorised_on, "asos_authorised", By.OFFICER, "Action short of a strike is authorised", facts),
        *_action_papers(approved_on, received_on, "notice of action"),
    )


def strike(sought_on: date, met_on: date, approved_on: date, received_on: date, *, days: Sequence[date]) -> Scenes:
    """Members escalate, and strike days are named and notified."""
    meeting = {"happened_on": met_on}
    return (
        Scene(sought_on, "escalation_sought", By.OFFICER, "Members ask to escalate", {"happened_on": sought_on}),
        Scene(
            met_on,
            "escalation_meeting_held",
            By.OFFICER,
            "Members meet; most want strike days",
            lambda case: [{**meeting, "present": case.part(72), "in_favour": case.part(60)}],
        ),
        Scene(met_on, "strike_authorised", By.OFFICER, "Two strike days are authorised", {"days": list(days)}),
        *_action_papers(approved_on, received_on, "notice of strike"),
    )


def _action_papers(approved_on: date, received_on: date, words: str) -> Scenes:
    approved = f"A second officer approves the {words}"
    return (
        Scene(approved_on, "action_notices_approved", By.SECOND_OFFICER, approved),
        received(received_on, "notice_of_action", f"The {words} is handed over"),
    )


def strike_day(on: date, percent: int) -> Scene:
    """A day of the strike; a count, never who."""
    return Scene(
        on,
        "strike_day_held",
        By.OFFICER,
        "A strike day is held",
        lambda case: [{"on": on, "took_part": case.part(percent)}],
    )


def clause(issue: str, what_changes: str, from_on: date) -> Mapping[str, object]:
    """What changes for one issue, from a day."""
    return {"issue": issue, "what_changes": what_changes, "from_on": from_on}


def settlement(on: date, said: str, clauses: Sequence[Mapping[str, object]]) -> Scene:
    """Terms are agreed."""
    return Scene(on, "settlement_reached", By.OFFICER, said, {"happened_on": on, "clauses": list(clauses)})


def written_down(on: date, clauses: Sequence[Mapping[str, object]]) -> Scene:
    """What was accepted in a meeting is put down issue by issue."""
    facts = {"clauses": list(clauses)}
    return Scene(on, "agreement_recorded", By.OFFICER, "What was agreed is written down, issue by issue", facts)


def signed_off(on: date) -> Scene:
    """Monitoring begins."""
    return Scene(on, "agreement_signed_off", By.OFFICER, "The agreement is signed off", {"happened_on": on})


def kept(on: date, evidence: str) -> Scene:
    """A check that finds the agreement kept."""
    facts = {"happened_on": on, "broken": [], "evidence": evidence}
    return Scene(on, "monitoring_check_recorded", By.STAFF, "A check finds the agreement kept", facts)
