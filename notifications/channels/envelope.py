"""A mail as it goes over the wire, built from frozen parts in a fixed way."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from core.settings import settings
from notifications.channels import Parcel


def envelope(parcel: Parcel) -> EmailMessage:
    """
    The whole mail. It is the same for every attempt but for the header `X-Attempt`, which is there for reconciliation
    and is not part of the frozen bytes: those are the body and the attachment, whose digest `X-SHA256` gives.
    """
    configured = settings()
    mail = EmailMessage(policy=SMTP)
    mail["X-Attempt"] = str(parcel.epoch)
    mail["From"] = Address(configured.union_name, addr_spec=configured.mail_from)
    mail["To"] = Address(parcel.recipient_name, addr_spec=parcel.recipient_email or "")
    mail["Subject"] = parcel.subject_line
    mail["Date"] = format_datetime(parcel.dated_at)
    mail["Message-ID"] = parcel.message_id
    mail["X-SHA256"] = parcel.sha256
    mail.set_content(parcel.body.decode(), cte="quoted-printable")
    if parcel.attachment is not None:
        mail.add_attachment(parcel.attachment, maintype="application", subtype="pdf", filename=f"{parcel.kind}.pdf")
        mail.set_boundary(f"=_{parcel.sha256[:40]}")
    return mail
