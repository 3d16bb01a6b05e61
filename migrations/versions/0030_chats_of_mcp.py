"""Chats that were begun over MCP are filed as such."""

from alembic import op

revision = "0030"
down_revision = "0029"

NAME = "ck_chat_sessions_origin"
BEFORE = ("app", "api", "openai", "responses", "ag_ui")
ORIGINS = (*BEFORE, "mcp")


def upgrade() -> None:
    allow(ORIGINS)


def downgrade() -> None:
    op.execute("update chat_sessions set origin = 'api' where origin = 'mcp'")
    allow(BEFORE)


def allow(origins: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(NAME), "chat_sessions", type_="check")
    op.create_check_constraint(op.f(NAME), "chat_sessions", f"origin in {origins}")
