"""Scopes of API keys. Keys that exist keep all rights of their owners."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

_ALL = "array['read', 'chat', 'admin']"


def upgrade() -> None:
    column = sa.Column("scopes", postgresql.ARRAY(sa.Text()), server_default=sa.text(_ALL), nullable=False)
    op.add_column("api_keys", column)
    op.alter_column(
        "api_keys", "scopes", server_default=None
    )  # a new key gets what is asked for, never all by omission
    op.create_check_constraint(op.f("ck_api_keys_scopes"), "api_keys", f"cardinality(scopes) > 0 and scopes <@ {_ALL}")


def downgrade() -> None:
    op.drop_column("api_keys", "scopes")
