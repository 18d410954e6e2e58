"""Contact data are corrected at the desk, and shown there only when asked for.

Revision: 0007, after 0006. A mail address that was corrected waits to be confirmed; who asked to see a case's contact
data is remembered as long as the session lasts.
"""

import sqlalchemy as sa
from alembic import op

from actions.cases.instants import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("cases", sa.Column("readdressed_at", Instant(), nullable=True))
    op.create_table(
        "shown_contacts",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["token_hash"], ["sessions.token_hash"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", "case_id"),
    )
    op.create_index("ix_shown_contacts_case_id", "shown_contacts", ["case_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("shown_contacts")
    op.drop_column("cases", "readdressed_at")
