"""
Whether the entries of history in a certificate are what their hashes say, and whether they tell what the copies tell.

Entries about other things lie between them and are not shown, so that two that follow one another in the chain are
held against each other, and the others by their place in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from core.findings import Finding, Severity
from core.history import GENESIS, canonical, chained_hash
from notifications.certificates.faults import fault
from notifications.certificates.shape import Certificate, Copy, Entry, moment
from notifications.lifecycle import BY_JOURNAL, settled
from notifications.particulars import particulars
from notifications.proof import Sign

SOURCE = "notifications:notice:"


def findings(certificate: Certificate) -> Iterator[Finding]:
    """Everything about the history that does not fit."""
    yield from _chain(certificate)
    for copy in certificate.copies:
        entries = [each for each in certificate.history.entries if each.subject == f"notice:{copy.id}"]
        yield from _made(certificate, copy, entries)
        yield from _sent(copy, entries)
        yield from _shown(copy, entries)


def _chain(certificate: Certificate) -> Iterator[Finding]:
    entries, head = certificate.history.entries, certificate.history.head
    subjects = {f"notice:{copy.id}" for copy in certificate.copies}
    before: Entry | None = None
    for each in entries:
        at = moment(each.at)
        if at is None or at.isoformat() != each.at or _hash(each) != each.hash:
            yield fault("entry_changed", f"Entry {each.seq} is not what its hash was taken of.", f"entry {each.seq}")
        if each.subject not in subjects:
            yield fault("entry_foreign", f"Entry {each.seq} is about something else.", f"entry {each.seq}")
        if not _may_follow(before, each):
            sentence = f"Entry {each.seq} does not follow from the one before it."
            yield fault("entries_out_of_turn", sentence, f"entry {each.seq}")
        before = each
    if before is not None and (before.seq > head.seq or (before.seq == head.seq and before.hash != head.hash)):
        yield fault("entries_out_of_turn", "The head of the history comes before its entries.", "head")
    moments = [at for each in entries if (at := moment(each.at)) is not None]
    if moments != sorted(moments):
        sentence = "Somebody worked as if at an earlier moment: an entry of the history is dated before the last one."
        yield fault("entries_dated_back", sentence, severity=Severity.WARN)


def _hash(each: Entry) -> str | None:
    at = moment(each.at)
    if at is None:
        return None
    return chained_hash(each.seq, each.prev, at, each.actor, each.action, each.subject, each.facts)


def _may_follow(before: Entry | None, each: Entry) -> bool:
    if before is None:
        return each.seq > 1 or (each.seq == 1 and each.prev == GENESIS)
    return each.seq > before.seq and (each.seq > before.seq + 1 or each.prev == before.hash)


def _facts(entries: Sequence[Entry], *names: str) -> list[dict[str, Any]]:
    """What entries of these names note; a list or a record as its spelling, so that any value can be compared."""
    wanted = {f"{SOURCE}{name}" for name in names}
    return [
        {name: canonical(value) if isinstance(value, list | dict) else value for name, value in each.facts.items()}
        for each in entries
        if each.action in wanted
    ]


def _made(certificate: Certificate, copy: Copy, entries: Sequence[Entry]) -> Iterator[Finding]:
    digests: dict[str, str] = {each.name: each.sha256 for each in copy.contents}
    [prepared, *more] = _facts(entries, "prepared") or [{}]
    noted = {"body": "sha256", "html": "html_sha256", "attachment": "attachment_sha256"}
    fits = all(digests.get(part) == prepared.get(name) for part, name in noted.items())
    if more or prepared.get("kind") != certificate.kind.name or not fits:
        yield fault("not_as_prepared", "History does not have it prepared once, with these bytes.", copy.id)
    if prepared.get("particulars") != _particulars(certificate, copy):
        sentence = "History has it prepared for another recipient, of other facts or law, or otherwise marked."
        yield fault("not_as_prepared", sentence, copy.id)
    approved = [(each.get("sha256"), each.get("approver")) for each in _facts(entries, "approved")]
    wanted = [(digests.get("body"), copy.approved_by)] if copy.approved_by is not None else []
    if approved != wanted:
        yield fault("not_as_approved", "History does not have these bytes approved by that person.", copy.id)
    if [each.get("message_id") for each in _facts(entries, "queued")] != ([copy.message_id] if copy.queued_at else []):
        yield fault("not_as_released", "History does not have it released once.", copy.id)
    moments = {each.action.removeprefix(SOURCE): moment(each.at) for each in entries}
    for name, at in (("prepared", copy.created_at), ("approved", copy.approved_at), ("queued", copy.queued_at)):
        if at is not None and moments.get(name) != at:
            yield fault("not_at_that_moment", f"History has it {name} at another moment.", copy.id)


def _particulars(certificate: Certificate, copy: Copy) -> str:
    body = next((each.content_type for each in copy.contents if each.name == "body"), "")
    return particulars(
        recipient=copy.recipient.model_dump(),
        statutory=certificate.kind.statutory,
        language=copy.language,
        subject_line=copy.subject_line,
        content_type=body,
        facts=copy.facts,
        law=copy.law,
    )


def _sent(copy: Copy, entries: Sequence[Entry]) -> Iterator[Finding]:
    attempted = Counter((each.get("epoch"), each.get("outcome")) for each in _facts(entries, "attempted"))
    ours = Counter(
        (each.epoch, each.outcome.value) for each in copy.attempts if each.outcome and each.channel != BY_JOURNAL
    )
    if attempted != ours or not _as_reconciled(copy, entries):
        yield fault("not_as_sent", "Its attempts are not those that history has.", copy.id)


def _as_reconciled(copy: Copy, entries: Sequence[Entry]) -> bool:
    """Whether the attempts that the journal told of are those that history has taken in, and came to the same."""
    outcomes = {each.epoch: each.outcome for each in copy.attempts if each.channel == BY_JOURNAL}
    epochs: list[int] = []
    for each in entries:
        if each.action == f"{SOURCE}reconciled":
            named = each.facts.get("epochs")
            if not isinstance(named, list) or not all(type(epoch) is int for epoch in named):
                return False
            ended = [outcome for epoch in named if (outcome := outcomes.get(epoch)) is not None]
            if not ended or settled(ended) != each.facts.get("outcome"):
                return False
            epochs += named
    return sorted(epochs) == sorted(outcomes)


def _shown(copy: Copy, entries: Sequence[Entry]) -> Iterator[Finding]:
    told = Counter(
        (each.get("class"), each.get("kind"), each.get("received_on"), each.get("recorded_by"))
        for each in _facts(entries, "receipt_recorded")
    )
    signs = {sign.value for sign in Sign}
    ours = Counter(
        (each.evidence_class.value, each.kind, each.received_on.isoformat(), each.recorded_by)
        for each in copy.evidence
        if each.kind not in signs
    )
    if told != ours:
        yield fault("not_as_shown", "Its evidence is not what history has.", copy.id)
    against = Counter((sign, each.get("sha256")) for sign in signs for each in _facts(entries, sign))
    if against != Counter((each.kind, each.document) for each in copy.evidence if each.kind in signs):
        yield fault("not_as_shown", "What spoke against receipt is not what history has.", copy.id)
    papers = {each.get("sha256") for each in _facts(entries, "receipt_recorded", "receipt_shown")}
    if not {each.document for each in copy.evidence if each.kind not in signs and each.document} <= papers:
        yield fault("not_as_shown", "A document that shows receipt is not one that history has.", copy.id)
    withdrawn = {
        moment(each.at) for each in entries if each.action in {f"{SOURCE}proof_revoked", f"{SOURCE}receipt_withdrawn"}
    }
    if not {each.revoked_at for each in copy.evidence if each.revoked_at} <= withdrawn:
        yield fault("not_as_withdrawn", "History does not have that evidence withdrawn.", copy.id)
    if withdrawn and not any(each.revoked_at for each in copy.evidence) and not _came_back(copy):
        yield fault("not_as_withdrawn", "History has evidence withdrawn that the copy counts.", copy.id)


def _came_back(copy: Copy) -> bool:
    return any(each.kind == Sign.BOUNCED.value for each in copy.evidence)
