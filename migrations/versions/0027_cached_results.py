"""Results that are kept, and which of what they were made of has changed since."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

CURRENT_ORG = "(select nullif(current_setting('app.org', true), '')::uuid)"


def upgrade() -> None:
    op.execute("create sequence cache_stamps as bigint")
    op.create_table(
        "cache_entries",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), sa.Computed("octet_length(value)", persisted=True), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_cache_entries_org_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("org_id", "namespace", "key", name=op.f("pk_cache_entries")),
    )
    op.create_index("ix_cache_entries_expires_at", "cache_entries", ["expires_at"])
    op.create_table(
        "cache_tags",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_cache_tags_org_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("org_id", "tag", name=op.f("pk_cache_tags")),
    )
    op.execute("grant usage on sequence cache_stamps to coda_app")
    for table in ("cache_entries", "cache_tags"):
        op.execute(f"grant select, insert, update, delete on {table} to coda_app")
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy owner_rows on {table} to coda_owner using (true) with check (true)")
        op.execute(
            f"create policy tenant_rows on {table} to coda_app"
            f" using (org_id = {CURRENT_ORG}) with check (org_id = {CURRENT_ORG})"
        )
    # The system role removes what is old; of content it reads nothing.
    op.execute(
        "grant select (org_id, namespace, key, size, expires_at, created_at), delete on cache_entries to coda_system"
    )
    op.execute("create policy system_rows on cache_entries to coda_system using (true) with check (true)")


def downgrade() -> None:
    op.drop_table("cache_tags")
    op.drop_table("cache_entries")
    op.execute("drop sequence cache_stamps")
