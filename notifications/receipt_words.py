"""Each kind of receipt in words: what it is called, what it proves, and what it does not. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from notifications.lifecycle import EvidenceClass
from notifications.proof import WORTH, ReceiptKind


@dataclass(frozen=True, slots=True)
class Proves:
    """A kind of receipt for whoever has to choose one."""

    name: str
    proves: str
    not_proved: str

    @property
    def both(self) -> str:
        """What it proves and what it does not, in two sentences."""
        return f"{self.proves} {self.not_proved}"


KINDS: Mapping[ReceiptKind, Proves] = MappingProxyType(
    {
        ReceiptKind.HANDED_OVER: Proves(
            "Handed over in person",
            "Proves, by whoever carried it, that somebody was given it there on that day.",
            "It does not prove that the recipient read it, nor, without a signed slip, who took it.",
        ),
        ReceiptKind.SIGNED_FOR: Proves(
            "Signed for, by post",
            "Proves that somebody at the address signed for the letter on that day.",
            "It does not prove what the envelope held, nor who signed.",
        ),
        ReceiptKind.COURIER: Proves(
            "Delivered by a courier",
            "Proves, by the courier's record, that it was given out at the address on that day.",
            "It does not prove who took it, unless the record names them.",
        ),
        ReceiptKind.ACKNOWLEDGED: Proves(
            "Acknowledged by the recipient",
            "Proves that the recipient had it on that day, or before.",
            "It does not prove on which earlier day it came.",
        ),
        ReceiptKind.DELIVERY_REPORT: Proves(
            "Report of delivery by a mail server",
            "Proves that the recipient's mail server took the email on that day.",
            "It does not prove that anybody opened it.",
        ),
        ReceiptKind.NO_BOUNCE: Proves(
            "No bounce for three days",
            "Proves that a mail server took the email and did not send it back.",
            "It does not prove that anybody opened it.",
        ),
        ReceiptKind.DELIVERED: Proves(
            "A machine says that it was delivered",
            "Proves nothing by itself: it is kept and shown.",
            "It is never counted as receipt.",
        ),
        ReceiptKind.POSTED: Proves(
            "Posted",
            "Proves that it was sent.",
            "It does not prove that it arrived, and is never counted as receipt.",
        ),
        ReceiptKind.READ_RECEIPT: Proves(
            "Read receipt of a mail program",
            "Proves nothing by itself: a program may send it with nobody there.",
            "It is never counted as receipt.",
        ),
        ReceiptKind.AUTOMATIC_REPLY: Proves(
            "Automatic reply",
            "Proves that the mailbox answers by itself.",
            "It does not prove that anybody saw the email, and is never counted as receipt.",
        ),
    }
)


def wants_a_paper(kind: ReceiptKind) -> bool:
    """Whether it counts as the strongest proof, so that whoever records it without a paper is asked twice."""
    return WORTH[kind] is EvidenceClass.A
