"""What clients have asked of the agent lately, so that a request that comes again is answered by the same run."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

CURRENT_ORG = "(select nullif(current_setting('app.org', true), '')::uuid)"


def upgrade() -> None:
    op.create_table(
        "api_requests",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=True),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("unanswered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "user_id"],
            ["memberships.org_id", "memberships.user_id"],
            name=op.f("fk_api_requests_org_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_api_requests")),
    )
    op.create_index(
        "uq_api_requests_key",
        "api_requests",
        ["org_id", "user_id", "key_hash"],
        unique=True,
        postgresql_where=sa.text("key_hash is not null"),
    )
    op.create_index("ix_api_requests_body", "api_requests", ["org_id", "user_id", "body_hash"])
    op.create_index("ix_api_requests_created_at", "api_requests", ["created_at"])
    op.execute("grant select, insert, update, delete on api_requests to coda_app")
    # The system role removes what is old; of content it reads nothing.
    op.execute("grant select (org_id, id, created_at), delete on api_requests to coda_system")
    op.execute("alter table api_requests enable row level security")
    op.execute("alter table api_requests force row level security")
    op.execute("create policy owner_rows on api_requests to coda_owner using (true) with check (true)")
    op.execute(
        f"create policy tenant_rows on api_requests to coda_app"
        f" using (org_id = {CURRENT_ORG}) with check (org_id = {CURRENT_ORG})"
    )
    op.execute("create policy system_rows on api_requests to coda_system using (true) with check (true)")


def downgrade() -> None:
    op.drop_table("api_requests")
