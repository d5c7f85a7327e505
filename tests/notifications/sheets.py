"""
Sample pages of every letter as pictures, to be looked at: `make letters` lays those of the documentation anew.

With a folder as argument every kind's letter and laid-out mail goes there:
`python -m tests.notifications.sheets FOLDER`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typst

from notifications.layout import runs_of
from notifications.lifecycle import Medium
from notifications.messages import TEMPLATES
from notifications.rendering import PLAIN_LETTER, Page, fonts, render
from notifications.texts import LETTER
from tests.notifications.samples import SAMPLES, lay_examples, page

FOLDER = Path(__file__).parents[2] / "docs" / "letters"
SHOWN = {
    "notice_of_ballot": "notice-of-ballot",
    "sample_voting_paper": "sample-voting-paper",
    "notice_of_action#both": "notice-of-action",
    "ballot_result_employer": "result",
    "model_letter_to_head": "letter-to-head",
}
SMALL, LARGE = 62, 90
"""Dots an inch: for a page of documentation, and for whoever looks closely."""


def pictures(whole: Page, dots: int) -> Sequence[bytes]:
    """The sheets of a letter as PNG, set as `rendering` sets the PDF."""
    context = whole.context() | {"title": render(whole, Medium.LETTER).subject_line}
    if not whole.kind.has_letter:
        context["runs"] = [asdict(run) for run in runs_of(render(whole, Medium.MAIL).body.decode())]
    source = whole.texts.path(LETTER) if whole.kind.has_letter else TEMPLATES / PLAIN_LETTER
    laid = typst.compile(
        str(source),
        root=str(TEMPLATES),
        font_paths=fonts(),
        sys_inputs={"data": json.dumps(context), "wanted": "png"},
        format="png",
        ppi=dots,
    )
    return [laid] if isinstance(laid, bytes) else laid


def lay(whole: Page, folder: Path, name: str, dots: int) -> None:
    """Each sheet of a letter as NAME-1.png, NAME-2.png and so on."""
    for number, picture in enumerate(pictures(whole, dots), start=1):
        (folder / f"{name}-{number}.png").write_bytes(picture)


def main(arguments: Sequence[str]) -> None:
    """Lay the documentation's samples, or everything into the folder named."""
    if not arguments:
        FOLDER.mkdir(exist_ok=True)
        lay_examples()
        for sample, name in SHOWN.items():
            lay(page(sample), FOLDER, name, SMALL)
        return
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for sample in SAMPLES:
        name = sample.replace("#", "-")
        lay(page(sample), folder, name, LARGE)
        mail = render(page(sample), Medium.MAIL)
        (folder / f"{name}.html").write_bytes(mail.html or b"")
        (folder / f"{name}.txt").write_bytes(mail.body)


if __name__ == "__main__":
    main(sys.argv[1:])
