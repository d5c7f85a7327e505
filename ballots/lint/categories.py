"""Kinds of post that say too little: a notice lists categories by which the employer can tell who is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ballots.lint.brief import is_blank, plain
from ballots.lint.sources import METROLINE, warn
from core.findings import Citation, Finding

_WHO = "staff|employee|member|worker|person|people|personnel|colleague|individual|one|workforce|educator"
_EVERYBODY = re.compile(
    rf"(?:(?:all|any|other|various|general|relevant|affected|union|school|college|academy|trust|education|educational|"
    rf"neu|the|our|your|its)\s+)*(?:(?:{_WHO})s?|other|various|general|miscellaneous|misc|everyone|everybody|all|"
    r"engineer|engineers)"
    rf"|(?:(?:all|any|the)\s+)*(?:{_WHO})s? (?:of|in) (?:(?:the|our|your)\s+)?"
    r"(?:union|neu|school|college|academy|trust)s?"
)
_LOOSE = re.compile(
    r"\b(?:etc|and others|or others|or similar|and similar|various|miscellaneous|misc|working on|such as)\b"
)


def is_vague(category: str) -> bool:
    """Whether a category could be almost anybody employed."""
    words = plain(re.sub(r"[.,;()/&]", " ", category))
    return bool(_EVERYBODY.fullmatch(words) or _LOOSE.search(words))


def vague_categories(categories: Iterable[str], where: str, citation: Citation) -> Iterator[Finding]:
    """A warn for each category that is vague."""
    for index, category in enumerate(categories):
        if not is_blank(category) and is_vague(category):
            said = f'The category "{category}" does not tell the employer who is meant.'
            cure = 'Name each category as the employer knows it, such as "teacher" or "teaching assistant".'
            yield warn("category_vague", f"{where}.categories[{index}]", (said, cure), citation, METROLINE)
