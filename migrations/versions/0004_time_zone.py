"""The person's own time zone, which the model and its tools take for "now" and "here"."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("users", sa.Column("time_zone", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "time_zone")
