"""
What the evidence of a paper comes to, in one sentence that a court can read. Pure; it says no more than the evidence.

A notice that a server accepted, or that was posted, is not shown to have been received. One class of evidence is
reckoned as the ladder reckons it: of what suffices the earliest counts, and what does not suffice is named for what it
is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from core.calendar import in_words, london_day
from notifications import ladder
from notifications.certificates.shape import Copy, Kind, Proof, Standing, Status
from notifications.ladder import Rung
from notifications.lifecycle import EvidenceClass, Outcome, State
from notifications.proof import ReceiptKind, Sign

SHOWN_BY: Mapping[str, str] = MappingProxyType(
    {
        ReceiptKind.HANDED_OVER: "the record of the person who handed it over",
        ReceiptKind.SIGNED_FOR: "a signature for the post",
        ReceiptKind.COURIER: "a courier's record",
        ReceiptKind.ACKNOWLEDGED: "the recipient's own acknowledgement",
        ReceiptKind.DELIVERY_REPORT: "a report of delivery by the recipient's mail server",
        ReceiptKind.NO_BOUNCE: "a mail that a server took and that did not come back in the time in which mails "
        "come back",
        ReceiptKind.DELIVERED: "a machine's word that it was delivered",
        ReceiptKind.POSTED: "its having been posted",
        ReceiptKind.READ_RECEIPT: "a mail program's receipt",
        ReceiptKind.AUTOMATIC_REPLY: "an automatic reply",
        Sign.BOUNCED: "a mail that came back",
        Sign.DELAYED: "a mail server's word that it is delayed",
        Sign.UNCLEAR: "something that a mail server sent about it and that no program can read",
    }
)
"""Each kind of evidence in words. A file to be checked may name a kind that there is not: it is said as it stands."""

OPENINGS: Mapping[Status, str] = MappingProxyType(
    {
        "received": "Received on",
        "too_little": "Not shown to have been received as this kind of notice wants it",
        "in_doubt": "Service in doubt",
        "not_shown": "Not shown to have been received",
        "not_sent": "Not served",
    }
)
"""How the sentence of each status begins, in every version; how it goes on may be worded better in a later one."""

NOT_RECEIPT: Mapping[Rung, str] = MappingProxyType(
    {
        Rung.QUEUED: "It was released for sending, and no attempt is on record.",
        Rung.SENT: "An attempt to send it is on record, and nothing that says that anybody has it.",
        Rung.ACCEPTED: "It was handed to a mail server, or to the post. That is not receipt.",
        Rung.DELIVERED: "A machine says that it was delivered. That by itself is not proof of receipt.",
        Rung.OPENED: "A mail program says that it was opened. That by itself is not proof of receipt.",
    }
)
"""How far it came, for a paper of which nothing shows receipt."""

PAPERS = frozenset({ReceiptKind.HANDED_OVER, ReceiptKind.SIGNED_FOR, ReceiptKind.COURIER})
"""Evidence that is a paper or a photograph, where one was kept."""


@dataclass(frozen=True, slots=True, order=True)
class Proved:
    """A proof that stands. They are in order of what counts first: enough, early, strong, with a document."""

    too_little: bool
    on: date
    worth: EvidenceClass
    is_bare: bool
    shown_by: str
    copy_id: str


def standing(kind: Kind, latest_receipt_on: date | None, copies: Sequence[Copy], drawn_on: date) -> Standing:
    """What the copies of one paper show on the day on which that is asked."""
    rung = ladder.rung([as_seen(copy) for copy in copies])
    proofs = _proofs(kind, copies)
    best = proofs[0] if proofs else None
    status, sentence = _not_proved(kind, copies, rung) if best is None else _proved(kind, latest_receipt_on, best)
    return Standing(
        status=status,
        sentence=sentence,
        received_on=None if best is None else best.on,
        evidence_class=None if best is None else best.worth,
        shown_by=None if best is None else best.shown_by,
        copy_id=None if best is None else best.copy_id,
        in_time=_in_time(best, latest_receipt_on, drawn_on),
        rung=rung,
    )


def _in_time(best: Proved | None, latest: date | None, drawn_on: date) -> bool | None:
    """None where no day is set, and while the day is not over and enough may still come."""
    if latest is None:
        return None
    if best is not None and not best.too_little:
        return best.on <= latest
    return None if drawn_on <= latest else False


def as_seen(copy: Copy) -> ladder.Copy:
    """A copy as the ladder sees it."""
    accepted = [each.finished_at for each in copy.attempts if each.outcome is Outcome.ACCEPTED and each.finished_at]
    kinds = tuple(each.kind for each in copy.evidence if each.revoked_at is None)
    return ladder.Copy(
        copy.medium, copy.state, copy.queued_at, bool(copy.epoch), max(accepted) if accepted else None, kinds
    )


def begins_as_it_should(told: Standing) -> bool:
    """Whether a sentence in another version's words begins as its status does, and names the day it counts on."""
    day = "" if told.received_on is None else in_words(told.received_on)
    return told.sentence.startswith(OPENINGS[told.status]) and day in told.sentence


