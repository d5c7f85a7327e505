"""
What a certificate calls the programme's own values: media, channels, states and outcomes in plain words. Nothing that
stands before a court is named as the programme names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from notifications.ladder import Rung
from notifications.language import ENGLISH, WELSH
from notifications.lifecycle import BY_JOURNAL, EvidenceClass, Medium, Outcome

MEDIA: Mapping[Medium, str] = MappingProxyType(
    {Medium.MAIL: "Email", Medium.LETTER: "Letter", Medium.SMS: "Text message", Medium.WEBHOOK: "Web service"}
)
PARTS: Mapping[str, str] = MappingProxyType(
    {"body": "its text", "html": "the same laid out", "attachment": "its letter"}
)
ROLES: Mapping[str, str] = MappingProxyType(
    {
        "officer": "an officer of the union",
        "staff": "staff of the union",
        "account": "staff of the union, signed in",
        "flow": "the programme, by itself",
        "link": "the recipient, by the link in the notice",
    }
)
RUNGS: Mapping[Rung, str] = MappingProxyType(
    {
        Rung.PREPARED: "drawn up",
        Rung.QUEUED: "released for sending",
        Rung.SENT: "sent",
        Rung.ACCEPTED: "accepted by a server, or laid down for the post",
        Rung.DELIVERED: "delivered",
        Rung.OPENED: "opened",
        Rung.ACKNOWLEDGED: "acknowledged by the recipient",
        Rung.HAND_SIGNED: "handed over or signed for",
    }
)
OUTCOMES: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.ACCEPTED: "accepted (that is not receipt)",
        Outcome.TEMP: "not taken, to be tried again",
        Outcome.PERM: "refused for good",
        Outcome.UNKNOWN: "unknown: it may have gone out",
    }
)
CHANNELS: Mapping[str, str] = MappingProxyType(
    {
        "smtp": "a mail server",
        "folder": "the folder of the print house",
        "webhook": "a web service",
        BY_JOURNAL: "known from the journal of sends",
    }
)
"""By what an attempt was made. A channel that is not among them has its own name."""
ENTRIES: Mapping[str, str] = MappingProxyType(
    {
        "prepared": "drawn up",
        "approved": "approved",
        "queued": "released for sending",
        "attempted": "an attempt to send it ended",
        "receipt_recorded": "evidence of receipt was recorded",
        "receipt_shown": "a document was added to that evidence",
        "receipt_withdrawn": "evidence of receipt was withdrawn",
        "proof_revoked": "its proof of receipt was withdrawn",
        "held": "stopped, for a person to look at it",
        "requeued": "put back to be sent",
        "released": "let go after a person had looked",
        "re_served": "served again by another notice",
        "cancelled": "taken back",
        "called_off": "called off",
        "retimed": "its time of sending was changed",
        "reconciled": "attempts were taken in from the journal of sends",
        "bounced": "a mail server said that it came back",
        "delayed": "a mail server said that it is delayed",
        "unclear": "a mail server said something unclear about it",
    }
)
"""What each entry of the history about a notice says that was done."""
CLASSES: Mapping[EvidenceClass, str] = MappingProxyType(
    {
        EvidenceClass.A: "A person or a courier signed or answered.",
        EvidenceClass.B: "A formal report of delivery, or an email handed to a server that did not come back in the "
        "time in which emails come back.",
        EvidenceClass.C: "Anything else that a machine says by itself, and posting. It is never counted as receipt.",
    }
)
GRADES: Mapping[EvidenceClass, str] = MappingProxyType(
    {
        EvidenceClass.A: "class A, the strongest: a person or a courier signed or answered",
        EvidenceClass.B: "class B: a formal report, or silence for as long as emails take to come back",
        EvidenceClass.C: "class C: a machine's word, which is not receipt",
    }
)
SPOKEN: Mapping[str, str] = MappingProxyType({ENGLISH: "English", WELSH: "Welsh"})
NONE = "–"
