"""
Proof of service: what shows a receipt, what only a person can do, stand-downs, quarantine after a restore; addresses
for texts and webhooks, the language of a notice, and its laid-out mail.

One change a file, named NNNN_verb_object. Constraints carry the names of the metadata's convention. Nothing that is
stored is dropped without a copy; a downgrade gives back what an upgrade changed.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MEDIA = ("mail", "letter", "sms", "webhook")
OLDER_MEDIA = ("mail", "letter")
NEWER_TABLES = (
    "evidence_files",
    "service_tasks",
    "stand_downs",
    "stand_down_recipients",
    "action_suspensions",
    "quarantines",
    "journal_marks",
    "lost_sends",
    "mailbox_marks",
)
OPEN_REMINDERS = "met_on IS NULL AND cancelled_on IS NULL AND remind_on IS NOT NULL"
ADDED: dict[str, dict[str, sa.types.TypeEngine[Any]]] = {
    "notices": {
        "recipient_phone": sa.Text(),
        "recipient_webhook": sa.Text(),
        "sender": sa.Text(),
        "language": sa.String(length=2),
        "html": sa.LargeBinary(),
        "html_sha256": sa.String(length=64),
        "called_off": sa.Text(),
    },
    "employers": {"webhook": sa.String(length=300), "language": sa.String(length=2)},
    "workplaces": {"language": sa.String(length=2)},
    "officers": {"phone": sa.String(length=16)},
    "members": {"phone": sa.String(length=16), "language": sa.String(length=2)},
    "deadlines": {"reminded_level": sa.String(length=40)},
    "notice_inbox": {
        "reading": sa.String(length=20),
        "settled_at": sa.DateTime(timezone=True),
        "settled_by": sa.String(length=80),
        "settled_how": sa.Text(),
    },
    "notice_attempts": {"asked_at": sa.DateTime(timezone=True)},
}


def upgrade() -> None:
    """Change the schema."""
    for table, columns in ADDED.items():
        for name, kind in columns.items():
            given = {"nullable": False, "server_default": "en"} if name == "language" else {"nullable": True}
            op.add_column(table, sa.Column(name, kind, **given))
    _media(MEDIA)
    op.create_index("ix_notice_attempts_started_at", "notice_attempts", ["started_at"])
    op.create_table(
        "evidence_files",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("content_type", sa.String(length=80), nullable=False),
        sa.Column("stored_by", sa.String(length=80), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_evidence_files")),
    )
    _create_tasks()
    _create_stand_downs()
    op.create_table(
        "quarantines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("ended_because", sa.Text(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_quarantines_ended_by_somebody")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantines")),
    )
    _compare_journals()
    _tell_levels()


def _compare_journals() -> None:
    op.create_table(
        "journal_marks",
        sa.Column("journal", sa.String(length=64), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("tail", sa.String(length=64), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("journal", name=op.f("pk_journal_marks")),
    )
    op.create_table(
        "lost_sends",
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("message_kind", sa.String(length=60), nullable=True),
        sa.Column("recipient_sha256", sa.String(length=64), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.String(length=80), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("reference", "epoch", name=op.f("pk_lost_sends")),
    )
    op.create_table(
        "mailbox_marks",
        sa.Column("mailbox", sa.String(length=64), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mailbox", name=op.f("pk_mailbox_marks")),
    )


def _tell_levels() -> None:
    # What was recalled counts as amber; a later level is told when its day comes.
    op.execute(sa.text("UPDATE deadlines SET reminded_level = 'amber' WHERE reminded_on IS NOT NULL"))
    _index_reminders(OPEN_REMINDERS)


def _index_reminders(where: str) -> None:
    name, partial = "ix_deadlines_open_remind_on", sa.text(where)
    op.drop_index(name, "deadlines")
    op.create_index(name, "deadlines", ["remind_on"], sqlite_where=partial, postgresql_where=partial)


def _media(allowed: tuple[str, ...]) -> None:
    words = ", ".join(f"'{each}'" for each in allowed)
    with op.batch_alter_table("notices") as notices:
        notices.drop_constraint("medium", type_="check")
        notices.create_check_constraint("medium", f"medium IN ({words})")


def _create_tasks() -> None:
    op.create_table(
        "service_tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False, server_default=""),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("act_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(length=80), nullable=True),
        sa.Column("done_how", sa.Text(), nullable=True),
        sa.CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name=op.f("ck_service_tasks_done_by_somebody")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_service_tasks_notice_id_notices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_tasks")),
        sa.UniqueConstraint("notice_id", "kind", "about", name=op.f("uq_service_tasks_notice_id_kind_about")),
    )
    op.create_index(op.f("ix_service_tasks_notice_id"), "service_tasks", ["notice_id"])
    where = sa.text("done_at IS NULL")
    op.create_index("ix_service_tasks_open", "service_tasks", ["act_by"], sqlite_where=where, postgresql_where=where)


def _create_stand_downs() -> None:
    op.create_table(
        "stand_downs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("repudiated", sa.Boolean(), nullable=False),
        sa.Column("ordered_by", sa.String(length=80), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("under_way", sa.JSON(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.String(length=80), nullable=True),
        sa.Column("lifted_because", sa.Text(), nullable=True),
        sa.Column("resumes_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name=op.f("ck_stand_downs_lifted_by_somebody")),
        sa.ForeignKeyConstraint(["dispute_id"], ["disputes.id"], name=op.f("fk_stand_downs_dispute_id_disputes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stand_downs")),
    )
    op.create_index(op.f("ix_stand_downs_dispute_id"), "stand_downs", ["dispute_id"])
    where = {"sqlite_where": sa.text("lifted_at IS NULL"), "postgresql_where": sa.text("lifted_at IS NULL")}
    op.create_index("uq_stand_downs_standing", "stand_downs", ["dispute_id"], unique=True, **where)
    _create_stand_down_recipients()
    _create_suspensions()


def _create_stand_down_recipients() -> None:
    table = "stand_down_recipients"
    op.create_table(
        table,
        sa.Column("stand_down_id", sa.Uuid(), nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("tried_before_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unreachable", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stand_down_id"], ["stand_downs.id"], name=op.f(f"fk_{table}_stand_down_id_stand_downs")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f(f"fk_{table}_case_id_cases")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f(f"fk_{table}_notice_id_notices")),
        sa.PrimaryKeyConstraint("stand_down_id", "party", "party_id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_notice_id"), table, ["notice_id"])
    where = sa.text("notice_id IS NULL AND NOT unreachable")
    columns = ["stand_down_id", "place"]
    op.create_index(f"ix_{table}_untold", table, columns, sqlite_where=where, postgresql_where=where)


def _create_suspensions() -> None:
    table = "action_suspensions"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("suspends_on", sa.Date(), nullable=False),
        sa.Column("resumes_on", sa.Date(), nullable=False),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("extended_agreed_on", sa.Date(), nullable=True),
        sa.Column("extended_agreement", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["actions.id"], name=op.f(f"fk_{table}_action_id_actions")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_action_id"), table, ["action_id"])


def downgrade() -> None:
    """Change it back. Refused while a newer table holds rows, or a notice went by text or webhook."""
    bind = op.get_bind()
    for table in NEWER_TABLES:
        if bind.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one():
            raise RuntimeError(f"{table} holds rows; they have no place in the older tables.")
    newer = (
        "SELECT count(*) FROM notices WHERE medium NOT IN ('mail', 'letter') OR html IS NOT NULL OR language <> 'en'"
    )
    if bind.execute(sa.text(newer)).scalar_one():
        raise RuntimeError(
            "Some notices went by text or webhook, in Welsh or laid out; the older tables cannot hold them."
        )
    _index_reminders(OPEN_REMINDERS.replace("AND remind_on", "AND reminded_on IS NULL AND remind_on"))
    for table in reversed(NEWER_TABLES):
        op.drop_table(table)
    op.drop_index("ix_notice_attempts_started_at", "notice_attempts")
    _media(OLDER_MEDIA)
    for table, columns in reversed(ADDED.items()):
        for name in reversed(columns):
            op.drop_column(table, name)
