"""What a chat was begun by: a person in the app, or a program."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

ORIGINS = ("app", "api", "openai", "responses", "ag_ui")


def upgrade() -> None:
    op.add_column("chat_sessions", sa.Column("origin", sa.String(), server_default=sa.text("'app'"), nullable=False))
    # Chats that only keys have asked in were begun by programs.
    op.execute(
        "update chat_sessions s set origin = 'responses' where exists"
        " (select from api_responses r where r.org_id = s.org_id and r.session_id = s.id)"
    )
    op.execute(
        "update chat_sessions s set origin = 'api' where origin = 'app'"
        " and exists (select from runs r where r.org_id = s.org_id and r.session_id = s.id)"
        " and not exists (select from runs r where r.org_id = s.org_id and r.session_id = s.id and r.api_key_id is null)"
    )
    op.create_check_constraint(op.f("ck_chat_sessions_origin"), "chat_sessions", f"origin in {ORIGINS}")
    op.create_index(
        "ix_chat_sessions_app",
        "chat_sessions",
        ["org_id", "owner_id", sa.text("updated_at desc"), sa.text("id desc")],
        postgresql_where=sa.text("deleted_at is null and origin = 'app'"),
    )


def downgrade() -> None:
    op.drop_column("chat_sessions", "origin")
