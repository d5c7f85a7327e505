"""
Whether a certificate is what it says: sealed, whole, and consistent in itself. Needs no database, settings or network.

Nothing here raises for what a file holds: whatever is wrong with it is a finding. What no file can show by itself is
that the union's history has this digest; the document says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from core.findings import Finding, Severity, stops
from core.history import digest
from notifications.certificates import checking_copies, checking_history, checking_sums, sealing
from notifications.certificates.faults import fault
from notifications.certificates.pages import is_of_this_layout, pdf_of
from notifications.certificates.sealing import Opened, Unreadable
from notifications.certificates.shape import Certificate
from notifications.certificates.standing import begins_as_it_should, standing
from notifications.messages import registry
from notifications.showing import RenderingError

MOST_FAULTS = 20
"""So many faults of shape are named; a file of another kind would have thousands."""
CHECKS = (
    checking_copies.findings,
    checking_history.findings,
    checking_sums.findings,
)


@dataclass(frozen=True, slots=True)
class Checked:
    """
    What came of a check. `digest` is reckoned afresh from what the file holds, never what the file says of itself;
    None, as `certificate`, for a file that holds none that can be read.
    """

    certificate: Certificate | None
    digest: str | None
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was found that speaks against it."""
        return not stops(self.findings)


def check(content: bytes) -> Checked:
    """Everything that is wrong with a file that should be a certificate, JSON or PDF."""
    try:
        found = sealing.opened(content)
    except Unreadable as unreadable:
        return Checked(None, None, (unreadable.finding,))
    reckoned = digest(found.sealed)
    try:
        certificate = Certificate.model_validate_json(sealing.plain(found.sealed))
    except ValidationError as invalid:
        return Checked(None, reckoned, (*_seal(found, reckoned), *_shape(invalid)))
    findings = (
        *_seal(found, reckoned),
        *(each for checks in CHECKS for each in checks(certificate)),
        *_kind(certificate),
        *_standing(certificate),
    )
    # Pages are set only of what is sound: the layout is spared what somebody made up.
    pages = () if stops(findings) else tuple(_pages(found, certificate))
    return Checked(certificate, reckoned, (*findings, *pages))


def _seal(found: Opened, reckoned: str) -> Iterator[Finding]:
    if found.digest != reckoned:
        yield fault("seal_broken", "The certificate is not what was sealed: its digest is another one.")
    elif not sealing.is_spelled_as_made(found):
        sentence = "The file is spelled otherwise than it was made, such as with other spaces. Its values are the same."
        yield fault("spelled_otherwise", sentence, severity=Severity.WARN)


def _shape(invalid: ValidationError) -> Iterator[Finding]:
    faults = invalid.errors(include_url=False, include_context=False, include_input=False)
    for each in faults[:MOST_FAULTS]:
        where = ".".join(str(part) for part in each["loc"])
        yield fault("wrong_shape", f"{where}: {each['msg'][:1].lower()}{each['msg'][1:]}.", where)
    if len(faults) > MOST_FAULTS:
        yield fault("wrong_shape", f"{len(faults) - MOST_FAULTS} more values are not of their shape.")


def _kind(certificate: Certificate) -> Iterator[Finding]:
    """
    What shows receipt of a kind of notice is not for a file to say; another version may have had it otherwise.

    Whether a notice was statutory was frozen with it, perhaps by an earlier version, and stands in its history.
    """
    told, known = certificate.kind, registry().get(certificate.kind.name)
    label, enough = (told.name, None) if known is None else (known.label, known.proof)
    statutory = told.statutory if known is None else known.statutory
    if (told.label, told.enough) != (label, enough) and is_of_this_layout(certificate):
        yield fault("kind_differs", "Its kind of notice is not called so, or wants other evidence.", "kind")
    elif (told.label, told.enough, told.statutory) != (label, enough, statutory):
        wanted = "nobody has to show receipt" if enough is None else f"class {enough.value} shows receipt"
        here = f"{label}, {'statutory' if statutory else 'not statutory'}, {wanted}"
        sentence = f"Another version of the programme has its kind of notice otherwise. Here: {here}."
        yield fault("kind_differs", sentence, "kind", severity=Severity.WARN)


def _standing(certificate: Certificate) -> Iterator[Finding]:
    """What another version of the programme put into other words is told in ours; the rest has to be the same."""
    told = certificate.standing
    ours = standing(certificate.kind, certificate.latest_receipt_on, certificate.copies, certificate.drawn_on)
    if told == ours:
        return
    in_other_words = told.model_copy(update={"sentence": ours.sentence}) == ours and begins_as_it_should(told)
    if in_other_words and not is_of_this_layout(certificate):
        sentence = f"Another version of the programme worded it. Here: {ours.sentence}"
        yield fault("worded_otherwise", sentence, "standing", severity=Severity.WARN)
    else:
        yield fault("standing_differs", "What it says of receipt is not what its evidence comes to.", "standing")


def _pages(found: Opened, certificate: Certificate) -> Iterator[Finding]:
    """The pages are set again from the JSON: what a person reads has to be what was sealed, to the last byte."""
    if found.pages is None:
        return
    if not is_of_this_layout(certificate):
        yield fault(
            "pages_not_compared",
            "Another version of the programme laid the pages out, so that only the JSON inside was checked.",
            severity=Severity.WARN,
        )
        return
    try:
        same = pdf_of(found.file) == found.pages
    except RenderingError:
        same = False
    if not same:
        yield fault("pages_differ", "The pages are not those that belong to the certificate inside the file.")
