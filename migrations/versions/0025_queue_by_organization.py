"""The queue holds runs by organization and id: ids come from clients, so that two organizations may have the same."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.drop_constraint(op.f("pk_run_queue"), "run_queue", type_="primary")
    op.create_primary_key(op.f("pk_run_queue"), "run_queue", ["org_id", "run_id"])


def downgrade() -> None:
    op.execute("delete from run_queue q using run_queue o where o.run_id = q.run_id and o.org_id < q.org_id")
    op.drop_constraint(op.f("pk_run_queue"), "run_queue", type_="primary")
    op.create_primary_key(op.f("pk_run_queue"), "run_queue", ["run_id"])
