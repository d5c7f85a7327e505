"""How a check of a certificate says what it found."""

from __future__ import annotations

from core.errors import shortened, visible
from core.findings import Finding, Severity

CURE = "Do not rely on this file. Ask the union for the certificate again, and compare its digest with the history."


def fault(code: str, sentence: str, where: str | None = None, *, severity: Severity = Severity.STOP) -> Finding:
    """A finding about a certificate. What it repeats is cut short and made visible."""
    said = visible(shortened(sentence))
    return Finding(code, severity, said, CURE, where=None if where is None else visible(shortened(where)))
