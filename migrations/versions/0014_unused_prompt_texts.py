"""The system role may remove texts of prompts that no plan refers to; of content it reads nothing."""

from alembic import op

revision = "0014"
down_revision = "0013"

# To lock a row, a role needs the right to update some column.
GRANTS = {
    "prompt_texts": "select (org_id, sha256, created_at), update (created_at), delete",
    "run_prompts": "select (org_id, plan)",
}


def upgrade() -> None:
    for table, rights in GRANTS.items():
        op.execute(f"grant {rights} on {table} to coda_system")
        op.execute(f"create policy system_rows on {table} to coda_system using (true) with check (true)")


def downgrade() -> None:
    for table, rights in GRANTS.items():
        op.execute(f"drop policy system_rows on {table}")
        op.execute(f"revoke {rights} on {table} from coda_system")
