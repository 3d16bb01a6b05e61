"""Sources that are commands: trials for workers, and how the servers are that they have started."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031"
down_revision = "0030"

CURRENT_ORG = "(select nullif(current_setting('app.org', true), '')::uuid)"


def upgrade() -> None:
    now = sa.text("now()")
    op.create_table(
        "tool_source_trials",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("config", JSONB(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answer", JSONB(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_tool_source_trials_org_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_tool_source_trials")),
    )
    op.create_table(
        "tool_source_processes",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lines", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "source_id"],
            ["tool_sources.org_id", "tool_sources.id"],
            name=op.f("fk_tool_source_processes_org_id_source_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "source_id", "worker_id", name=op.f("pk_tool_source_processes")),
    )
    for table in ("tool_source_trials", "tool_source_processes"):
        secure(table)


def secure(table: str) -> None:
    op.execute(f"grant select, insert, update, delete on {table} to coda_app")
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy owner_rows on {table} to coda_owner using (true) with check (true)")
    op.execute(
        f"create policy tenant_rows on {table} to coda_app"
        f" using (org_id = {CURRENT_ORG}) with check (org_id = {CURRENT_ORG})"
    )


def downgrade() -> None:
    op.execute("delete from tool_policies where source in (select id::text from tool_sources where kind = 'mcp_stdio')")
    op.execute("delete from tool_sources where kind = 'mcp_stdio'")
    for table in ("tool_source_processes", "tool_source_trials"):
        op.drop_table(table)
