"""The chain of history and what it vouches for: events of cases, bytes of notices, files of payments."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from tests.independent.left_behind import LeftBehind

NOTHING_BEFORE = "0" * 64


def sha256(content: bytes) -> str:
    """The digest in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def spelled(value: object) -> str:
    """JSON with sorted names and no white space, as the chain's hashes are taken of it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: object) -> str:
    """The digest of what is spelled so."""
    return sha256(spelled(value).encode())


def complaints(left: LeftBehind) -> Iterator[str]:
    """Everything about the chain that does not fit, and everything it says otherwise than the tables."""
    yield from _links(left)
    yield from _events(left)
    yield from _bytes(left)
    yield from _names(left)


def _links(left: LeftBehind) -> Iterator[str]:
    before = NOTHING_BEFORE
    for place, entry in enumerate(sorted(left.table("history_entries"), key=lambda row: row["seq"]), start=1):
        said = [entry["seq"], before, entry["at"].isoformat(), entry["actor"], entry["action"], entry["subject"]]
        if (entry["seq"], entry["prev"], entry["hash"]) != (place, before, digest([*said, entry["facts"]])):
            yield f"history: entry {place} does not follow from the one before it"
            return
        before = entry["hash"]


def _events(left: LeftBehind) -> Iterator[str]:
    told = {
        (plain(entry["subject"]), entry["facts"]["seq"]): (entry["facts"]["facts_sha256"], entry["actor"])
        for entry in left.table("history_entries")
        if entry["action"] == "case:event:recorded"
    }
    refs = left.of_id("cases")
    for row in left.table("case_events"):
        stored = digest([row["kind"], row["happened_on"].isoformat(), row["facts"]]), row["actor"]
        if told.pop((row["case_id"], row["seq"]), None) != stored:
            yield f"case {refs[row['case_id']]['ref']}: history has event {row['seq']} otherwise"
    for case_id, seq in sorted(told):
        yield f"case {refs[case_id]['ref'] if case_id in refs else case_id}: event {seq} is gone"


def plain(reference: str) -> str:
    """The id of a reference such as `case:<id>`, in 32 digits."""
    return reference.partition(":")[2].replace("-", "")


def _bytes(left: LeftBehind) -> Iterator[str]:
    prepared = {
        plain(entry["subject"]): entry["facts"]
        for entry in left.table("history_entries")
        if entry["action"] in {"notifications:notice:prepared", "pay:batch:prepared"}
    }
    for row in left.table("notices"):
        if prepared.pop(row["id"], {}).get("sha256") != row["sha256"] or sha256(row["body"]) != row["sha256"]:
            yield f"notice {row['id']}: its bytes are not those that history knows"
        if row["attachment"] is not None and sha256(row["attachment"]) != row["attachment_sha256"]:
            yield f"notice {row['id']}: its attachment has changed"
    for row in left.table("payment_batches"):
        stored = {"sha256": sha256(row["content"]), "lines": row["lines_count"], "total_pence": row["total_pence"]}
        if prepared.pop(row["id"], None) != stored:
            yield f"payment file {row['ref']}: it is not what history knows"
    yield from (f"history names {each}, which is gone" for each in sorted(prepared))


def _names(left: LeftBehind) -> Iterator[str]:
    """Members are ids in whatever is kept for ever."""
    kept: list[Any] = [row["facts"] for row in (*left.table("history_entries"), *left.table("case_events"))]
    text = json.dumps(kept, ensure_ascii=False)
    for member in left.table("members"):
        if member["name"] in text:
            yield f"member {member['id']}: the name stands in history or among the events of a case"
