"""Files that people upload: what they are, the bytes they share, uploads under way, and which messages show them."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

CURRENT_ORG = "(select nullif(current_setting('app.org', true), '')::uuid)"
TABLES = ("file_storage", "file_contents", "files", "file_uploads", "message_files")
# What the system role needs to find what nobody has any more; of names and content it reads nothing.
SYSTEM_GRANTS = {
    "file_contents": "select (org_id, id, created_at)",
    "files": "select (org_id, id, content_id, created_at), delete",
    "file_uploads": "select (org_id, id, expires_at)",
    "message_files": "select (org_id, file_id)",
}


def upgrade() -> None:
    make_contents()
    make_files()
    make_links()
    for table in TABLES:
        op.execute(f"grant select, insert, update, delete on {table} to coda_app")
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy owner_rows on {table} to coda_owner using (true) with check (true)")
        op.execute(
            f"create policy tenant_rows on {table} to coda_app"
            f" using (org_id = {CURRENT_ORG}) with check (org_id = {CURRENT_ORG})"
        )
    for table, rights in SYSTEM_GRANTS.items():
        op.execute(f"grant {rights} on {table} to coda_system")
        op.execute(f"create policy system_rows on {table} to coda_system using (true) with check (true)")


def make_contents() -> None:
    op.create_table(
        "file_storage",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("used_bytes", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("used_bytes >= 0", name=op.f("ck_file_storage_used_bytes")),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_file_storage_org_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_file_storage")),
    )
    op.create_table(
        "file_contents",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("view_type", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(width is null) = (height is null) and (width is null) = (view_type is null)",
            name=op.f("ck_file_contents_picture"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_file_contents_org_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_file_contents")),
        sa.UniqueConstraint("org_id", "sha256", name=op.f("uq_file_contents_org_id_sha256")),
    )


def make_files() -> None:
    person = ["org_id", "user_id"], ["memberships.org_id", "memberships.user_id"]
    op.create_table(
        "files",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(*person, name=op.f("fk_files_org_id_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["org_id", "content_id"],
            ["file_contents.org_id", "file_contents.id"],
            name=op.f("fk_files_org_id_content_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_files")),
    )
    op.create_index("ix_files_user", "files", ["org_id", "user_id", sa.text("created_at desc"), sa.text("id desc")])
    op.create_index("ix_files_content", "files", ["org_id", "content_id"])
    op.create_table(
        "file_uploads",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("parts", sa.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("received between 0 and size", name=op.f("ck_file_uploads_received")),
        sa.ForeignKeyConstraint(*person, name=op.f("fk_file_uploads_org_id_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_file_uploads")),
    )
    op.create_index("ix_file_uploads_expires_at", "file_uploads", ["expires_at"])


def make_links() -> None:
    op.create_table(
        "message_files",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "message_id"],
            ["messages.org_id", "messages.id"],
            name=op.f("fk_message_files_org_id_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "file_id"],
            ["files.org_id", "files.id"],
            name=op.f("fk_message_files_org_id_file_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "message_id", "file_id", name=op.f("pk_message_files")),
    )
    op.create_index("ix_message_files_file", "message_files", ["org_id", "file_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
