"""What a chat session has used is found without reading its person's whole ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_INDEX = "ix_ledger_entries_session_id"


def upgrade() -> None:
    op.create_index(
        _INDEX, "ledger_entries", ["org_id", "session_id"], postgresql_where=sa.text("session_id is not null")
    )


def downgrade() -> None:
    op.drop_index(_INDEX, table_name="ledger_entries")
