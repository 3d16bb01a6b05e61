"""A column and a status of tool calls that nothing has ever written."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_STATUSES = "'pending', 'waiting', 'running', 'done', 'failed'"


def upgrade() -> None:
    op.drop_column("tool_calls", "step_id")
    _allow(_STATUSES)


def downgrade() -> None:
    _allow(f"{_STATUSES}, 'unknown'")
    op.add_column("tool_calls", sa.Column("step_id", sa.Uuid(), nullable=True))


def _allow(statuses: str) -> None:
    op.drop_constraint(op.f("ck_tool_calls_status"), "tool_calls", type_="check")
    op.create_check_constraint(op.f("ck_tool_calls_status"), "tool_calls", f"status in ({statuses})")
