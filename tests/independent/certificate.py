"""
A certificate of service, read with nothing but the standard library: the seal, every digest, the entries' hashes, the
order of what was done, and whether the day it gives for receipt is one that its own evidence shows.

    python -m tests.independent.certificate FILE...
"""

from __future__ import annotations

import base64
import json
import sys
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.independent.chain import digest, sha256

MOST = {
    "handed_over": "A",
    "signed_for": "A",
    "courier": "A",
    "acknowledged": "A",
    "delivery_report": "B",
    "no_bounce": "B",
}
"""The best class that each kind of evidence can be of; of any other kind it is C."""
CAME_BY_A_CHANNEL = {each for each in MOST if each != "handed_over"}
"""What shows receipt of a copy that was sent; what somebody carried there may have come before any sending."""
LONDON = ZoneInfo("Europe/London")
JSON_INSIDE = b"/Type/EmbeddedFile/Filter/FlateDecode/Subtype/application#2Fjson"


def complaints(content: bytes) -> Iterator[str]:
    """Everything about a certificate that does not fit."""
    document = json.loads(inside(content) if content.startswith(b"%PDF-") else content)
    certificate = document["certificate"]
    if document["seal"] != {"algorithm": "sha256", "digest": digest(certificate)}:
        yield "the seal is not of what it seals"
    for copy in certificate["copies"]:
        yield from _copy(certificate, copy)
    for each in certificate["documents"]:
        if each["base64"] is not None and sha256(base64.b64decode(each["base64"])) != each["sha256"]:
            yield "a document is not what its digest was taken of"
    yield from _entries(certificate)
    yield from _receipt(certificate)


def inside(pages: bytes) -> bytes:
    """The JSON that a PDF carries."""
    begins = pages.index(b"stream\n", pages.index(JSON_INSIDE)) + len(b"stream\n")
    return zlib.decompressobj().decompress(pages[begins:])


def at(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _copy(certificate: dict[str, Any], copy: dict[str, Any]) -> Iterator[str]:
    for part in copy["contents"]:
        if sha256(base64.b64decode(part["base64"])) != part["sha256"]:
            yield f"the {part['name']} is not what its digest was taken of"
    if certificate["kind"]["statutory"] and copy["approved_by"] == copy["created_by"]:
        yield "one person drew it up and approved it"
    began = [at(each["started_at"]) for each in copy["attempts"]]
    moments = [at(copy[name]) for name in ("created_at", "approved_at", "queued_at") if copy[name]] + began[:1]
    if moments != sorted(moments) or began != sorted(began) or (began and copy["approved_at"] is None):
        yield "things were done out of their order"
    for each in copy["evidence"]:
        if each["evidence_class"] < MOST.get(each["kind"], "C"):
            yield f"{each['kind']} counts for more than it shows"
        if (
            each["kind"] in CAME_BY_A_CHANNEL
            and began
            and each["received_on"] < str(began[0].astimezone(LONDON).date())
        ):
            yield f"{each['kind']} counts as received before it was sent"


def _entries(certificate: dict[str, Any]) -> Iterator[str]:
    ids = {copy["id"]: copy for copy in certificate["copies"]}
    before = None
    for entry in certificate["history"]["entries"]:
        said = [entry[name] for name in ("seq", "prev", "at", "actor", "action", "subject", "facts")]
        if entry["hash"] != digest(said):
            yield f"entry {entry['seq']} is not what its hash was taken of"
        adjoining = before is not None and before["seq"] + 1 == entry["seq"]
        if before is not None and (before["seq"] >= entry["seq"] or (adjoining and before["hash"] != entry["prev"])):
            yield f"entry {entry['seq']} does not follow"
        before = entry
        if entry["action"] == "notifications:notice:prepared":
            body = next(part for part in ids[entry["subject"][7:]]["contents"] if part["name"] == "body")
            if entry["facts"]["sha256"] != body["sha256"]:
                yield "other bytes were drawn up"
            if entry["facts"]["particulars"] != digest(_particulars(certificate, ids[entry["subject"][7:]])):
                yield "it was drawn up for another recipient, of other facts or law, or marked otherwise"
        if entry["at"][: len("2026-12-31")] > certificate["drawn_on"]:
            yield "it is dated before what it tells of"


def _particulars(certificate: dict[str, Any], copy: dict[str, Any]) -> dict[str, Any]:
    body = next(part for part in copy["contents"] if part["name"] == "body")
    told = {name: copy[name] for name in ("recipient", "language", "subject_line", "facts", "law")}
    return told | {"statutory": certificate["kind"]["statutory"], "content_type": body["content_type"]}


def _receipt(certificate: dict[str, Any]) -> Iterator[str]:
    enough, told = certificate["kind"]["enough"] or "B", certificate["standing"]
    shown = [each for copy in certificate["copies"] for each in copy["evidence"] if each["revoked_at"] is None]
    days = sorted(each["received_on"] for each in shown if each["evidence_class"] <= enough)
    if told["status"] == "received":
        if not days or told["received_on"] != days[0]:
            yield "the day of receipt is not one that the evidence shows"
        latest = certificate["latest_receipt_on"]
        if told["in_time"] != (None if latest is None else bool(days) and days[0] <= latest):
            yield "whether it was in time is told wrongly"
        if not told["sentence"].startswith("Received on"):
            yield "the sentence does not say what stands"
    elif days or told["sentence"].startswith("Received on"):
        yield "what is shown to be received is not said to be, or the reverse"


def main(names: list[str]) -> int:
    """Print what does not fit; 1 when anything does not."""
    found = [f"{name}: {each}" for name in names for each in complaints(Path(name).read_bytes())]
    print("\n".join(found) or "everything fits")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
