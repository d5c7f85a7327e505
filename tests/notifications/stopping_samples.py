"""Samples of the messages that stop action, or tell that it goes on again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

ORDERED: dict[str, Any] = {"reason": "injunction", "ordered_on": date(2026, 11, 2), "reference": "D-2026-00041"}
NOTE = "The High Court granted an injunction this afternoon."
SCHOOL: dict[str, Any] = {"workplace_name": "Hill School", "employer_name": "The North Trust"}
SUSPENDED: dict[str, Any] = {
    **SCHOOL,
    "suspends_on": date(2026, 11, 9),
    "resumes_on": date(2026, 11, 30),
    "agreed_on": date(2026, 11, 5),
    "extended_on": None,
    "reference": "C-2026-00041",
}
RESUMED: dict[str, Any] = {
    **SCHOOL,
    "resumes_on": date(2026, 11, 30),
    "because": "agreement",
    "reference": "C-2026-00041",
}
WITHDRAWN: dict[str, Any] = {
    **SCHOOL,
    "kind": "strike",
    "withdrawn_on": date(2026, 11, 2),
    "reference": "C-2026-00041",
}
REPUDIATED: dict[str, Any] = {
    "workplace_name": "Hill School",
    "caller": "The committee of the Oldtown association",
    "call": "To leave the school on Friday at noon.",
    "repudiated_by": "general_secretary",
    "repudiated_on": date(2026, 11, 2),
    "reference": "C-2026-00041",
}
STATEMENT = (
    "Your union has repudiated the call (or calls) for industrial action to which this notice relates and will give no "
    "support to unofficial industrial action taken in response to it (or them). If you are dismissed while taking "
    "unofficial industrial action, you will have no right to complain of unfair dismissal."
)
VARIED: dict[str, Any] = {
    **SCHOOL,
    "cancelled": [date(2026, 11, 4)],
    "left": [date(2026, 11, 5), date(2026, 11, 10)],
    "reference": "NT-2026-014/strike/20261103",
}

STOPPING_SAMPLES: Mapping[str, Mapping[str, Any]] = {
    "stood_down_member": {**ORDERED, "workplace_name": "Hill School"},
    "stood_down_member#error": {**ORDERED, "workplace_name": "Hill School", "reason": "error"},
    "stood_down_rep": {**ORDERED, "workplace_name": "Hill School", "note": NOTE},
    "stood_down_officer": {**ORDERED, "note": NOTE},
    "stood_down_employer": {**ORDERED, "employer_name": "The North Trust", "reason": "settlement"},
    "stood_down_scrutineer": ORDERED,
    "notice_varied_employer": VARIED,
    "notice_varied_employer#none": {**VARIED, "cancelled": [date(2026, 11, 4), date(2026, 11, 5)], "left": []},
    "action_suspended_members": SUSPENDED,
    "action_suspended_members#extended": {**SUSPENDED, "extended_on": date(2026, 11, 20)},
    "action_suspended_employer": SUSPENDED,
    "action_suspended_employer#extended": {**SUSPENDED, "extended_on": date(2026, 11, 20)},
    "action_resumes_members": RESUMED,
    "action_resumes_members#court": {**RESUMED, "because": "court_order"},
    "action_resumes_employer": RESUMED,
    "action_resumes_employer#court": {**RESUMED, "because": "court_order"},
    "action_withdrawn_members": WITHDRAWN,
    "action_withdrawn_members#asos": {**WITHDRAWN, "kind": "asos"},
    "action_withdrawn_employer": WITHDRAWN,
    "action_withdrawn_employer#asos": {**WITHDRAWN, "kind": "asos"},
    "repudiation_members": {**REPUDIATED, "statement": STATEMENT},
    "repudiation_employer": {**REPUDIATED, "employer_name": "The North Trust"},
    "repudiation_official": REPUDIATED,
}
