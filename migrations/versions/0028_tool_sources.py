"""Sources of tools, what opens them, and the tools that they have."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0028"
down_revision = "0027"

CURRENT_ORG = "(select nullif(current_setting('app.org', true), '')::uuid)"
INSTANCE_ORG = "'00000000-0000-8000-8000-000000000001'::uuid"


def upgrade() -> None:
    make_sources()
    make_parts()
    for table in ("tool_sources", "tool_source_secrets", "tool_source_tools"):
        secure(table)
    for table in ("tool_sources", "tool_source_tools"):
        op.execute(
            f"create policy instance_rows on {table} for select to coda_app"
            f" using (org_id = {INSTANCE_ORG} and {CURRENT_ORG} is not null)"
        )
    # The system role finds what has to be listed again; of content it reads nothing.
    op.execute("grant select (org_id, id, checked_at, is_enabled) on tool_sources to coda_system")
    op.execute("create policy system_rows on tool_sources to coda_system using (true) with check (true)")


def make_sources() -> None:
    op.create_table(
        "tool_sources",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("config", JSONB(), nullable=False),
        sa.Column("allow_private", sa.Boolean(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("latency_ms", sa.Integer(), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("protocol", sa.String(), nullable=True),
        sa.Column("left_out", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_tool_sources_org_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "owner_id"],
            ["memberships.org_id", "memberships.user_id"],
            name=op.f("fk_tool_sources_org_id_owner_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_tool_sources")),
        sa.UniqueConstraint(
            "org_id", "owner_id", "slug", name="uq_tool_sources_slug", postgresql_nulls_not_distinct=True
        ),
    )
    op.create_index("ix_tool_sources_checked_at", "tool_sources", ["checked_at"])


def make_parts() -> None:
    def belonging(table: str) -> tuple[sa.Constraint, ...]:
        return (
            sa.ForeignKeyConstraint(
                ["org_id", "source_id"],
                ["tool_sources.org_id", "tool_sources.id"],
                name=op.f(f"fk_{table}_org_id_source_id"),
                ondelete="CASCADE",
            ),
        )

    op.create_table(
        "tool_source_secrets",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sa.String(), nullable=True),
        *belonging("tool_source_secrets"),
        sa.PrimaryKeyConstraint("org_id", "source_id", name=op.f("pk_tool_source_secrets")),
    )
    op.create_table(
        "tool_source_tools",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("listed", sa.String(), nullable=False),
        sa.Column("approved", sa.String(), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("is_listed", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        *belonging("tool_source_tools"),
        sa.PrimaryKeyConstraint("org_id", "source_id", "name", name=op.f("pk_tool_source_tools")),
    )


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
    op.execute("delete from tool_policies where source in (select id::text from tool_sources)")
    for table in ("tool_source_tools", "tool_source_secrets", "tool_sources"):
        op.drop_table(table)
