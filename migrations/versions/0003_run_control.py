"""Run control: what people throw into working runs, decisions on tool calls, runs that go on after an interrupt."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

CURRENT_ORG = "(select nullif(current_setting('app.org', true), '')::uuid)"


def upgrade() -> None:
    op.add_column("run_queue", sa.Column("resumes", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("runs", sa.Column("takes_steers", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.add_column("runs", sa.Column("decisions", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.create_unique_constraint("uq_runs_org_id_parent_run_id", "runs", ["org_id", "parent_run_id"])
    op.create_table(
        "run_steers",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("root_run_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("taken_turn", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "run_id"],
            ["runs.org_id", "runs.id"],
            name=op.f("fk_run_steers_org_id_run_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_run_steers")),
    )
    op.create_index("ix_run_steers_root_run_id", "run_steers", ["org_id", "root_run_id"], unique=False)
    op.execute("grant select, insert, update, delete on run_steers to coda_app")
    op.execute("alter table run_steers enable row level security")
    op.execute("alter table run_steers force row level security")
    op.execute("create policy owner_rows on run_steers to coda_owner using (true) with check (true)")
    op.execute(
        "create policy tenant_rows on run_steers to coda_app"
        f" using (org_id = {CURRENT_ORG}) with check (org_id = {CURRENT_ORG})"
    )


def downgrade() -> None:
    op.drop_table("run_steers")
    op.drop_constraint("uq_runs_org_id_parent_run_id", "runs", type_="unique")
    op.drop_column("runs", "decisions")
    op.drop_column("runs", "takes_steers")
    op.drop_column("run_queue", "resumes")
