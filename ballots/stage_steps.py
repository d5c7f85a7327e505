"""
What a worker does by itself for a case at each stage, step by step. The flows make a task of each; a preview does them
in a transaction that it gives up. At a stage that is not here only people act.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import TypeAlias

from ballots import action_steps, steps, suspensions
from casework import steps as case_steps
from casework.agreements import steps as agreement_steps
from casework.lifecycle import Stage
from casework.pay import steps as pay_steps
from core.unit_of_work import UnitOfWork

Steps: TypeAlias = tuple[Callable[[UnitOfWork, uuid.UUID], None], ...]

NEGOTIATION: Steps = (case_steps.send_head_letter, case_steps.refer_unanswered, case_steps.assign_officer)
BALLOT: Steps = (
    steps.set_ballot_deadlines,
    steps.prepare_ballot_notices,
    steps.serve_ballot_notices,
    steps.open_ballot,
    steps.close_ballot,
    steps.tell_result,
    action_steps.end_action,
    suspensions.resume_suspended,
)
ASOS: Steps = (
    steps.tell_result,
    action_steps.prepare_action_notices,
    action_steps.serve_action_notices,
    action_steps.send_instruction_sheets,
    action_steps.begin_action,
    action_steps.end_action,
    suspensions.resume_suspended,
)
STRIKE: Steps = (
    steps.tell_result,
    action_steps.prepare_action_notices,
    action_steps.serve_action_notices,
    action_steps.send_strike_calls,
    action_steps.end_strike,
    action_steps.end_action,
    suspensions.resume_suspended,
)
PAY: Steps = (
    action_steps.end_action,
    suspensions.resume_suspended,
    steps.tell_result,
    pay_steps.calculate_claims,
    pay_steps.close_claims,
)
MONITORING: Steps = (action_steps.end_action, steps.tell_result, agreement_steps.schedule_check)

STAGE_STEPS: Mapping[Stage, Steps] = {
    Stage.HEAD_MEETING: NEGOTIATION,
    Stage.OFFICER_ASSIGNED: NEGOTIATION,
    Stage.OFFICER_NEGOTIATION: BALLOT,
    Stage.BALLOT_PREPARATION: BALLOT,
    Stage.BALLOT_OPEN: BALLOT,
    Stage.BALLOT_RESULT: BALLOT,
    Stage.ASOS_AUTHORISED: ASOS,
    Stage.ASOS_IN_FORCE: ASOS,
    Stage.STRIKE_ESCALATION: STRIKE,
    Stage.STRIKE_ACTION: STRIKE,
    Stage.PAY_REIMBURSEMENT: PAY,
    Stage.SETTLED: MONITORING,
    Stage.MONITORING: MONITORING,
    Stage.CLOSED: MONITORING,
}
