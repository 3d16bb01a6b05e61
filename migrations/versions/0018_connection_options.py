"""What a person sets for one connection: fields, names of models, certificates, patience; headers are sealed beside the key."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column(
        "provider_connections",
        sa.Column("options", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    )
    op.alter_column("provider_keys", "sealed_key", nullable=True)
    op.add_column("provider_keys", sa.Column("sealed_headers", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.execute("delete from provider_keys where sealed_key is null")
    op.drop_column("provider_keys", "sealed_headers")
    op.alter_column("provider_keys", "sealed_key", nullable=False)
    op.drop_column("provider_connections", "options")
