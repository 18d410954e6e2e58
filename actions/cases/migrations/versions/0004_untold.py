"""A conversation remembers the request filed in it until a kept reply has told its receipt.

Revision: 0004, after 0003. Without it, who says "yes" again after a crash in that moment would be told of no request.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("conversations", sa.Column("untold", sa.String(length=36), nullable=False, server_default=""))


def downgrade() -> None:
    """Undo."""
    op.drop_column("conversations", "untold")
