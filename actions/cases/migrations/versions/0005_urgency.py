"""The inbox's index in the order of the inbox: a page is found among its first entries.

Revision: 0005, after 0004. An index of what waits to be read makes the tabs' numbers cheap.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BY_STATE = ["state", "due_at", "arrived_at", "created_at", "closed_at", "confirmed_at", "waiting", "channel"]
_BY_URGENCY = ["due_at", "arrived_at", "id", "state", "closed_at", "confirmed_at", "waiting", "channel", "assignee"]


def upgrade() -> None:
    """Apply."""
    op.drop_index("ix_cases_inbox", table_name="cases")
    op.create_index("ix_cases_inbox", "cases", [*_BY_URGENCY, "created_at"])
    op.create_index("ix_cases_waiting", "cases", ["waiting", "confirmed_at", "state"])


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_cases_waiting", table_name="cases")
    op.drop_index("ix_cases_inbox", table_name="cases")
    op.create_index("ix_cases_inbox", "cases", [*_BY_STATE, "assignee", "id"])
