"""What the addresses of the home page and of search answer with, for the description of the API."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from app.api_answers import Part
from app.search import Hit, HitKind
from app.today import NeedTold
from casework.needs import Urgency


class Today(Part):
    """What needs somebody today, the most urgent first; `counts` and `total` are of all there is, listed or not."""

    as_of: date
    total: int
    counts: dict[Urgency, int]
    needs: list[NeedTold]


class Search(BaseModel):
    """What was found of each kind, the best first; `words` are those looked for, `more` the kinds that go on."""

    words: list[str]
    hits: list[Hit]
    more: list[HitKind]
