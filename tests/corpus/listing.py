"""
The table of packs in the README beside it, made from the expectations.

Write it anew with: python -m tests.corpus.listing
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.corpus.cases import HERE, Expected, Findings, cases

README = HERE / "README.md"
BEGIN, END = "<!-- table begins -->\n", "<!-- table ends -->\n"
HEADINGS = {
    "defects": "Packs with one planted defect",
    "clean": "Clean packs",
    "edges": "Clean packs at the edge of the law",
}


def table() -> str:
    """The tables of every folder as Markdown."""
    return "\n".join(_table(folder) for folder in HEADINGS)


def _table(folder: str) -> str:
    head = [f"### {HEADINGS[folder]}: {len(cases(folder))}", "", "| pack | what it is | finds | moved | finds there |"]
    rows = [
        f"| [{case.path.stem}]({folder}/{case.path.name}) | {case.about} | {_shown(case.here)} | {case.weeks:+} weeks "
        f"| {_shown(case.there)} |"
        for case in cases(folder)
    ]
    return "\n".join([*head, "|---|---|---|---|---|", *rows, ""])


def _shown(findings: Findings) -> str:
    shown = [f"`{code}`" for code in _codes(findings.stops)] + [f"`{code}` (warn)" for code in _codes(findings.warns)]
    return ", ".join(shown) or "nothing"


def _codes(expected: Iterable[Expected]) -> list[str]:
    return list(dict.fromkeys(one.code for one in expected))


def told() -> str:
    """The README as it should be: its own words around the table."""
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(told(), encoding="utf-8")