def is_proof(each: Proof) -> bool:
    """Whether it is of a class that can show receipt, withdrawn or not."""
    return each.evidence_class is not EvidenceClass.C


def _proofs(kind: Kind, copies: Sequence[Copy]) -> list[Proved]:
    enough = kind.enough
    return sorted(
        Proved(
            too_little=enough is not None and each.evidence_class > enough,
            on=each.received_on,
            worth=each.evidence_class,
            is_bare=each.document is None,
            shown_by=each.kind,
            copy_id=copy.id,
        )
        for copy in copies
        for each in copy.evidence
        if is_proof(each) and each.revoked_at is None
    )


def _proved(kind: Kind, latest: date | None, best: Proved) -> tuple[Status, str]:
    shown = f"shown by {SHOWN_BY.get(best.shown_by, best.shown_by)} (class {best.worth.value} evidence)"
    if best.too_little:
        assert kind.enough is not None
        return "too_little", (
            f"{OPENINGS['too_little']}: for {in_words(best.on)} it is {shown}, and class {kind.enough.value} is wanted."
        )
    before = "or before " if best.shown_by == ReceiptKind.ACKNOWLEDGED else ""
    bare = " No document of it was kept." if best.is_bare and best.shown_by in PAPERS else ""
    on = f"{OPENINGS['received']} {before}{in_words(best.on)}"
    return "received", f"{on}, {shown}.{bare}{_timeliness(best.on, latest)}"


def _timeliness(day: date, latest: date | None) -> str:
    if latest is None:
        return ""
    if day <= latest:
        return f" In time: it had to be received by {in_words(latest)}."
    return f" Too late: it had to be received by {in_words(latest)}."


def _not_proved(kind: Kind, copies: Sequence[Copy], rung: Rung) -> tuple[Status, str]:
    withdrawn = [
        (each.revoked_at, each) for copy in copies for each in copy.evidence if is_proof(each) and each.revoked_at
    ]
    if withdrawn:
        at, last = max(withdrawn, key=lambda each: each[0])
        why = f": {last.revoked_because}" if last.revoked_because else ""
        return "in_doubt", (
            f"{OPENINGS['in_doubt']}: what spoke for receipt on {in_words(last.received_on)}, "
            f"{SHOWN_BY.get(last.kind, last.kind)}, was withdrawn on {in_words(london_day(at))}{why}. "
            "Nothing else shows receipt."
        )
    if any(copy.state is State.REVOKED for copy in copies):
        doubt = f"{OPENINGS['in_doubt']}: it came back, or its proof was withdrawn. Nothing else shows receipt."
        return "in_doubt", doubt
    if rung is Rung.PREPARED or all(copy.queued_at is None for copy in copies):
        return "not_sent", _not_sent(copies)
    return "not_shown", f"{OPENINGS['not_shown']}. {NOT_RECEIPT.get(rung, '')}{_wanted(kind)}".rstrip()


def _wanted(kind: Kind) -> str:
    match kind.enough:
        case None:
            return ""
        case EvidenceClass.A:
            return " Class A evidence would show it."
        case least:
            return f" Class {least.value} evidence, or better, would show it."


def _not_sent(copies: Sequence[Copy]) -> str:
    if all(copy.state is State.CANCELLED for copy in copies):
        return f"{OPENINGS['not_sent']}: it was taken back before it went out."
    return f"{OPENINGS['not_sent']}: it was drawn up and has not been released for sending."
