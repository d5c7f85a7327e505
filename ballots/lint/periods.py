"""
Whether words about a period say when: by a date, a month or a length of time.

"Until the issues are resolved" says none of them, and a paper that said so lost an injunction. `may` and `march` are
months only where they stand like one: beside a number, after a preposition, or with a capital inside a sentence. How
often ("two days a week") is not how long.
"""

from __future__ import annotations

import re

_MONTHS = "january|february|april|june|july|august|september|october|november|december"
_SHORT = "jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec"
_NUMBER = (
    r"\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|eighteen|"
    r"twenty(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|thirty|forty|fifty|sixty|half an?|half"
)
_UNIT = (
    r"(?:school |working |calendar |academic |consecutive |teaching |half[- ]){0,4}"
    r"(?:hour|hr|day|week|wk|fortnight|month|mth|term|year)s?"
)
_BEFORE_A_MONTH = (
    r"(?:(?<![a-z])(?:in|during|until|till|to|from|by|of|through|throughout|since|before|after|early|mid|late|end|between)"
    r"[ -]|[–-] ?)"
)
_HOW_OFTEN = (
    rf"\b(?:(?:{_NUMBER})(?: or (?:{_NUMBER}))?[ -]{_UNIT}|days?|hours?|once|twice|(?:{_NUMBER}) times) "
    rf"(?:a|an|per|each|every|in each|in every|in any|of each|of every) {_UNIT}\b"
)
_SAYS_WHEN = (
    r"\b\d{4}-\d{2}-\d{2}\b",
    r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b",
    r"\b(?:19|20)\d{2}\b",
    rf"\b(?:{_MONTHS})\b",
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:may|march|{_SHORT})\b|(?:may|march|{_SHORT})\.? \d)",
    rf"{_BEFORE_A_MONTH}(?:may|march|{_SHORT})\b(?! (?:be|not|have|continue|take|last|end|resume|on)\b)",
    rf"\b(?:{_NUMBER})(?: ?\([a-z0-9 -]{{1,20}}\))?[ -]{_UNIT}\b",
    rf"\b(?:a|an)(?: (?:single|whole|full))? {_UNIT}\b",
    r"\b(?:autumn|spring|summer|winter) (?:half[- ])?term\b",
    rf"\b(?:next|coming|following) {_UNIT}\b(?<!s)",
    rf"\b(?:end|rest|remainder|whole|duration) of (?:the|this) {_UNIT}\b(?<!s)",
)
LONGEST = 10_000
"""How many characters of a period are read, white space collapsed; what stands on a paper is a few lines."""
_MONTH_INSIDE_A_SENTENCE = r"(?<=[a-z0-9,] )(?:May|March)\b"


def says_when(period: str) -> bool:
    """
    Whether words about a period contain a date, a month or a length of time, among the first `LONGEST` characters. The
    time it takes grows with the length of the words, no faster: every repetition in a pattern is bounded.
    """
    words = re.sub(_HOW_OFTEN, "", " ".join(period.split())[:LONGEST], flags=re.IGNORECASE)
    says = any(re.search(pattern, words, re.IGNORECASE) for pattern in _SAYS_WHEN)
    return says or re.search(_MONTH_INSIDE_A_SENTENCE, words) is not None
