"""The system role may remove specs of tools that no answer refers to; of content it reads nothing."""

from alembic import op

revision = "0016"
down_revision = "0015"

# To lock a row, a role needs the right to update some column.
RIGHTS = "select (org_id, sha256, created_at), update (created_at), delete"


def upgrade() -> None:
    op.execute(f"grant {RIGHTS} on tool_specs to coda_system")
    op.execute("grant select (tools) on run_prompts to coda_system")
    op.execute("create policy system_rows on tool_specs to coda_system using (true) with check (true)")


def downgrade() -> None:
    op.execute("drop policy system_rows on tool_specs")
    op.execute("revoke select (tools) on run_prompts from coda_system")
    op.execute(f"revoke {RIGHTS} on tool_specs from coda_system")
