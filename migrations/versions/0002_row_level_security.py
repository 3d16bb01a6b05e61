"""Row-level security, forced, on every tenant table; grants for the roles that serve."""

from alembic import op

revision = "0002"
down_revision = "0001"

TENANT_TABLES = (
    "memberships",
    "organization_settings",
    "api_keys",
    "chat_sessions",
    "messages",
    "message_feedback",
    "drafts",
    "provider_connections",
    "ledger_entries",
    "reservations",
    "runs",
    "run_events",
    "run_steps",
    "tool_calls",
    "run_checkpoints",
)
GLOBAL_TABLES = (
    "users",
    "logins",
    "refresh_tokens",
    "one_time_tokens",
    "ws_tickets",
    "instance_facts",
    "organizations",
    "api_key_index",
    "run_queue",
    "workers",
)
APPEND_ONLY = ("ledger_entries",)

CURRENT_ORG = "(select nullif(current_setting('app.org', true), '')::uuid)"
CURRENT_USER = "(select nullif(current_setting('app.user', true), '')::uuid)"

# What `coda_system` may do on tenant tables: columns it may read, and what it may change.
SYSTEM_GRANTS = {
    "run_events": "select, insert, delete",
    "reservations": "select (org_id, id, run_id, state, expires_at), update (state, closed_at)",
    "runs": "select (org_id, id, status, finished_at)",
    "chat_sessions": "select (org_id, id, deleted_at), delete",
}


def upgrade() -> None:
    op.execute("grant usage on schema public to coda_app, coda_system")
    for table in GLOBAL_TABLES:
        op.execute(f"grant select, insert, update, delete on {table} to coda_app")
    # A share lock (the log writer takes one) needs the right to update some column.
    op.execute("grant select, update (lease_until) on run_queue to coda_system")
    for table in TENANT_TABLES:
        secure(table)
    for table, rights in SYSTEM_GRANTS.items():
        op.execute(f"grant {rights} on {table} to coda_system")
        op.execute(f"create policy system_rows on {table} to coda_system using (true) with check (true)")
    op.execute(f"create policy own_memberships on memberships for select to coda_app using (user_id = {CURRENT_USER})")


def secure(table: str) -> None:
    """Enable and force row-level security: the app role sees its organization, the owner all (for backfills)."""
    rights = "select, insert" if table in APPEND_ONLY else "select, insert, update, delete"
    op.execute(f"grant {rights} on {table} to coda_app")
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy owner_rows on {table} to coda_owner using (true) with check (true)")
    op.execute(
        f"create policy tenant_rows on {table} to coda_app"
        f" using (org_id = {CURRENT_ORG}) with check (org_id = {CURRENT_ORG})"
    )


def downgrade() -> None:
    for table in TENANT_TABLES:
        op.execute(f"alter table {table} no force row level security")
        op.execute(f"alter table {table} disable row level security")
        for policy in ("owner_rows", "tenant_rows", "system_rows", "own_memberships"):
            op.execute(f"drop policy if exists {policy} on {table}")
