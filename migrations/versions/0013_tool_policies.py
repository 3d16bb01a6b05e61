"""What people decide about tools, the specs of tools by their hashes, and the tools that each answer was begun with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"

CURRENT_ORG = "(select nullif(current_setting('app.org', true), '')::uuid)"
TABLES = ("tool_policies", "tool_specs")


def upgrade() -> None:
    op.create_table(
        "tool_policies",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=True),
        sa.Column("approval", sa.String(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("approval in ('never', 'ask', 'always')", name=op.f("ck_tool_policies_approval")),
        sa.CheckConstraint(
            "level = 'organization' and user_id is null and session_id is null"
            " or level = 'person' and user_id is not null and session_id is null"
            " or level = 'session' and user_id is null and session_id is not null",
            name=op.f("ck_tool_policies_subject"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_tool_policies_org_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "user_id"],
            ["memberships.org_id", "memberships.user_id"],
            name=op.f("fk_tool_policies_org_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "session_id"],
            ["chat_sessions.org_id", "chat_sessions.id"],
            name=op.f("fk_tool_policies_org_id_session_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_tool_policies")),
        sa.UniqueConstraint(
            "org_id",
            "session_id",
            "user_id",
            "source",
            "name",
            name=op.f("uq_tool_policies_subject"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_tool_policies_user_id", "tool_policies", ["org_id", "user_id"])
    op.create_table(
        "tool_specs",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("spec", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "sha256", name=op.f("pk_tool_specs")),
    )
    op.add_column("run_prompts", sa.Column("tools", postgresql.JSONB(none_as_null=True), nullable=True))
    for table in TABLES:
        op.execute(f"grant select, insert, update, delete on {table} to coda_app")
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy owner_rows on {table} to coda_owner using (true) with check (true)")
        op.execute(
            f"create policy tenant_rows on {table} to coda_app"
            f" using (org_id = {CURRENT_ORG}) with check (org_id = {CURRENT_ORG})"
        )


def downgrade() -> None:
    op.drop_column("run_prompts", "tools")
    for table in reversed(TABLES):
        op.drop_table(table)
