"""The plans of prompts, and the texts that they refer to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

CURRENT_ORG = "(select nullif(current_setting('app.org', true), '')::uuid)"
TABLES = ("prompt_texts", "run_prompts")


def upgrade() -> None:
    op.create_table(
        "prompt_texts",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "sha256", name=op.f("pk_prompt_texts")),
    )
    op.create_table(
        "run_prompts",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("root_run_id", sa.Uuid(), nullable=False),
        sa.Column("plan", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "root_run_id"],
            ["runs.org_id", "runs.id"],
            name=op.f("fk_run_prompts_org_id_root_run_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "root_run_id", name=op.f("pk_run_prompts")),
    )
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
    for table in reversed(TABLES):
        op.drop_table(table)
