"""What the policy did not answer, what visitors thought of answers, and the wordings that officers made of it.

Revision: 0006, after 0005. On the way back these three are deleted: the former program would not purge them.
"""

import sqlalchemy as sa
from alembic import op

from actions.cases.instants import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("questions", "feedback", "reviewed_wordings")


def upgrade() -> None:
    """Apply."""
    turn = ("conversation_key", sa.String(length=64)), ("message_id", sa.String(length=36))
    op.create_table(
        "questions",
        sa.Column("id", sa.String(length=16), nullable=False),
        *(sa.Column(name, kind, nullable=True) for name, kind in turn),
        sa.Column("day", sa.Date(), nullable=False),
        *_list_words(language=2, status=16, section=64, clauses=400, policy_version=32),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        *_list_words(text_key=64, reason=16, decision=16, label=64, decided_by=64),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("conversation_key", "message_id"),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(length=16), nullable=False),
        *(sa.Column(name, kind, nullable=True) for name, kind in turn),
        sa.Column("day", sa.Date(), nullable=False),
        *_list_words(verdict=8, reason=16),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("conversation_key", "message_id"),
    )
    op.create_table(
        "reviewed_wordings",
        *_list_words(id=16, decision_id=16),
        sa.Column("position", sa.Integer(), nullable=False),
        *_list_words(language=2, kind=16, label=64),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        *_list_words(policy_version=32, decided_by=64),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for table, name in (
        ("questions", "day"),
        ("questions", "text_key"),
        ("questions", "decision"),
        ("feedback", "day"),
        ("reviewed_wordings", "decision_id"),
    ):
        op.create_index(f"ix_{table}_{name}", table, [name])


def downgrade() -> None:
    """Undo."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _list_words(**lengths: int) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length=length), nullable=False) for name, length in lengths.items()]
