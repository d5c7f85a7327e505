"""
What the evidence of a paper comes to, in one sentence that a court can read. Pure; it says no more than the evidence.

A notice that a server accepted, or that was posted, is not shown to have been received. One class of evidence is
reckoned as the ladder reckons it: of what suffices the earliest counts, and what does not suffice is named for what it
is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from core.calendar import in_words, london_day
from notifications import ladder
from notifications.certificates.shape import Copy, Kind, Proof, Standing
from notifications.ladder import Rung
from notifications.lifecycle import EvidenceClass, Outcome, State

SHOWN_BY: Mapping[str, str] = MappingProxyType(
    {
        "handed_over": "the record of the person who handed it over",
        "signed_for": "a signature for the post",
        "courier": "a courier's record",
        "acknowledged": "the recipient's own acknowledgement",
        "delivery_report": "a report of delivery by the recipient's mail server",
        "no_bounce": "a mail that a server took and that did not come back in the time in which mails come back",
        "delivered": "a machine's word that it was delivered",
        "posted": "its having been posted",
        "read_receipt": "a mail program's receipt",
        "automatic_reply": "an automatic reply",
        "bounced": "a mail that came back",
        "delayed": "a mail server's word that it is delayed",
    }
)
"""Each kind of evidence in words."""

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

PAPERS = frozenset({"handed_over", "signed_for", "courier"})
"""Evidence that is a paper or a photograph, where one was kept."""

Proved = tuple[bool, date, EvidenceClass, bool, str, str]
"""Whether it is too little, its day, its class, whether it has no document, its kind, the id of its copy."""


def standing(kind: Kind, latest_receipt_on: date | None, copies: Sequence[Copy]) -> Standing:
    """What the copies of one paper show."""
    rung = ladder.rung([as_seen(copy) for copy in copies])
    proofs = _proofs(kind, copies)
    if proofs:
        return _proved(kind, latest_receipt_on, proofs[0], rung)
    in_time = None if latest_receipt_on is None else False
    status, sentence = _not_proved(kind, copies, rung)
    return Standing(
        status=status,  # type: ignore[arg-type]
        sentence=sentence,
        received_on=None,
        evidence_class=None,
        shown_by=None,
        copy_id=None,
        in_time=in_time,
        rung=rung,
    )


def as_seen(copy: Copy) -> ladder.Copy:
    """A copy as the ladder sees it."""
    accepted = [each.finished_at for each in copy.attempts if each.outcome is Outcome.ACCEPTED and each.finished_at]
    kinds = tuple(each.kind for each in copy.evidence if each.revoked_at is None)
    return ladder.Copy(
        copy.medium, copy.state, copy.queued_at, bool(copy.epoch), max(accepted) if accepted else None, kinds
    )


def is_proof(each: Proof) -> bool:
    """Whether it is of a class that can show receipt, withdrawn or not."""
    return each.evidence_class is not EvidenceClass.C


def _proofs(kind: Kind, copies: Sequence[Copy]) -> list[Proved]:
    enough = kind.enough
    return sorted(
        (
            enough is not None and each.evidence_class > enough,
            each.received_on,
            each.evidence_class,
            each.document is None,
            each.kind,
            copy.id,
        )
        for copy in copies
        for each in copy.evidence
        if is_proof(each) and each.revoked_at is None
    )


def _proved(kind: Kind, latest: date | None, best: Proved, rung: Rung) -> Standing:
    too_little, day, worth, is_bare, shown_by, copy_id = best
    in_time = None if latest is None else not too_little and day <= latest
    shown = f"shown by {SHOWN_BY.get(shown_by, shown_by)} (class {worth.value} evidence)"
    if too_little:
        assert kind.enough is not None
        sentence = (
            f"Not shown to have been received as this kind of notice wants it: for {in_words(day)} it is "
            f"{shown}, and class {kind.enough.value} is wanted."
        )
    else:
        on = "on or before" if shown_by == "acknowledged" else "on"
        bare = " No document of it was kept." if is_bare and shown_by in PAPERS else ""
        sentence = f"Received {on} {in_words(day)}, {shown}.{bare}{_timeliness(day, latest)}"
    return Standing(
        status="too_little" if too_little else "received",
        sentence=sentence,
        received_on=day,
        evidence_class=worth,
        shown_by=shown_by,
        copy_id=copy_id,
        in_time=in_time,
        rung=rung,
    )


def _timeliness(day: date, latest: date | None) -> str:
    if latest is None:
        return ""
    if day <= latest:
        return f" In time: it had to be received by {in_words(latest)}."
    return f" Too late: it had to be received by {in_words(latest)}."


def _not_proved(kind: Kind, copies: Sequence[Copy], rung: Rung) -> tuple[str, str]:
    withdrawn = [
        (each.revoked_at, each) for copy in copies for each in copy.evidence if is_proof(each) and each.revoked_at
    ]
    if withdrawn:
        at, last = max(withdrawn, key=lambda each: each[0])
        why = f": {last.revoked_because}" if last.revoked_because else ""
        return "in_doubt", (
            f"Service in doubt: what spoke for receipt on {in_words(last.received_on)}, "
            f"{SHOWN_BY.get(last.kind, last.kind)}, was withdrawn on {in_words(london_day(at))}{why}. "
            "Nothing else shows receipt."
        )
    if any(copy.state is State.REVOKED for copy in copies):
        return "in_doubt", "Service in doubt: it came back, or its proof was withdrawn. Nothing else shows receipt."
    if rung is Rung.PREPARED or all(copy.queued_at is None for copy in copies):
        return "not_sent", _not_sent(copies)
    wanted = f" Class {kind.enough.value} evidence, or better, would show it." if kind.enough is not None else ""
    if kind.enough is EvidenceClass.A:
        wanted = " Class A evidence would show it."
    return "not_shown", f"Not shown to have been received. {NOT_RECEIPT.get(rung, '')}{wanted}".rstrip()


def _not_sent(copies: Sequence[Copy]) -> str:
    if all(copy.state is State.CANCELLED for copy in copies):
        return "Not served: it was taken back before it went out."
    return "Not served: it was drawn up and has not been released for sending."
