"""Hostile texts in a certificate of service: on its pages as words, in its file as they were, and nothing followed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from notifications import proof, tasks
from notifications.certificates import issuing
from notifications.certificates.checking import check
from notifications.certificates.gathering import Setting
from notifications.lifecycle import Medium
from notifications.tasks import TaskKind
from tests.app.hostile.payloads import ELEMENTS, TEMPLATES, TYPESETTING
from tests.app.hostile.test_set import SEEN, active, words_of
from tests.notifications.conftest import Desk

pytestmark = pytest.mark.engines("sqlite")

TEXTS = [each for each in (*TYPESETTING, *TEMPLATES, *ELEMENTS) if SEEN.fullmatch(each) and len(each) > 4]
OTHERS = ("王明", "👍", "ﷺ")
"""What no font of ours has: the pages are made all the same."""


@pytest.mark.parametrize("nth", [16, pytest.param(1, marks=pytest.mark.full)])
def test_fm_32_what_was_written_of_a_notice_stands_in_its_certificate_as_words(
    desk: Desk, tmp_path: Path, nth: int
) -> None:
    """Turns red if a word of a certificate reaches Typst as source, or a letter that no font has loses its pages."""
    texts = TEXTS[::nth]
    for some in (texts[begins : begins + 3] for begins in range(0, len(texts), 3)):
        pdf = certified(desk, some)
        assert active(pdf) == []
        if shutil.which("pdftotext"):
            words = words_of(pdf, tmp_path).replace("\u200b", "")
            assert [each for each in some if "".join(each.split()) not in words] == []
    assert certified(desk, OTHERS).startswith(b"%PDF")


def certified(desk: Desk, texts: Sequence[str]) -> bytes:
    """The pages of the certificate of a mail that says the first, whose task and withdrawn receipt say the others."""
    said, because, reason = (*texts, *texts, *texts)[:3]
    facts = {"matters": [f"the matter {said}"]}
    notice = desk.queue(medium=Medium.MAIL, facts=facts, subject_ref=f"dispute:{len(desk.reports)}")
    desk.sweep()
    desk.now += timedelta(days=1)
    with desk.work() as uow:
        tasks.ask(uow, notice, TaskKind.REACH, because, None)
        shown = {"evidence_class": "A", "kind": "signed_for", "recorded_by": "officer:1"}
        proof.record_receipt(uow, notice, received_on=uow.today, **shown)
    with desk.work() as uow:
        proof.revoke(uow, notice, reason=reason)
    with desk.work() as uow:
        issued = issuing.issue(uow, notice, Setting())
    assert check(issued.file).findings == ()
    pdf = issued.pdf()
    assert check(pdf).findings == ()
    return pdf
