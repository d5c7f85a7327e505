"""
The print house of the demonstration: it posts every letter that was laid for it the same day, and says so in a file.

The file is read as one that somebody hands in. That a letter was posted proves no receipt; a letter nobody speaks of
would be asked after, as it should be anywhere else.
"""

from __future__ import annotations

import csv
import io

from sqlalchemy import select

from core.calendar import london_day
from core.unit_of_work import UnitOfWork
from notifications import print_receipts
from notifications.models import Notice
from notifications.receipt_rows import NEEDED, Status, read_receipts


def post(uow: UnitOfWork) -> int:
    """Take the print house's word that everything in the letters folder was posted; how many letters that were."""
    laid = print_receipts.without_receipt(uow)
    if not laid:
        return 0
    digests = select(Notice.id, Notice.sha256).where(Notice.id.in_([each.notice_id for each in laid]))
    sha256 = dict(uow.session.execute(digests).tuples().all())
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(NEEDED)
    for number, each in enumerate(laid, start=1):
        posted_on = london_day(each.laid_at).isoformat()
        reference = f"{uow.today:%Y%m%d}-{number}"
        writer.writerow((sha256[each.notice_id], each.name, posted_on, reference, Status.POSTED.value))
    found = print_receipts.take(uow, read_receipts(f"posted-{uow.today}.csv", text.getvalue().encode()))
    return found.recorded
