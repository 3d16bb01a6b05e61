"""Runs that wait behind an unfinished answer or for a person, and the ids of those that were taken out again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

CURRENT_ORG = "(select nullif(current_setting('app.org', true), '')::uuid)"


def upgrade() -> None:
    op.add_column("run_queue", sa.Column("after_message_id", sa.Uuid(), nullable=True))
    _allow_states("'queued', 'running', 'blocked', 'held'")
    op.create_index(
        "ix_run_queue_after",
        "run_queue",
        ["org_id", "after_message_id"],
        unique=False,
        postgresql_where=sa.text("after_message_id is not null"),
    )
    op.add_column(
        "workers",
        sa.Column("concurrency", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.create_table(
        "removed_runs",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_removed_runs")),
    )
    op.create_index(
        "ix_removed_runs_question_id",
        "removed_runs",
        ["org_id", "question_id"],
        unique=False,
    )
    op.execute("grant select, insert, update, delete on removed_runs to coda_app")
    op.execute("alter table removed_runs enable row level security")
    op.execute("alter table removed_runs force row level security")
    op.execute("create policy owner_rows on removed_runs to coda_owner using (true) with check (true)")
    op.execute(
        "create policy tenant_rows on removed_runs to coda_app"
        f" using (org_id = {CURRENT_ORG}) with check (org_id = {CURRENT_ORG})"
    )


def downgrade() -> None:
    op.drop_table("removed_runs")
    op.drop_column("workers", "concurrency")
    op.drop_index("ix_run_queue_after", table_name="run_queue")
    op.execute("delete from run_queue where state in ('blocked', 'held')")
    _allow_states("'queued', 'running'")
    op.drop_column("run_queue", "after_message_id")


def _allow_states(states: str) -> None:
    op.drop_constraint(op.f("ck_run_queue_state"), "run_queue", type_="check")
    op.create_check_constraint(op.f("ck_run_queue_state"), "run_queue", f"state in ({states})")
