"""Responses of OpenAI's Responses API, to be read and continued by their id."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"

CURRENT_ORG = "(select nullif(current_setting('app.org', true), '')::uuid)"


def upgrade() -> None:
    op.create_table(
        "api_responses",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("input", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("body", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "user_id"],
            ["memberships.org_id", "memberships.user_id"],
            name=op.f("fk_api_responses_org_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "session_id"],
            ["chat_sessions.org_id", "chat_sessions.id"],
            name=op.f("fk_api_responses_org_id_session_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_api_responses")),
    )
    op.create_index("ix_api_responses_user_id", "api_responses", ["org_id", "user_id"])
    op.create_index("ix_api_responses_session_id", "api_responses", ["org_id", "session_id"])
    op.create_index("ix_api_responses_created_at", "api_responses", ["created_at"])
    op.execute("grant select, insert, update, delete on api_responses to coda_app")
    # The system role removes what is old; of content it reads nothing.
    op.execute("grant select (org_id, id, created_at), delete on api_responses to coda_system")
    op.execute("alter table api_responses enable row level security")
    op.execute("alter table api_responses force row level security")
    op.execute("create policy owner_rows on api_responses to coda_owner using (true) with check (true)")
    op.execute(
        f"create policy tenant_rows on api_responses to coda_app"
        f" using (org_id = {CURRENT_ORG}) with check (org_id = {CURRENT_ORG})"
    )
    op.execute("create policy system_rows on api_responses to coda_system using (true) with check (true)")


def downgrade() -> None:
    op.drop_table("api_responses")
