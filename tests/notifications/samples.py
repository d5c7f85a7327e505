"""One lawful set of facts for every kind of message, and variants where the law or the pattern of action changes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from notifications.lifecycle import Medium
from notifications.messages import message_kind
from notifications.recipients import Recipient
from notifications.rendering import Page, render
from tests.notifications.stopping_samples import STOPPING_SAMPLES

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
EXAMPLE_LETTERS = {
    "notice-of-ballot.pdf": "notice_of_ballot",
    "notice-of-industrial-action.pdf": "notice_of_action",
}
DATED = date(2026, 9, 1)

WARNING = (
    "If you take part in a strike or other industrial action, you may be in breach of your contract of employment. "
    "However, if you are dismissed for taking part in strike or other industrial action which is called officially and "
    "is otherwise lawful, the dismissal will be unfair."
)
WORKPLACES = [
    {"name": "Hill School", "urn": 900001, "address": "Hill Lane, Oldtown, OT2 1AA"},
    {"name": "Dale Primary School", "urn": 900002},
]
CATEGORIES = ["Teachers", "Teaching assistants and other support staff"]
BY_CATEGORY = {"Teachers": 1_101, CATEGORIES[1]: 103}
BY_WORKPLACE = {"900001": 1_007, "Dale Primary School (URN 900002)": 197}
EXPLANATION = (
    "The figures come from the union's register of members as it stood on 1 September 2026.\n\n"
    "Each member is counted once, at the workplace that the register records."
)
QUESTIONS = [
    {"kind": "strike", "wording": "Are you prepared to take part in strike action?"},
    {"kind": "asos", "wording": "Are you prepared to take part in industrial action short of a strike?"},
]
RECEIPT_COUNTS = "Receipt counts, not sending; every day counts, weekends and holidays too."
BY_NOTICE = {
    "what": "This notice to be received not later than",
    "day": date(2026, 9, 14),
    "rule": "The employer must have received the notice of ballot not later than the 7th day before the day the ballot "
    f"opens. {RECEIPT_COUNTS}",
    "arithmetic": "Monday 21 September 2026 − 7 days = Monday 14 September 2026; "
    "receipt at any time of that day will do",
    "source": "TULRCA 1992, s. 226A(1)(a)",
}
BY_SAMPLE = {
    "what": "The sample voting paper to be received not later than",
    "day": date(2026, 9, 18),
    "rule": "The employer must have received the sample voting paper not later than the 3rd day before the day the "
    f"ballot opens. {RECEIPT_COUNTS}",
    "arithmetic": "Monday 21 September 2026 − 3 days = Friday 18 September 2026; "
    "receipt at any time of that day will do",
    "source": "TULRCA 1992, s. 226A(1)(b)",
}
BY_ACTION_NOTICE = {
    "what": "This notice to be received not later than",
    "day": date(2026, 10, 24),
    "rule": "The employer must have received the notice of action not later than the 10th day before the first day of "
    f"action. {RECEIPT_COUNTS}",
    "arithmetic": "Tuesday 3 November 2026 − 10 days = Saturday 24 October 2026; "
    "receipt at any time of that day will do",
    "source": "Employment Rights Act 2025, s. 74(1)(c)",
}
LAST_DAY = {
    "what": "Last day on which the ballot supports action",
    "day": date(2027, 10, 18),
    "rule": "The ballot supports action for the 12 months that begin with the date of the ballot; that day is the "
    "first of them.",
    "arithmetic": "Monday 19 October 2026 + 12 months = Tuesday 19 October 2027; − 1 day = Monday 18 October 2027, "
    "to midnight",
    "source": "Employment Rights Act 2025, s. 72",
}
REPORT_DUE = {
    "what": "Your report due not later than",
    "day": date(2026, 11, 15),
    "rule": "The scrutineer reports within the 4 weeks that begin with the date of the ballot; that day is the first "
    "of them.",
    "arithmetic": "4 weeks are 28 days, the first of them Monday 19 October 2026: Monday 19 October 2026 + 27 days = "
    "Sunday 15 November 2026",
    "source": "TULRCA 1992, s. 226B(1)(b)",
}
RESULT: dict[str, Any] = {
    "employer_name": "The North Trust",
    "entitled": 1_204,
    "cast": 811,
    "questions": [
        {"kind": "strike", "label": "Strike action", "yes": 602, "no": 205, "spoiled": 4},
        {"kind": "asos", "label": "Action short of a strike", "yes": 702, "no": 106, "spoiled": 3},
    ],
    "turnout_statement": "At least half of those entitled to vote did vote.",
    "support_statement": None,
    "closed_on": date(2026, 10, 19),
    "reference": "NT-2026-014",
}
NOTICE_OF_BALLOT: dict[str, Any] = {
    "employer_name": "The North Trust",
    "opening_day": date(2026, 9, 21),
    "closing_day": date(2026, 10, 19),
    "contents": "lists_and_total",
    "total": 1_204,
    "categories": CATEGORIES,
    "workplaces": WORKPLACES,
    "by_category": BY_CATEGORY,
    "by_workplace": BY_WORKPLACE,
    "explanation": EXPLANATION,
    "questions": ["Strike action", "Action short of a strike"],
    "reckoned": [BY_NOTICE, BY_SAMPLE],
    "reference": "NT-2026-014",
}
SAMPLE_PAPER: dict[str, Any] = {
    "employer_name": "The North Trust",
    "opening_day": date(2026, 9, 21),
    "return_by": date(2026, 10, 19),
    "return_address": "Example Election Services, 2 Example Road, London, N2 2BB",
    "scrutineer": "Example Election Services",
    "caller": "General Secretary",
    "questions": QUESTIONS,
    "statement": WARNING,
    "summaries": None,
    "reckoned": [BY_SAMPLE],
    "reference": "NT-2026-014",
}
NOTICE_OF_ACTION: dict[str, Any] = {
    "employer_name": "The North Trust",
    "kind": "strike",
    "pattern": "discontinuous",
    "dates": [date(2026, 11, 3), date(2026, 11, 5)],
    "starts": None,
    "actions": [],
    "also": None,
    "contents": "workplace_figures",
    "total": 1_204,
    "categories": CATEGORIES,
    "by_category": None,
    "workplaces": WORKPLACES,
    "by_workplace": BY_WORKPLACE,
    "explanation": EXPLANATION,
    "caller": "General Secretary",
    "mandate_last_day": date(2027, 10, 18),
    "reckoned": [BY_ACTION_NOTICE, LAST_DAY],
    "reference": "NT-2026-014-A1",
}
REMINDER: dict[str, Any] = {
    "workplace_name": "Hill School",
    "what": "Answer to the members' letter",
    "due_on": date(2026, 9, 15),
    "days_left": 3,
    "level": "red",
    "why": "The head teacher has 14 days to answer the members' letter. (2026-09-01 + 14 days)",
    "reference": "C-2026-00041",
}
STOOD_DOWN: dict[str, Any] = {
    "scrutineer": "Example Election Services",
    "employer_name": "The North Trust",
    "reason": "The dispute was settled.",
    "reference": "NT-2026-014",
}
STRIKE_CALL: dict[str, Any] = {
    "workplace_name": "Hill School",
    "employer_name": "The North Trust",
    "days": [date(2026, 11, 3), date(2026, 11, 5)],
    "advice": "Please do no work for your employer on these days.\n\nSpeak to your rep before you join a picket.\n\n"
    "The union makes the pay good that you lose: keep the payslip that shows the deduction.",
    "caller": "General Secretary",
    "reference": "C-2026-00041",
}
SAMPLES: Mapping[str, Mapping[str, Any]] = {
    "model_letter_to_head": {
        "workplace_name": "Hill School",
        "issues": [
            {"title": "Lesson planning", "ask": "Stop collecting weekly plans and withdraw the compulsory template."},
            {"title": "Meetings and directed time", "ask": "Publish a calendar of directed time and agree it with us."},
        ],
        "answer_by": date(2026, 9, 15),
        "members_present": 23,
        "members_in_favour": 21,
        "reference": "C-2026-00041",
    },
    "officer_assigned": {
        "officer_name": "Robin Example",
        "workplace_name": "Hill School",
        "urn": 900001,
        "reason": "You cover Oldtown and carry the fewest open cases of those who do.",
        "stage": "officer_assigned",
        "reference": "C-2026-00041",
        "accept_by": date(2026, 9, 18),
    },
    "dispute_notified": {
        "employer_name": "The North Trust",
        "workplace_name": "Hill School",
        "matters": ["the collection of weekly lesson plans", "the number and length of meetings after school"],
        "reference": "C-2026-00041",
    },
    "deadline_reminder_workplace": REMINDER,
    "deadline_reminder_officer": {**REMINDER, "officer_name": "Robin Example", "urn": 900001},
    "deadline_reminder_officer#late": {
        **REMINDER,
        "officer_name": "Robin Example",
        "urn": None,
        "days_left": -4,
        "level": "stop",
    },
    "mail_digest": {
        "name": "Jo Example",
        "day": "2026-09-08",
        "counts": ["Days that are due or near: 1"],
        "listed": ["2026-0001: The ballot closes, by 1 October 2026. http://127.0.0.1:8321/cases/2026-0001"],
        "more": 3,
        "dashboard": "http://127.0.0.1:8321",
        "reference": "digest of 2026-09-08",
    },
    "deadline_moved": {
        "officer_name": "Robin Example",
        "workplace_name": "Hill School",
        "urn": 900001,
        "what": "The employer is told the result",
        "was_on": date(2026, 10, 20),
        "due_on": date(2026, 10, 21),
        "because": "the bank holiday A day of thanks",
        "why": "The union's own bound is the next working day.",
        "reference": "C-2026-00041",
    },
    "notice_of_ballot": NOTICE_OF_BALLOT,
    "notice_of_ballot#full": {**NOTICE_OF_BALLOT, "contents": "full_figures"},
    "sample_voting_paper": SAMPLE_PAPER,
    "sample_voting_paper#summaries": {
        **SAMPLE_PAPER,
        "summaries": {
            "summary_of_dispute": "The dispute is about the collection of weekly lesson plans.",
            "asos_types": ["not handing in weekly lesson plans", "not attending meetings beyond one a week"],
            "periods": {"strike": "on dates to be announced in March 2026", "asos": "from 2 March 2026 for six months"},
        },
    },
    "ballot_result_employer": RESULT,
    "ballot_result_members": RESULT,
    "notice_of_action": NOTICE_OF_ACTION,
    "notice_of_action#asos": {
        **NOTICE_OF_ACTION,
        "kind": "asos",
        "pattern": "continuous",
        "dates": None,
        "starts": date(2026, 11, 2),
        "actions": [
            "Members will go on planning their lessons but will not hand in weekly plans.",
            "Members will attend no more than one meeting a week after school, of up to 60 minutes.",
        ],
    },
    "notice_of_action#both": {
        **NOTICE_OF_ACTION,
        "also": {
            "kind": "asos",
            "pattern": "continuous",
            "dates": None,
            "starts": date(2026, 11, 2),
            "actions": [
                "Members will go on planning their lessons but will not hand in weekly plans.",
                "Members will attend no more than one meeting a week after school, of up to 60 minutes.",
            ],
        },
    },
    "notice_of_action#full": {**NOTICE_OF_ACTION, "contents": "full_figures", "by_category": BY_CATEGORY},
    "instruction_sheet": {
        "workplace_name": "Hill School",
        "starts": date(2026, 11, 2),
        "instructions": [
            {"number": 1, "text": "Plan as you judge best, and do not hand in weekly lesson plans."},
            {
                "number": 7,
                "text": "Do not observe a colleague's lesson beyond the agreed limit.",
                "condition": "to those who observe lessons",
            },
        ],
        "advice": "Go on teaching your lessons.\n\nKeep a note of what you are asked to do against an instruction.",
        "reference": "NT-2026-014-A1",
    },
    "strike_call": STRIKE_CALL,
    "strike_call#one": {**STRIKE_CALL, "days": [date(2026, 11, 3)]},
    "strike_call#many": {**STRIKE_CALL, "days": [date(2026, 11, day) for day in (3, 4, 5, 10)]},
    "strike_day_called_off": {
        "workplace_name": "Hill School",
        "day": date(2026, 11, 5),
        "reference": "C-2026-00041",
    },
    "claim_decided": {
        "member_name": "Kim Sample",
        "days": [date(2026, 11, 3), date(2026, 11, 5)],
        "total_pence": 20_055,
        "decision": "approved",
        "reason": None,
        "reference": "P-2026-00007",
    },
    "claim_decided#refused": {
        "member_name": "Kim Sample",
        "days": [date(2026, 11, 3)],
        "total_pence": 0,
        "decision": "refused",
        "reason": "The payslip shows no deduction for that day.",
        "reference": "P-2026-00007",
    },
    "claim_received": {
        "member_name": "Kim Sample",
        "days": [date(2026, 11, 3), date(2026, 11, 5)],
        "deducted_pence": 20_055,
        "reference": "P-2026-00007",
    },
    "claim_paid": {
        "member_name": "Kim Sample",
        "days": [date(2026, 11, 3), date(2026, 11, 5)],
        "total_pence": 20_055,
        "paid_on": date(2026, 12, 10),
        "payment_reference": "MC-0123456789abcdef0123456789abcdef",
        "reference": "P-2026-00007",
    },
    "payment_returned": {
        "member_name": "Kim Sample",
        "total_pence": 20_055,
        "returned_on": date(2026, 12, 15),
        "reference": "P-2026-00007",
    },
    "meeting_call": {
        "workplace_name": "Hill School",
        "meets_on": date(2026, 9, 8),
        "issues": ["Lesson planning", "Meetings and directed time"],
        "reference": "C-2026-00041",
    },
    "officer_introduced": {
        "workplace_name": "Hill School",
        "officer_name": "Robin Example",
        "reference": "C-2026-00041",
    },
    "strike_day_reminder": {
        "workplace_name": "Hill School",
        "day": date(2026, 11, 3),
        "pickets": 6,
        "reference": "C-2026-00041",
    },
    "scrutineer_report_copy": {
        "employer_name": "The North Trust",
        "scrutineer": "Example Election Services",
        "closed_on": date(2026, 10, 19),
        "received_on": date(2026, 10, 30),
        "asked_on": date(2026, 11, 9),
        "report": "We are satisfied that there are no reasonable grounds for believing that there was any "
        "contravention of a requirement imposed by or under any enactment in relation to the ballot.\n\n"
        "The arrangements for the production, storage, distribution, return and handling of the voting papers, and "
        "those for the counting of the votes, held all such security as was reasonably practicable.\n\n"
        "We were able to carry out our functions without any interference from the union.",
        "reference": "NT-2026-014",
    },
    "settlement_record": {
        "workplace_name": "Hill School",
        "employer_name": "The North Trust",
        "clauses": [
            {
                "issue": "Lesson planning",
                "what_changes": "Weekly plans are no longer collected. The template is withdrawn.",
                "from_on": date(2026, 11, 2),
            },
            {
                "issue": "Meetings",
                "what_changes": "One meeting a week after school, of up to 60 minutes, in a published calendar.",
                "from_on": date(2027, 1, 4),
            },
        ],
        "signed_on": date(2026, 10, 23),
        "first_check_on": date(2027, 1, 22),
        "reference": "C-2026-00041",
    },
    "case_reopened": {
        "workplace_name": "Hill School",
        "clauses_broken": ["Weekly plans are no longer collected."],
        "evidence": "Plans were asked for in 5 of the 6 weeks since 2 November 2026, from 11 members.",
        "reference": "C-2026-00041",
        "answer_by": date(2026, 12, 18),
    },
    "stand_down": {
        "workplace_name": "Hill School",
        "last_day": date(2027, 10, 18),
        "reason": "mandate_ends",
        "reference": "NT-2026-014-A1",
    },
    "scrutineer_instruction": {
        "scrutineer": "Example Election Services",
        "employer_name": "The North Trust",
        "entitled": 1_204,
        "opening_day": date(2026, 9, 21),
        "closing_day": date(2026, 10, 19),
        "report_due": date(2026, 11, 15),
        "questions": [question["wording"] for question in QUESTIONS],
        "reckoned": [REPORT_DUE],
        "reference": "NT-2026-014",
    },
    "scrutineer_stood_down": STOOD_DOWN,
    "scrutineer_stood_down#unexplained": {**STOOD_DOWN, "reason": None},
    **STOPPING_SAMPLES,
}

RECIPIENTS: Mapping[str, Recipient] = {
    "employer": Recipient(
        "employer:1",
        "The North Trust",
        "clerk@north-trust.test",
        ("Trust House", "14 Station Road", "Oldtown", "OT1 4AB"),
    ),
    "workplace": Recipient(
        "workplace:1",
        "The Head Teacher, Hill School",
        "office@hill.test",
        ("The Head Teacher", "Hill School", "Hill Lane", "Oldtown", "OT2 1AA"),
    ),
    "officer": Recipient("officer:1", "Robin Example", "robin@union.test", ("5 Office Street", "Oldtown", "OT1 1AB")),
    "account": Recipient("account:1", "Jo Example", "jo@union.test", ("5 Office Street", "Oldtown", "OT1 1AB")),
    "member": Recipient("member:1", "Kim Sample", "kim@home.test", ("7 Home Street", "Oldtown", "OT1 1AC")),
    "official": Recipient(
        "committee:1", "The Oldtown committee", "committee@union.test", ("3 Office Street", "Oldtown", "OT1 1AB")
    ),
    "scrutineer": Recipient(
        "scrutineer:1", "Example Election Services", "ballots@ees.test", ("2 Example Road", "London", "N2 2BB")
    ),
}


def kind_of(sample: str) -> str:
    """The kind of message a sample is of: `notice_of_action#asos` is a `notice_of_action`."""
    return sample.partition("#")[0]


def recipient_for(audience: str) -> Recipient:
    """A recipient with both addresses."""
    return RECIPIENTS[audience]


def page(sample: str, **changes: Any) -> Page:
    """A sample as a page, dated 1 September 2026."""
    kind = message_kind(kind_of(sample))
    return Page(kind, kind.check({**SAMPLES[sample], **changes}), {}, recipient_for(kind.audience), DATED)


def lay_examples() -> None:
    """Render the example letters of the documentation anew."""
    for name, sample in EXAMPLE_LETTERS.items():
        (EXAMPLES / name).write_bytes(render(page(sample), Medium.LETTER).body)


if __name__ == "__main__":
    lay_examples()
