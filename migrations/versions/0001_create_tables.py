"""
Create tables.

One change a file, named NNNN_verb_object. Constraints carry the names of the metadata's convention. Nothing that is
stored is dropped without a copy; a downgrade gives back what an upgrade changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "associations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("la_codes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_associations")),
        sa.UniqueConstraint("name", name=op.f("uq_associations_name")),
    )
    op.create_table(
        "disputes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.String(length=30), nullable=False),
        sa.Column("matters", sa.JSON(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("ref", name=op.f("uq_disputes_ref")),
    )
    op.create_table(
        "employers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("register_key", sa.String(length=300), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("postal_lines", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employers")),
        sa.UniqueConstraint("register_key", name=op.f("uq_employers_register_key")),
    )
    op.create_table(
        "history_entries",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_history_entries")),
        sa.UniqueConstraint("hash", name=op.f("uq_history_entries_hash")),
    )
    with op.batch_alter_table("history_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_history_entries_subject"), ["subject"], unique=False)

    op.create_table(
        "import_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
    )
    op.create_table(
        "notice_inbox",
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("payload_sha", sa.String(length=64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "external_id", name=op.f("pk_notice_inbox")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_ref", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("medium", sa.String(length=40), nullable=False),
        sa.Column("content_version", sa.String(length=80), nullable=False),
        sa.Column("idem_key", sa.String(length=400), nullable=False),
        sa.Column("recipient_key", sa.String(length=80), nullable=False),
        sa.Column("recipient_name", sa.Text(), nullable=False),
        sa.Column("recipient_email", sa.Text(), nullable=True),
        sa.Column("recipient_postal", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("law", sa.JSON(), nullable=False),
        sa.Column("subject_line", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("content_type", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("attachment", sa.LargeBinary(), nullable=True),
        sa.Column("attachment_sha256", sa.String(length=64), nullable=True),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("statutory", sa.Boolean(), nullable=False),
        sa.Column("policy", sa.String(length=40), nullable=False),
        sa.Column("send_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latest_receipt_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_because", sa.Text(), nullable=True),
        sa.Column("approved_by", sa.String(length=80), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("instead_of_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "NOT statutory OR approved_by IS NOT NULL OR state IN ('rendered', 'cancelled')",
            name=op.f("ck_notices_statutory_is_approved"),
        ),
        sa.CheckConstraint("medium IN ('mail', 'letter')", name=op.f("ck_notices_medium")),
        sa.CheckConstraint("policy IN ('resend', 'hold')", name=op.f("ck_notices_policy")),
        sa.CheckConstraint("state <> 'sending' OR lease_until IS NOT NULL", name=op.f("ck_notices_sending_has_lease")),
        sa.CheckConstraint(
            "state IN ('rendered', 'approved', 'queued', 'sending', 'accepted', 'evidenced', 'closed', 'temp_wait', 'unknown', 'held', 'failed_permanent', 're_served', 'revoked', 'cancelled')",
            name=op.f("ck_notices_state"),
        ),
        sa.ForeignKeyConstraint(["instead_of_id"], ["notices.id"], name=op.f("fk_notices_instead_of_id_notices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("idem_key", name=op.f("uq_notices_idem_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_notices_message_id")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notices_instead_of_id"), ["instead_of_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notices_recipient_key"), ["recipient_key"], unique=False)
        batch_op.create_index("ix_notices_state_send_after", ["state", "send_after"], unique=False)
        batch_op.create_index(batch_op.f("ix_notices_subject_ref"), ["subject_ref"], unique=False)

    op.create_table(
        "payment_batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("prepared_by", sa.String(length=80), nullable=False),
        sa.Column("prepared_on", sa.Date(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("lines_count", sa.Integer(), nullable=False),
        sa.Column("total_pence", sa.Integer(), nullable=False),
        sa.Column("repeat_reason", sa.Text(), nullable=True),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("released_by", sa.String(length=80), nullable=True),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(released_by IS NULL) = (released_on IS NULL)", name=op.f("ck_payment_batches_released_whole")
        ),
        sa.CheckConstraint(
            "released_by IS NULL OR released_by <> prepared_by", name=op.f("ck_payment_batches_two_people")
        ),
        sa.CheckConstraint("total_pence > 0 AND lines_count > 0", name=op.f("ck_payment_batches_not_empty")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_batches")),
        sa.UniqueConstraint("ref", name=op.f("uq_payment_batches_ref")),
    )
    with op.batch_alter_table("payment_batches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_batches_prepared_on"), ["prepared_on"], unique=False)

    op.create_table(
        "pending_work",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_work")),
    )
    with op.batch_alter_table("pending_work", schema=None) as batch_op:
        batch_op.create_index("ix_pending_work_kind_done_at", ["kind", "done_at"], unique=False)

    op.create_table(
        "standing_failures",
        sa.Column("flow", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("error", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("flow", "subject", name=op.f("pk_standing_failures")),
    )
    op.create_table(
        "stored_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stands_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_stored_clock_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_clock")),
    )
    op.create_table(
        "sweep_runs",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("successes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sweep_runs")),
    )
    op.create_table(
        "ballots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.String(length=30), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("nation", sa.String(length=20), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("caller", sa.String(length=120), nullable=False),
        sa.Column("scrutineer", sa.String(length=200), nullable=True),
        sa.Column("return_address", sa.String(length=300), nullable=False),
        sa.Column("entitled", sa.Integer(), nullable=False),
        sa.Column("authorised_on", sa.Date(), nullable=False),
        sa.Column("authorised_by", sa.String(length=80), nullable=False),
        sa.Column("cancelled_reason", sa.Text(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("declared_on", sa.Date(), nullable=True),
        sa.Column("told_members_on", sa.Date(), nullable=True),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_ballots_closes_after_opening")),
        sa.ForeignKeyConstraint(["dispute_id"], ["disputes.id"], name=op.f("fk_ballots_dispute_id_disputes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballots")),
        sa.UniqueConstraint("ref", name=op.f("uq_ballots_ref")),
    )
    with op.batch_alter_table("ballots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ballots_dispute_id"), ["dispute_id"], unique=False)

    op.create_table(
        "dispute_legs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["dispute_id"], ["disputes.id"], name=op.f("fk_dispute_legs_dispute_id_disputes")),
        sa.ForeignKeyConstraint(["employer_id"], ["employers.id"], name=op.f("fk_dispute_legs_employer_id_employers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_legs")),
        sa.UniqueConstraint("dispute_id", "employer_id", name=op.f("uq_dispute_legs_dispute_id_employer_id")),
    )
    with op.batch_alter_table("dispute_legs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dispute_legs_dispute_id"), ["dispute_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dispute_legs_employer_id"), ["employer_id"], unique=False)

    op.create_table(
        "notice_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("reply_code", sa.Integer(), nullable=True),
        sa.Column("reply_text", sa.Text(), nullable=True),
        sa.Column("provider_ref", sa.String(length=200), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('accepted', 'temp', 'perm', 'unknown')",
            name=op.f("ck_notice_attempts_outcome"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (finished_at IS NULL)", name=op.f("ck_notice_attempts_finished_with_outcome")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_attempts_notice_id_notices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_attempts")),
        sa.UniqueConstraint("notice_id", "epoch", name=op.f("uq_notice_attempts_notice_id_epoch")),
    )
    op.create_table(
        "officers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("association_id", sa.Uuid(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("open_case_limit", sa.Integer(), nullable=False),
        sa.CheckConstraint("open_case_limit >= 0", name=op.f("ck_officers_limit_not_negative")),
        sa.ForeignKeyConstraint(
            ["association_id"], ["associations.id"], name=op.f("fk_officers_association_id_associations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officers")),
        sa.UniqueConstraint("email", name=op.f("uq_officers_email")),
    )
    with op.batch_alter_table("officers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_officers_association_id"), ["association_id"], unique=False)

    op.create_table(
        "workplaces",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("urn", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("establishment_type", sa.String(length=100), nullable=False),
        sa.Column("status", sa.String(length=60), nullable=False),
        sa.Column("phase", sa.String(length=60), nullable=False),
        sa.Column("la_code", sa.String(length=3), nullable=False),
        sa.Column("la_name", sa.String(length=100), nullable=False),
        sa.Column("postal_lines", sa.JSON(), nullable=False),
        sa.Column("postcode", sa.String(length=10), nullable=False),
        sa.Column("nation", sa.String(length=40), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("employer_reason", sa.Text(), nullable=False),
        sa.Column("employer_confidence", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("stpcd_binds", sa.Boolean(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("association_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["association_id"], ["associations.id"], name=op.f("fk_workplaces_association_id_associations")
        ),
        sa.ForeignKeyConstraint(["employer_id"], ["employers.id"], name=op.f("fk_workplaces_employer_id_employers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workplaces")),
        sa.UniqueConstraint("urn", name=op.f("uq_workplaces_urn")),
    )
    with op.batch_alter_table("workplaces", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workplaces_association_id"), ["association_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_workplaces_employer_id"), ["employer_id"], unique=False)
        batch_op.create_index("ix_workplaces_la_code_name", ["la_code", "name"], unique=False)

    op.create_table(
        "ballot_legs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ballot_id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballots.id"], name=op.f("fk_ballot_legs_ballot_id_ballots")),
        sa.ForeignKeyConstraint(["employer_id"], ["employers.id"], name=op.f("fk_ballot_legs_employer_id_employers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_legs")),
        sa.UniqueConstraint("ballot_id", "employer_id", name=op.f("uq_ballot_legs_ballot_id_employer_id")),
    )
    with op.batch_alter_table("ballot_legs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ballot_legs_ballot_id"), ["ballot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ballot_legs_employer_id"), ["employer_id"], unique=False)

    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("workplace_id", sa.Uuid(), nullable=False),
        sa.Column("pursuit", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("rest_reason", sa.Text(), nullable=True),
        sa.Column("wake_on", sa.Date(), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("events_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name=op.f("fk_cases_officer_id_officers")),
        sa.ForeignKeyConstraint(["workplace_id"], ["workplaces.id"], name=op.f("fk_cases_workplace_id_workplaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("ref", name=op.f("uq_cases_ref")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cases_officer_id"), ["officer_id"], unique=False)
        batch_op.create_index("ix_cases_stage", ["stage"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_workplace_id"), ["workplace_id"], unique=False)

    op.create_table(
        "mandates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ballot_id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("workplace_ids", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("last_day_lenient", sa.Date(), nullable=False),
        sa.Column("begins_by", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballots.id"], name=op.f("fk_mandates_ballot_id_ballots")),
        sa.ForeignKeyConstraint(["employer_id"], ["employers.id"], name=op.f("fk_mandates_employer_id_employers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandates")),
        sa.UniqueConstraint("ballot_id", "employer_id", "kind", name=op.f("uq_mandates_ballot_id_employer_id_kind")),
    )
    with op.batch_alter_table("mandates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mandates_ballot_id"), ["ballot_id"], unique=False)

    op.create_table(
        "members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("membership_number", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("postal_lines", sa.JSON(), nullable=False),
        sa.Column("workplace_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("annual_salary_pence", sa.Integer(), nullable=False),
        sa.Column("fte", sa.String(length=8), nullable=False),
        sa.Column("is_rep", sa.Boolean(), nullable=False),
        sa.Column("sort_code", sa.String(length=6), nullable=True),
        sa.Column("account_number", sa.String(length=8), nullable=True),
        sa.CheckConstraint("annual_salary_pence >= 0", name=op.f("ck_members_salary_not_negative")),
        sa.CheckConstraint("left_on IS NULL OR left_on >= joined_on", name=op.f("ck_members_leaves_after_joining")),
        sa.ForeignKeyConstraint(["workplace_id"], ["workplaces.id"], name=op.f("fk_members_workplace_id_workplaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("membership_number", name=op.f("uq_members_membership_number")),
    )
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_members_workplace_id"), ["workplace_id"], unique=False)

    op.create_table(
        "notice_evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("evidence_class", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_because", sa.Text(), nullable=True),
        sa.CheckConstraint("evidence_class IN ('A', 'B', 'C')", name=op.f("ck_notice_evidence_evidence_class")),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["notice_attempts.id"], name=op.f("fk_notice_evidence_attempt_id_notice_attempts")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_evidence_notice_id_notices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_evidence")),
    )
    with op.batch_alter_table("notice_evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_evidence_notice_id"), ["notice_id"], unique=False)

    op.create_table(
        "actions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("mandate_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("pattern", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("instructions", sa.JSON(), nullable=False),
        sa.Column("affected", sa.Integer(), nullable=False),
        sa.Column("by_category", sa.JSON(), nullable=False),
        sa.Column("authorised_on", sa.Date(), nullable=False),
        sa.Column("authorised_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_actions_case_id_cases")),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandates.id"], name=op.f("fk_actions_mandate_id_mandates")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actions")),
    )
    with op.batch_alter_table("actions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_actions_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_actions_mandate_id"), ["mandate_id"], unique=False)

    op.create_table(
        "agreements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.CheckConstraint("signed_on IS NULL OR withdrawn_on IS NULL", name=op.f("ck_agreements_signed_or_withdrawn")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_agreements_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
    )
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreements_case_id"), ["case_id"], unique=False)

    op.create_table(
        "ballot_cases",
        sa.Column("ballot_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballots.id"], name=op.f("fk_ballot_cases_ballot_id_ballots")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_ballot_cases_case_id_cases")),
        sa.PrimaryKeyConstraint("ballot_id", "case_id", name=op.f("pk_ballot_cases")),
    )
    with op.batch_alter_table("ballot_cases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ballot_cases_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=True),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_case_events_seq_from_one")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
        sa.UniqueConstraint("case_id", "seq", name=op.f("uq_case_events_case_id_seq")),
        sa.UniqueConstraint("key", name=op.f("uq_case_events_key")),
    )
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_events_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_issues",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_issues_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_issues")),
        sa.UniqueConstraint("case_id", "code", name=op.f("uq_case_issues_case_id_code")),
    )
    with op.batch_alter_table("case_issues", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_issues_case_id"), ["case_id"], unique=False)

    op.create_table(
        "claim_windows",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("closed_by", sa.String(length=80), nullable=False),
        sa.Column("unclaimed", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_claim_windows_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_windows")),
        sa.UniqueConstraint("case_id", "round", name=op.f("uq_claim_windows_case_id_round")),
    )
    op.create_table(
        "claims",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.Column("payslip_pence", sa.Integer(), nullable=False),
        sa.Column("evidence_sha256", sa.String(length=64), nullable=False),
        sa.Column("payee_sha256", sa.String(length=64), nullable=True),
        sa.Column("annual_salary_pence", sa.Integer(), nullable=True),
        sa.Column("fte", sa.String(length=8), nullable=True),
        sa.Column("method", sa.String(length=40), nullable=True),
        sa.Column("calculated_pence", sa.Integer(), nullable=True),
        sa.Column("payable_pence", sa.Integer(), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("first_approver", sa.String(length=80), nullable=True),
        sa.Column("second_approver", sa.String(length=80), nullable=True),
        sa.Column("refusal_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "payable_pence IS NULL OR payable_pence <= payslip_pence", name=op.f("ck_claims_never_above_loss")
        ),
        sa.CheckConstraint("payslip_pence > 0", name=op.f("ck_claims_payslip_positive")),
        sa.CheckConstraint(
            "second_approver IS NULL OR second_approver <> first_approver", name=op.f("ck_claims_two_approvers")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_claims_case_id_cases")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_claims_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
        sa.UniqueConstraint("case_id", "member_id", "round", name=op.f("uq_claims_case_id_member_id_round")),
    )
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claims_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claims_evidence_sha256"), ["evidence_sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_claims_member_id"), ["member_id"], unique=False)
        batch_op.create_index("ix_claims_state", ["state"], unique=False)

    op.create_table(
        "deadlines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("remind_on", sa.Date(), nullable=True),
        sa.Column("tells_workplace", sa.Boolean(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_deadlines_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadlines")),
        sa.UniqueConstraint("case_id", "kind", "due_on", name=op.f("uq_deadlines_case_id_kind_due_on")),
    )
    with op.batch_alter_table("deadlines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deadlines_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            "ix_deadlines_open_due_on",
            ["due_on"],
            unique=False,
            sqlite_where=sa.text("met_on IS NULL AND cancelled_on IS NULL"),
            postgresql_where=sa.text("met_on IS NULL AND cancelled_on IS NULL"),
        )
        batch_op.create_index(
            "ix_deadlines_open_remind_on",
            ["remind_on"],
            unique=False,
            sqlite_where=sa.text("met_on IS NULL AND cancelled_on IS NULL AND reminded_on IS NULL"),
            postgresql_where=sa.text("met_on IS NULL AND cancelled_on IS NULL AND reminded_on IS NULL"),
        )

    op.create_table(
        "dispute_cases",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("leg_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_dispute_cases_case_id_cases")),
        sa.ForeignKeyConstraint(["leg_id"], ["dispute_legs.id"], name=op.f("fk_dispute_cases_leg_id_dispute_legs")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_dispute_cases")),
    )
    with op.batch_alter_table("dispute_cases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dispute_cases_leg_id"), ["leg_id"], unique=False)

    op.create_table(
        "entitled_to_vote",
        sa.Column("ballot_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("workplace_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballots.id"], name=op.f("fk_entitled_to_vote_ballot_id_ballots")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employers.id"], name=op.f("fk_entitled_to_vote_employer_id_employers")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_entitled_to_vote_member_id_members")),
        sa.ForeignKeyConstraint(
            ["workplace_id"], ["workplaces.id"], name=op.f("fk_entitled_to_vote_workplace_id_workplaces")
        ),
        sa.PrimaryKeyConstraint("ballot_id", "member_id", name=op.f("pk_entitled_to_vote")),
    )
    with op.batch_alter_table("entitled_to_vote", schema=None) as batch_op:
        batch_op.create_index("ix_entitled_to_vote_workplace", ["ballot_id", "workplace_id"], unique=False)

    op.create_table(
        "monitoring_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("broken", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_monitoring_checks_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_checks")),
    )
    with op.batch_alter_table("monitoring_checks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_monitoring_checks_case_id"), ["case_id"], unique=False)

    op.create_table(
        "agreement_clauses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("issue", sa.String(length=40), nullable=False),
        sa.Column("what_changes", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("broken_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(state = 'broken') = (broken_on IS NOT NULL)", name=op.f("ck_agreement_clauses_broken_has_day")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_agreement_clauses_agreement_id_agreements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_clauses")),
    )
    with op.batch_alter_table("agreement_clauses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_clauses_agreement_id"), ["agreement_id"], unique=False)

    op.create_table(
        "claim_days",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("pence", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_days_claim_id_claims")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_claim_days_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_days")),
        sa.UniqueConstraint("member_id", "on", name=op.f("uq_claim_days_member_id_on")),
    )
    with op.batch_alter_table("claim_days", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_days_claim_id"), ["claim_id"], unique=False)

    op.create_table(
        "payment_lines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("payee_member_id", sa.Uuid(), nullable=False),
        sa.Column("pence", sa.Integer(), nullable=False),
        sa.Column("end_to_end_id", sa.String(length=35), nullable=False),
        sa.CheckConstraint("pence > 0", name=op.f("ck_payment_lines_pence_positive")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["payment_batches.id"], name=op.f("fk_payment_lines_batch_id_payment_batches")
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_payment_lines_claim_id_claims")),
        sa.ForeignKeyConstraint(
            ["payee_member_id"], ["members.id"], name=op.f("fk_payment_lines_payee_member_id_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_lines")),
        sa.UniqueConstraint("claim_id", name=op.f("uq_payment_lines_claim_id")),
        sa.UniqueConstraint("end_to_end_id", name=op.f("uq_payment_lines_end_to_end_id")),
    )
    with op.batch_alter_table("payment_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_lines_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_lines_payee_member_id"), ["payee_member_id"], unique=False)


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("payment_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_lines_payee_member_id"))
        batch_op.drop_index(batch_op.f("ix_payment_lines_batch_id"))

    op.drop_table("payment_lines")
    with op.batch_alter_table("claim_days", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_days_claim_id"))

    op.drop_table("claim_days")
    with op.batch_alter_table("agreement_clauses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_clauses_agreement_id"))

    op.drop_table("agreement_clauses")
    with op.batch_alter_table("monitoring_checks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_monitoring_checks_case_id"))

    op.drop_table("monitoring_checks")
    with op.batch_alter_table("entitled_to_vote", schema=None) as batch_op:
        batch_op.drop_index("ix_entitled_to_vote_workplace")

    op.drop_table("entitled_to_vote")
    with op.batch_alter_table("dispute_cases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dispute_cases_leg_id"))

    op.drop_table("dispute_cases")
    with op.batch_alter_table("deadlines", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_deadlines_open_remind_on",
            sqlite_where=sa.text("met_on IS NULL AND cancelled_on IS NULL AND reminded_on IS NULL"),
            postgresql_where=sa.text("met_on IS NULL AND cancelled_on IS NULL AND reminded_on IS NULL"),
        )
        batch_op.drop_index(
            "ix_deadlines_open_due_on",
            sqlite_where=sa.text("met_on IS NULL AND cancelled_on IS NULL"),
            postgresql_where=sa.text("met_on IS NULL AND cancelled_on IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_deadlines_case_id"))

    op.drop_table("deadlines")
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.drop_index("ix_claims_state")
        batch_op.drop_index(batch_op.f("ix_claims_member_id"))
        batch_op.drop_index(batch_op.f("ix_claims_evidence_sha256"))
        batch_op.drop_index(batch_op.f("ix_claims_case_id"))

    op.drop_table("claims")
    op.drop_table("claim_windows")
    with op.batch_alter_table("case_issues", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_issues_case_id"))

    op.drop_table("case_issues")
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_events_case_id"))

    op.drop_table("case_events")
    with op.batch_alter_table("ballot_cases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ballot_cases_case_id"))

    op.drop_table("ballot_cases")
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreements_case_id"))

    op.drop_table("agreements")
    with op.batch_alter_table("actions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_actions_mandate_id"))
        batch_op.drop_index(batch_op.f("ix_actions_case_id"))

    op.drop_table("actions")
    with op.batch_alter_table("notice_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_evidence_notice_id"))

    op.drop_table("notice_evidence")
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_members_workplace_id"))

    op.drop_table("members")
    with op.batch_alter_table("mandates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mandates_ballot_id"))

    op.drop_table("mandates")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cases_workplace_id"))
        batch_op.drop_index("ix_cases_stage")
        batch_op.drop_index(batch_op.f("ix_cases_officer_id"))

    op.drop_table("cases")
    with op.batch_alter_table("ballot_legs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ballot_legs_employer_id"))
        batch_op.drop_index(batch_op.f("ix_ballot_legs_ballot_id"))

    op.drop_table("ballot_legs")
    with op.batch_alter_table("workplaces", schema=None) as batch_op:
        batch_op.drop_index("ix_workplaces_la_code_name")
        batch_op.drop_index(batch_op.f("ix_workplaces_employer_id"))
        batch_op.drop_index(batch_op.f("ix_workplaces_association_id"))

    op.drop_table("workplaces")
    with op.batch_alter_table("officers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_officers_association_id"))

    op.drop_table("officers")
    op.drop_table("notice_attempts")
    with op.batch_alter_table("dispute_legs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dispute_legs_employer_id"))
        batch_op.drop_index(batch_op.f("ix_dispute_legs_dispute_id"))

    op.drop_table("dispute_legs")
    with op.batch_alter_table("ballots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ballots_dispute_id"))

    op.drop_table("ballots")
    op.drop_table("sweep_runs")
    op.drop_table("stored_clock")
    op.drop_table("standing_failures")
    with op.batch_alter_table("pending_work", schema=None) as batch_op:
        batch_op.drop_index("ix_pending_work_kind_done_at")

    op.drop_table("pending_work")
    with op.batch_alter_table("payment_batches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_batches_prepared_on"))

    op.drop_table("payment_batches")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notices_subject_ref"))
        batch_op.drop_index("ix_notices_state_send_after")
        batch_op.drop_index(batch_op.f("ix_notices_recipient_key"))
        batch_op.drop_index(batch_op.f("ix_notices_instead_of_id"))

    op.drop_table("notices")
    op.drop_table("notice_inbox")
    op.drop_table("import_runs")
    with op.batch_alter_table("history_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_history_entries_subject"))

    op.drop_table("history_entries")
    op.drop_table("employers")
    op.drop_table("disputes")
    op.drop_table("associations")
