"""Money as people write it; everywhere else an amount is a whole number of pence."""

from __future__ import annotations

PENCE_IN_A_POUND = 100


def in_pounds(pence: int) -> str:
    """
    An amount for people; a minus sign, not a hyphen, below nought.

    >>> in_pounds(123456)
    '£1,234.56'
    """
    pounds, rest = divmod(abs(pence), PENCE_IN_A_POUND)
    return f"{'−' if pence < 0 else ''}£{pounds:,}.{rest:02d}"
