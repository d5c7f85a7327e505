"""Each act and whom it is for, written apart from the program."""

from __future__ import annotations

from casework.people.roles import Role

LEAD = {Role.NATIONAL_OFFICIAL, Role.ASSOCIATION_SECRETARY, Role.CASEWORKER}
PREPARE = {Role.NATIONAL_OFFICIAL, Role.BALLOT_TEAM}
REPORT = PREPARE | {Role.SCRUTINEER_LIAISON}
RECEIVE = LEAD | REPORT
FINANCE = {Role.FINANCE_PREPARER, Role.FINANCE_APPROVER}
ACTS_FOR: dict[str, set[Role]] = {
    "members_meeting_arranged": LEAD,
    "members_meeting_held": LEAD,
    "head_met": LEAD,
    "officer_assigned": LEAD,
    "officer_accepted": LEAD,
    "officer_declined": LEAD,
    "assessment_recorded": LEAD,
    "negotiation_held": LEAD,
    "issue_added": LEAD,
    "employer_address_recorded": LEAD,
    "workplace_email_recorded": LEAD,
    "case_rested": LEAD,
    "case_woken": LEAD,
    "case_closed": LEAD,
    "case_reopened": LEAD,
    "asos_authorised": LEAD,
    "escalation_sought": LEAD,
    "escalation_meeting_held": LEAD,
    "strike_authorised": LEAD,
    "strike_day_held": LEAD,
    "strike_day_withdrawn": LEAD,
    "dispute_stood_down": LEAD,
    "stand_down_lifted": LEAD,
    "action_suspended": LEAD,
    "suspension_extended": LEAD,
    "notice_varied": LEAD,
    "notice_withdrawn": LEAD,
    "call_repudiated": LEAD,
    "settlement_reached": LEAD,
    "agreement_recorded": LEAD,
    "agreement_signed_off": LEAD,
    "monitoring_check_recorded": LEAD,
    "monitoring_finished": LEAD,
    "dispute_declared": PREPARE,
    "dispute_joined": PREPARE,
    "ballot_authorised": PREPARE,
    "ballot_notices_approved": PREPARE,
    "receipt_withdrawn": PREPARE,
    "notice_released": PREPARE,
    "ballot_cancelled": PREPARE,
    "turnout_reported": PREPARE,
    "result_declared": PREPARE,
    "action_notices_approved": PREPARE,
    "notice_received": RECEIVE,
    "service_address_confirmed": RECEIVE,
    "employer_left_out": RECEIVE,
    "scrutineer_reported": REPORT,
    "report_copy_asked": REPORT,
    "claim_submitted": LEAD | {Role.FINANCE_PREPARER},
    "claim_approved": FINANCE,
    "claim_refused": FINANCE,
    "payee_confirmed": FINANCE,
    "claims_window_closed": FINANCE,
    "payment_returned": FINANCE,
    "payment_batch_prepared": {Role.FINANCE_PREPARER},
    "payment_batch_released": {Role.FINANCE_APPROVER},
}
