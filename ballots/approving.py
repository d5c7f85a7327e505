"""
A second person approves papers: by which act and command, and bound to what that person read.

Papers may be taken back and drawn up again between the reading and the approval. Whoever approves says what was read by
one digest; where other papers wait by then, none is approved.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence

from pydantic import Field

from ballots.papers import BALLOT_PAPERS
from casework.acts import KEPT_BY_THE_FORM, Facts
from core import history
from core.errors import RuleViolation
from core.findings import Finding, Severity
from notifications.lifecycle import State
from notifications.models import Notice

BALLOT, ACTION = "ballot_notices_approved", "action_notices_approved"
APPROVED_BY: Mapping[str, str] = {**dict.fromkeys(BALLOT_PAPERS, BALLOT), "notice_of_action": ACTION}
"""The act that approves a kind of paper."""
COMMANDS: Mapping[str, str] = {BALLOT: "mandate ballot approve", ACTION: "mandate action approve"}
CHANGED = "papers_changed"
Sealed = tuple[uuid.UUID, str, str | None, str | None]
SEALED = (Notice.id, Notice.sha256, Notice.html_sha256, Notice.attachment_sha256)
"""The columns of what is sealed of a paper; the bytes themselves may be many."""


class PapersRead(Facts):
    """A second person approves the papers that wait, as they stand."""

    digest: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{64}$",
        title="Digest of the papers that were read",
        description="Given, nothing is approved once other papers wait; `show` prints it",
        json_schema_extra=KEPT_BY_THE_FORM,
    )


def command(act: str, case_ref: str) -> str:
    """The command by which a second person approves papers of a case."""
    return f"{COMMANDS[act]} {case_ref} --as officer:<id>"


def unread(papers: Iterable[Notice]) -> list[Notice]:
    """Those that wait to be approved: nobody has, and nobody took them back."""
    return [each for each in papers if each.state is State.RENDERED]


def sealed(notice: Notice) -> Sealed:
    """Which paper it is, and the digests of its text, layout and letter."""
    return notice.id, notice.sha256, notice.html_sha256, notice.attachment_sha256


def digest_of(papers: Iterable[Sealed]) -> str:
    """One digest of which papers these are, and of every byte that their recipients would have."""
    return history.digest(sorted([str(key), *(digest or "" for digest in digests)] for key, *digests in papers))


def require_as_read(waiting: Sequence[Notice], digest: str | None) -> None:
    """`RuleViolation` when the papers that wait are not those of the digest; none given is whatever waits."""
    if digest is not None and digest != digest_of(map(sealed, waiting)):
        raise RuleViolation("Nothing was approved.", (_changed(len(waiting)),))


def _changed(count: int) -> Finding:
    now = "one paper waits" if count == 1 else f"{count} papers wait"
    return Finding(
        CHANGED,
        Severity.STOP,
        f"What you read has changed since: {now} now, and not the same as then. Nothing was approved.",
        "Read it again, as it stands now, and then approve it.",
    )
