"""What `coda_system` reads to recheck the rights of all connected people: ids and states, no content."""

from alembic import op

revision = "0015"
down_revision = "0014"

READ = {
    "users": "id, suspended_at, is_operator",
    "logins": "id, ended_at",
    "memberships": "org_id, user_id, role, status",
    "api_keys": "org_id, id, scopes, revoked_at, expires_at",
    "chat_sessions": "owner_id",
}
TENANT_TABLES = ("memberships", "api_keys")


def upgrade() -> None:
    for table, columns in READ.items():
        op.execute(f"grant select ({columns}) on {table} to coda_system")
    for table in TENANT_TABLES:
        op.execute(f"create policy system_rows on {table} for select to coda_system using (true)")


def downgrade() -> None:
    for table in TENANT_TABLES:
        op.execute(f"drop policy system_rows on {table}")
    for table, columns in READ.items():
        op.execute(f"revoke select ({columns}) on {table} from coda_system")
