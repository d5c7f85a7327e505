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


def in_round_pounds(pence: int) -> str:
    """
    An amount for people, without pence where there are none.

    >>> in_round_pounds(40000), in_round_pounds(40050)
    ('£400', '£400.50')
    """
    return in_pounds(pence).removesuffix(".00")
