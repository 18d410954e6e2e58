"""Casework: items with progress, threads, identity checks, codes, an outbox, and an append-only audit chain.

Revision: 0002, after 0001. The events of cases filed before had one entry each, their arrival: the audit chain takes
them up at the first start (`actions.cases.audit.adopt`).
"""

import sqlalchemy as sa
from alembic import op

from actions.cases.instants import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SEALED = ("name_sealed", "email_sealed", "phone_sealed", "details_sealed", "data_key_sealed")

_SQLITE_TRIGGERS = (
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
)
_POSTGRESQL_TRIGGERS = (
    "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$",
    "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
)


def upgrade() -> None:
    """Apply."""
    _widen_cases()
    _widen_items()
    _add_casework()
    _add_audit()
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_events_case_id"))
    op.drop_table("case_events")


def _widen_cases() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        for name in _SEALED:
            batch_op.alter_column(name, existing_type=sa.LargeBinary(), nullable=True)
        batch_op.add_column(sa.Column("agent", sa.String(length=16), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("forwarded", sa.Boolean(), nullable=False, server_default=sa.false()))
        for name in ("represented_sealed", "opening_sealed", "told_sealed", "status_sealed"):
            batch_op.add_column(sa.Column(name, sa.LargeBinary(), nullable=True))
        for name in ("email_index", "phone_index"):
            batch_op.add_column(sa.Column(name, sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("status_hash", sa.String(length=64), nullable=True))
        moments = ("arrived_at", "confirmed_at", "proven_at", "acknowledged_at", "reminded_at", "due_at")
        for name in (*moments, "closed_at", "trimmed_at", "erased_at"):
            batch_op.add_column(sa.Column(name, Instant(), nullable=True))
        batch_op.add_column(sa.Column("identity_level", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("assignee", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("waiting", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("on_legal_hold", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.execute("UPDATE cases SET arrived_at = created_at")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.alter_column("arrived_at", existing_type=Instant(), nullable=False)
        batch_op.create_index("ix_cases_closed_at_due_at", ["closed_at", "due_at"], unique=False)
        for name in ("email_index", "phone_index", "closed_at", "assignee"):
            batch_op.create_index(batch_op.f(f"ix_cases_{name}"), [name], unique=False)
        batch_op.create_unique_constraint("uq_cases_status_hash", ["status_hash"])


def _widen_items() -> None:
    with op.batch_alter_table("case_items", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state", sa.String(length=32), nullable=False, server_default="received"))
        for name, length in (("held_from", 32), ("outcome", 32), ("proposed_by", 64)):
            batch_op.add_column(sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("decision_sealed", sa.LargeBinary(), nullable=True))
        for name in ("proposed_at", "fee_accepted_at", "target_at", "closed_at"):
            batch_op.add_column(sa.Column(name, Instant(), nullable=True))
        batch_op.add_column(sa.Column("fee_yen", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("remaining_minutes", sa.Integer(), nullable=True))
        for name in ("kind", "state"):
            batch_op.create_index(batch_op.f(f"ix_case_items_{name}"), [name], unique=False)
    # Ten business days at the counter, in minutes: the clock starts with the officer's next step.
    op.execute("UPDATE case_items SET remaining_minutes = 4200")


def _add_casework() -> None:
    case = ("case_id", sa.String(length=32))
    op.create_table(
        "case_messages",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column(*case, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("template", sa.String(length=32), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_case_messages_case_id"), "case_messages", ["case_id"], unique=False)
    op.create_table(
        "identity_checks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column(*case, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("document", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_identity_checks_case_id"), "identity_checks", ["case_id"], unique=False)
    op.create_table(
        "confirmation_codes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column(*case, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("link_hash"),
    )
    op.create_index(op.f("ix_confirmation_codes_case_id"), "confirmation_codes", ["case_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column(*case, nullable=False),
        sa.Column("template", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("dedupe_key", sa.String(length=128), nullable=False),
        sa.Column("message_id", sa.String(length=128), nullable=False),
        sa.Column("recipient_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("last_error", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("dedupe_key"),
        sa.UniqueConstraint("message_id"),
    )
    op.create_index(op.f("ix_outbox_case_id"), "outbox", ["case_id"], unique=False)
    op.create_index("ix_outbox_state_next_at", "outbox", ["state", "next_at"], unique=False)


def _add_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.String(length=1000), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_audit_case_id_seq", "audit", ["case_id", "seq"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_TRIGGERS if sqlite else _POSTGRESQL_TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    """Take back: arrivals stay, casework goes. Refused while a case is erased, for 0001 knows no such case."""
    bind = op.get_bind()
    if bind.scalar(sa.text("SELECT count(*) FROM cases WHERE data_key_sealed IS NULL")):
        raise RuntimeError("erased cases cannot be taken back to schema 0001")
    sqlite = bind.dialect.name == "sqlite"
    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_case_events_case_id"), "case_events", ["case_id"], unique=False)
    op.execute(
        "INSERT INTO case_events (case_id, at, actor, action, state) "
        "SELECT id, created_at, 'customer', 'submit', 'received' FROM cases"
    )
    op.execute("UPDATE cases SET state = 'received'")
    for statement in () if sqlite else ("DROP TRIGGER audit_append_only ON audit", "DROP FUNCTION refuse_audit_change"):
        op.execute(statement)
    for table in ("audit_head", "audit", "outbox", "confirmation_codes", "identity_checks", "case_messages"):
        op.drop_table(table)
    _narrow()


def _narrow() -> None:
    with op.batch_alter_table("case_items", schema=None) as batch_op:
        for name in ("kind", "state"):
            batch_op.drop_index(batch_op.f(f"ix_case_items_{name}"))
        columns = ("state", "held_from", "outcome", "proposed_by", "decision_sealed", "proposed_at", "fee_accepted_at")
        for name in (*columns, "target_at", "closed_at", "fee_yen", "remaining_minutes"):
            batch_op.drop_column(name)
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_constraint("uq_cases_status_hash", type_="unique")
        batch_op.drop_index("ix_cases_closed_at_due_at")
        for name in ("email_index", "phone_index", "closed_at", "assignee"):
            batch_op.drop_index(batch_op.f(f"ix_cases_{name}"))
        sealed = ("represented_sealed", "opening_sealed", "told_sealed", "status_sealed", "status_hash")
        moments = (
            "arrived_at",
            "confirmed_at",
            "proven_at",
            "acknowledged_at",
            "reminded_at",
            "due_at",
            "trimmed_at",
            "erased_at",
        )
        words = ("agent", "forwarded", "email_index", "phone_index", "identity_level", "assignee", "waiting")
        for name in (*sealed, *moments, *words, "closed_at", "on_legal_hold", "version"):
            batch_op.drop_column(name)
        for name in _SEALED:
            batch_op.alter_column(name, existing_type=sa.LargeBinary(), nullable=False)
