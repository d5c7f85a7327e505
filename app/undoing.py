"""
What can be taken back of each act, and by which other act; and where nothing takes it back, why not.

Nothing that was recorded is deleted: taking back is an act of its own, which history shows beside the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Undoing:
    """`by` are the acts that take one back, in the order in which one would try them; none where nothing does."""

    by: tuple[str, ...]
    words: str


def _by(words: str, *acts: str) -> Undoing:
    return Undoing(acts, words)


UNDOING: Mapping[str, Undoing] = MappingProxyType(
    {
        "members_meeting_arranged": _by(
            "The day stands until the meeting is recorded, which may be for another day. Members who were called "
            "are told of a change by the rep; closing the case ends it.",
            "case_closed",
        ),
        "members_meeting_held": _by(
            "What happened is not unhappened: history keeps it. If it was recorded wrongly, the next act says "
            "what is right. A case taken on wrongly is put to rest or closed.",
            "case_rested",
            "case_closed",
        ),
        "head_met": _by(
            "What happened is not unhappened: history keeps it. If it was recorded wrongly, the next act says "
            "what is right. A settlement that was not one reopens the case.",
            "case_reopened",
        ),
        "officer_assigned": _by(
            "Another officer is assigned, or the officer declines, until one accepts.",
            "officer_assigned",
            "officer_declined",
        ),
        "officer_accepted": _by(
            "An officer who has accepted keeps the case; history shows that they did. A case that is not theirs "
            "to lead is put to rest meanwhile.",
            "case_rested",
        ),
        "officer_declined": _by(
            "The officer can be assigned again by hand.",
            "officer_assigned",
        ),
        "assessment_recorded": _by(
            "What happened is not unhappened: history keeps it. If it was recorded wrongly, the next act says "
            "what is right.",
        ),
        "negotiation_held": _by(
            "What happened is not unhappened: history keeps it. If it was recorded wrongly, the next act says "
            "what is right. A settlement that was not one reopens the case.",
            "case_reopened",
        ),
        "issue_added": _by(
            "An issue stays with the case, which may settle it or leave it open; a dispute is over the issues "
            "that it was declared over.",
        ),
        "employer_address_recorded": _by(
            "Record the right address: what goes out from then on goes there, and what went to the old one is shown.",
            "employer_address_recorded",
        ),
        "workplace_email_recorded": _by(
            "Record the right address: mail goes there from then on.",
            "workplace_email_recorded",
        ),
        "case_rested": _by(
            "Wake the case.",
            "case_woken",
        ),
        "case_woken": _by(
            "Put the case to rest again.",
            "case_rested",
        ),
        "case_closed": _by(
            "A closed case can be reopened, with its history; a new matter is a new case.",
            "case_reopened",
        ),
        "dispute_declared": _by(
            "A declared dispute is not undone: members and employer were told of it. It ends when the case "
            "settles or is closed.",
            "settlement_reached",
            "case_closed",
        ),
        "dispute_joined": _by(
            "The case leaves the dispute when it settles or is closed; the others go on.",
            "settlement_reached",
            "case_closed",
        ),
        "ballot_authorised": _by(
            "Cancel the ballot, until it has closed: papers that are still here stay here.",
            "ballot_cancelled",
        ),
        "ballot_notices_approved": _by(
            "Papers that have left cannot be called back; the ballot can be cancelled until it has closed.",
            "ballot_cancelled",
        ),
        "notice_received": _by(
            "Withdraw the proof, with a reason: what rested on it is open again.",
            "receipt_withdrawn",
        ),
        "receipt_withdrawn": _by(
            "Record the receipt anew, with what shows it.",
            "notice_received",
        ),
        "service_address_confirmed": _by(
            "A confirmation is of the address as it stands: a corrected address is unconfirmed again.",
            "employer_address_recorded",
        ),
        "employer_left_out": _by(
            "A cancelled ballot frees its employers; the next one names them anew.",
            "ballot_cancelled",
        ),
        "notice_released": _by(
            "A notice that was let go has left or will with the next delivery; it is not called back.",
        ),
        "ballot_cancelled": _by(
            "A cancelled ballot is not brought back, for its days would not be those the employer was told. "
            "The case goes back to the officer's negotiation: once that is refused, another can be authorised.",
            "negotiation_held",
            "ballot_authorised",
        ),
        "turnout_reported": _by(
            "A count only grows: papers that came back do not go away again. Report the right one.",
            "turnout_reported",
        ),
        "result_declared": _by(
            "A declared result stands: employers and members are told of it (TULRCA 1992, ss. 231, 231A). Another"
            " ballot can be held.",
            "ballot_authorised",
        ),
        "scrutineer_reported": _by(
            "There is one report on a ballot (TULRCA 1992, s. 231B), and it stays.",
        ),
        "report_copy_asked": _by(
            "Whoever was told has been told. A copy that was sent stays with whoever asked for it.",
        ),
        "asos_authorised": _by(
            "Withdraw the notice once it is served, or stand the action down; before its notice is approved "
            "nothing leaves.",
            "notice_withdrawn",
            "dispute_stood_down",
        ),
        "action_notices_approved": _by(
            "A notice that has left is withdrawn by another, with members told.",
            "notice_withdrawn",
            "dispute_stood_down",
        ),
        "escalation_sought": _by(
            "What happened is not unhappened: history keeps it. If it was recorded wrongly, the next act says "
            "what is right.",
        ),
        "escalation_meeting_held": _by(
            "What happened is not unhappened: history keeps it. If it was recorded wrongly, the next act says "
            "what is right.",
        ),
        "strike_authorised": _by(
            "Take days out of the notice, withdraw it, or stand the action down.",
            "notice_varied",
            "notice_withdrawn",
            "dispute_stood_down",
        ),
        "strike_day_held": _by(
            "What happened is not unhappened: history keeps it. If it was recorded wrongly, the next act says "
            "what is right.",
        ),
        "strike_day_withdrawn": _by(
            "A day that was called off is off: members were told. Another day takes a new notice.",
            "strike_authorised",
        ),
        "dispute_stood_down": _by(
            "A second person lifts it; action then takes a new notice, unless it stopped for a court.",
            "stand_down_lifted",
        ),
        "stand_down_lifted": _by(
            "Stand the action down again.",
            "dispute_stood_down",
        ),
        "action_suspended": _by(
            "It ends on the day agreed; a further agreement puts that day off. Nothing brings it forward: the "
            "employer agreed to the day.",
            "suspension_extended",
        ),
        "suspension_extended": _by(
            "A further agreement changes the day again.",
            "suspension_extended",
        ),
        "notice_varied": _by(
            "Days that were taken out are out: the employer and members were told. Another day takes a new notice.",
            "strike_authorised",
        ),
        "notice_withdrawn": _by(
            "A notice that was withdrawn is not brought back: the employer and members were told. New action "
            "takes a new notice.",
            "asos_authorised",
            "strike_authorised",
        ),
        "call_repudiated": _by(
            "A repudiation cannot be taken back: one who acts as if it had not been made undoes it for the union "
            "(TULRCA 1992, s. 21(5)).",
        ),
        "claim_submitted": _by(
            "A claim made wrongly is refused, with a reason, and can be made again.",
            "claim_refused",
        ),
        "claim_approved": _by(
            "Until its payment file is prepared the claim can be refused.",
            "claim_refused",
        ),
        "claim_refused": _by(
            "The member claims again: the same claim is looked at anew.",
            "claim_submitted",
        ),
        "payee_confirmed": _by(
            "An account that changes again is unconfirmed again; until the file is prepared the claim can be refused.",
            "claim_refused",
        ),
        "claims_window_closed": _by(
            "A window that was closed stays closed; a strike day later on opens the next round.",
        ),
        "payment_batch_prepared": _by(
            "A file is never built again; one that nobody releases pays nobody.",
        ),
        "payment_batch_released": _by(
            "Only the bank takes a payment back; what it sends back is owed anew.",
            "payment_returned",
        ),
        "payment_returned": _by(
            "The claim is owed again, and is approved and paid anew.",
            "claim_approved",
        ),
        "settlement_reached": _by(
            "Where the employer slips back the case is reopened, with its history.",
            "case_reopened",
        ),
        "agreement_recorded": _by(
            "Until it is signed off the agreement can be recorded anew.",
            "agreement_recorded",
        ),
        "agreement_signed_off": _by(
            "A signed agreement is watched: a check that finds it broken reopens the case.",
            "monitoring_check_recorded",
            "case_reopened",
        ),
        "monitoring_check_recorded": _by(
            "Record another check.",
            "monitoring_check_recorded",
        ),
        "monitoring_finished": _by(
            "Reopen the case if the employer slips back.",
            "case_reopened",
        ),
        "case_reopened": _by(
            "Settle it again, or close it.",
            "settlement_reached",
            "case_closed",
        ),
    }
)
"""Of every act there is; a test holds that none is missing."""
