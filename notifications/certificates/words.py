"""
What stands on the pages of a certificate: every table and sentence, in words. Pure; the layout adds nothing to them.

Moments are shown in London time with the clock they are by, days with their weekday.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from core.calendar import counted, in_words, london_time
from core.why import CERTAINTY
from notifications import law_told
from notifications.certificates.annexes import annexes, called, document_name, name_of, part_of
from notifications.certificates.paragraphs import paragraphs
from notifications.certificates.shape import Certificate, Copy, Entry, Proof, moment
from notifications.certificates.standing import SHOWN_BY
from notifications.certificates.vocabulary import (
    CHANNELS,
    CLASSES,
    ENTRIES,
    MEDIA,
    NONE,
    OUTCOMES,
    ROLES,
    RUNGS,
    SPOKEN,
)
from notifications.language import ENGLISH, language
from notifications.lifecycle import EvidenceClass, Medium

TITLE = "Certificate of service"
DOES_NOT_SHOW = (
    "It does not show that anybody read the notice, nor that an address is the right one in law. That a mail server "
    "accepted an email, or that a letter was posted, is stated where it is so, and is not receipt.",
    "It shows what the union's records hold. The names of its officers stay with the union: each is one opaque "
    "reference, the same throughout.",
)


def page_of(certificate: Certificate, digest: str) -> dict[str, Any]:
    """Everything the layout needs, in JSON spelling."""
    english = language(ENGLISH)
    first = certificate.copies[0]
    return {
        "title": TITLE,
        "union": {"name": certificate.union.name, "address": certificate.union.address, "signed": ""},
        "dated": in_words(certificate.drawn_on),
        "reference": _reference(certificate),
        "language": ENGLISH,
        "months": list(english.months),
        "words": dict(english.words),
        "recipient": {"lines": [first.recipient.name]},
        "acknowledge": None,
        "wants_receipt": False,
        "label": certificate.kind.label,
        "status": certificate.standing.status,
        "sentence": certificate.standing.sentence,
        "personal": certificate.personal,
        "digest": digest,
        "particulars": _particulars(certificate),
        "parts": _parts(certificate),
        "people": _people(certificate),
        "attempts": _attempts(certificate),
        "evidence": _evidence(certificate),
        "classes": [[each.value, CLASSES[each]] for each in EvidenceClass],
        "tasks": _tasks(certificate),
        "why": _why(certificate),
        "reckoned": _reckoned(first),
        "law": _law(first),
        "history": [_entry(each) for each in certificate.history.entries],
        "head": _head(certificate),
        "shows": paragraphs(certificate),
        "annexes": [each.as_told() for each in annexes(certificate)],
        "not_shown": list(DOES_NOT_SHOW),
        "made_by": f"{certificate.made_by.programme}, Typst {certificate.made_by.typst}",
    }


def when(at: datetime | None) -> str:
    """A moment in London: `7 October 2026, 12:00:00 BST`."""
    if at is None:
        return NONE
    there = london_time(at)
    month = language(ENGLISH).months[there.month - 1]
    return f"{there.day} {month} {there.year}, {there:%H:%M:%S} {there.tzname()}"


def role_of(actor: str) -> str:
    """What is behind an opaque reference."""
    return ROLES.get(actor.partition(":")[0], "another programme of the union")


def by_whom(actor: str) -> str:
    """Who did something: a person by the opaque reference, the programme in words."""
    return ROLES["flow"] if actor.startswith("flow:") else actor


def _reference(certificate: Certificate) -> str:
    told = certificate.copies[0].facts.get("reference")
    return told if isinstance(told, str) else certificate.case_ref or certificate.notice


def _particulars(certificate: Certificate) -> list[list[str]]:
    first, told = certificate.copies[0], certificate.standing
    latest = certificate.latest_receipt_on
    rows = [
        ["Notice", f"{certificate.kind.label}{', a statutory notice' if certificate.kind.statutory else ''}"],
        ["Subject", first.subject_line],
        ["To", first.recipient.name],
        *([f"Sent to, by {MEDIA[copy.medium].lower()}", _address(copy)] for copy in certificate.copies),
        ["Language", SPOKEN.get(first.language, first.language)],
        ["To be received by", in_words(latest) if latest else "no day is set"],
        ["Evidence wanted", _wanted(certificate)],
        ["How far it came", RUNGS[told.rung]],
        ["Case", certificate.case_ref or NONE],
        ["Number of the notice", certificate.notice],
    ]
    return [row for row in rows if row[1] != NONE]


def _address(copy: Copy) -> str:
    to = copy.recipient
    shown = {
        Medium.MAIL: to.email,
        Medium.LETTER: ", ".join(to.postal),
        Medium.SMS: to.phone,
        Medium.WEBHOOK: to.webhook,
    }
    return shown[copy.medium] or NONE


def _wanted(certificate: Certificate) -> str:
    enough = certificate.kind.enough
    if enough is None:
        return "none: nobody has to show receipt of this kind of notice"
    return f"class {enough.value}{'' if enough is EvidenceClass.A else ', or better'}"


def _parts(certificate: Certificate) -> list[list[str]]:
    return [
        [
            called(certificate, copy),
            part_of(copy, part.name),
            name_of(certificate, copy, part),
            _size(part.base64),
            part.sha256,
        ]
        for copy in certificate.copies
        for part in copy.contents
    ]


def _size(base64: str) -> str:
    size = len(base64) * 3 // 4 - base64[-2:].count("=")
    return f"{counted(size, 'byte')}" if size == 1 else f"{size:,} bytes"


def _people(certificate: Certificate) -> list[list[str]]:
    rows = []
    for copy in certificate.copies:
        name = called(certificate, copy)
        rows.append([name, "drawn up", when(copy.created_at), by_whom(copy.created_by), role_of(copy.created_by)])
        if copy.approved_by is not None:
            rows.append([name, "approved", when(copy.approved_at), copy.approved_by, role_of(copy.approved_by)])
        if copy.queued_at is not None:
            by = _released_by(certificate, copy)
            rows.append([name, "released", when(copy.queued_at), by_whom(by), role_of(by)])
        if copy.instead_of is not None:
            of = next((called(certificate, each) for each in certificate.copies if each.id == copy.instead_of), NONE)
            rows[-1][1] += f", instead of {of}"
    return rows


def _released_by(certificate: Certificate, copy: Copy) -> str:
    entries = (each for each in certificate.history.entries if each.subject == f"notice:{copy.id}")
    return next((each.actor for each in entries if each.action.endswith(":queued")), NONE)


def _attempts(certificate: Certificate) -> list[list[str]]:
    return [
        [
            called(certificate, copy),
            str(each.epoch),
            CHANNELS.get(each.channel, each.channel),
            when(each.started_at),
            when(each.finished_at),
            OUTCOMES[each.outcome] if each.outcome else "under way",
            " ".join(str(part) for part in (each.reply_code, each.reply, each.provider_ref) if part) or NONE,
        ]
        for copy in certificate.copies
        for each in copy.attempts
    ]


def _evidence(certificate: Certificate) -> list[list[str]]:
    kept = {each.sha256: each for each in certificate.documents}
    return [
        [
            called(certificate, copy),
            each.evidence_class.value,
            SHOWN_BY.get(each.kind, each.kind),
            in_words(each.received_on),
            when(each.recorded_at),
            by_whom(each.recorded_by),
            _document(each, kept),
            f"Withdrawn {when(each.revoked_at)}: {each.revoked_because}" if each.revoked_at else "Stands",
        ]
        for copy in certificate.copies
        for each in copy.evidence
    ]


def _document(each: Proof, kept: Mapping[str, Any]) -> str:
    if each.document is None:
        return "Nothing was kept"
    found = kept.get(each.document)
    if found is None or (found.base64 is None and found.lines is None):
        return f"Digest only: {each.document}"
    if found.lines is not None:
        lines = ", ".join(str(line.line) for line in found.lines) or "none"
        return f"{each.document}; the rest of it is about others. Lines about this notice: {lines}"
    return f"Attached as {document_name(found)}, digest {each.document}"


def _tasks(certificate: Certificate) -> list[list[str]]:
    return [
        [
            each.label,
            each.because,
            when(each.opened_at),
            when(each.act_by),
            f"{when(each.done_at)}, by {by_whom(each.done_by or NONE)}: {each.done_how}" if each.done_at else "open",
        ]
        for copy in certificate.copies
        for each in copy.tasks
    ]


def _why(certificate: Certificate) -> list[list[str]]:
    why = certificate.why
    if why is None:
        return []
    rows = [["Rule", why.rule], ["Reckoned", why.arithmetic]]
    rows += [[_capital(name.replace("_", " ")), value] for name, value in why.inputs.items()]
    rows.append(["Source", f"{why.citation.act}, {why.citation.provision}"])
    rows.append(["Certainty", CERTAINTY.get(why.certainty, why.certainty)])
    return rows


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _reckoned(copy: Copy) -> list[list[str]]:
    rows = copy.facts.get("reckoned")
    names = ("what", "day", "arithmetic", "source")
    if not isinstance(rows, list):
        return []
    told = ({**row, "day": _in_words(row.get("day"))} for row in rows if isinstance(row, dict))
    return [[str(row.get(name, "")) for name in names] for row in told]


def _in_words(day: object) -> str:
    try:
        return in_words(date.fromisoformat(str(day)))
    except ValueError:
        return str(day)


def _law(copy: Copy) -> list[list[str]]:
    return [[each.what, each.value, each.source, each.since, each.read_on] for each in law_told.told(copy.law)]


def _entry(each: Entry) -> list[str]:
    name = each.action.removeprefix("notifications:notice:")
    what = ENTRIES.get(name, name.replace("notifications:", "").replace(":", " ").replace("_", " "))
    return [str(each.seq), when(moment(each.at)), what, by_whom(each.actor), each.hash]


def _head(certificate: Certificate) -> list[str]:
    return [str(certificate.history.head.seq), certificate.history.head.hash]
