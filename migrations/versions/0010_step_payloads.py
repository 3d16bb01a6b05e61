"""What providers want back with the turns of an answer, kept beside the steps that made them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"

CURRENT_ORG = "(select nullif(current_setting('app.org', true), '')::uuid)"


def upgrade() -> None:
    op.create_table(
        "step_payloads",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("root_run_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("message", postgresql.JSONB(), nullable=False),
        sa.Column("calls", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "step_id"],
            ["run_steps.org_id", "run_steps.id"],
            name=op.f("fk_step_payloads_org_id_step_id_run_steps"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "step_id", name=op.f("pk_step_payloads")),
    )
    op.create_index("ix_step_payloads_root_run_id", "step_payloads", ["org_id", "root_run_id"])
    op.execute("grant select, insert, update, delete on step_payloads to coda_app")
    op.execute("alter table step_payloads enable row level security")
    op.execute("alter table step_payloads force row level security")
    op.execute("create policy owner_rows on step_payloads to coda_owner using (true) with check (true)")
    op.execute(
        "create policy tenant_rows on step_payloads to coda_app"
        f" using (org_id = {CURRENT_ORG}) with check (org_id = {CURRENT_ORG})"
    )


def downgrade() -> None:
    op.drop_table("step_payloads")
