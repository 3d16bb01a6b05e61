"""A connection's proxy, sealed where it has a login, and what models were found to refuse."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"

CURRENT_ORG = "(select nullif(current_setting('app.org', true), '')::uuid)"


def upgrade() -> None:
    op.add_column("provider_keys", sa.Column("sealed_proxy", sa.LargeBinary(), nullable=True))
    op.create_table(
        "learnt_dialects",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("learnt", postgresql.JSONB(), nullable=False),
        sa.Column("learnt_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_learnt_dialects_org_id_organizations"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("org_id", "provider", "model", name=op.f("pk_learnt_dialects")),
    )
    op.execute("grant select, insert, update, delete on learnt_dialects to coda_app")
    op.execute("alter table learnt_dialects enable row level security")
    op.execute("alter table learnt_dialects force row level security")
    op.execute("create policy owner_rows on learnt_dialects to coda_owner using (true) with check (true)")
    op.execute(
        "create policy tenant_rows on learnt_dialects to coda_app"
        f" using (org_id = {CURRENT_ORG}) with check (org_id = {CURRENT_ORG})"
    )


def downgrade() -> None:
    op.drop_table("learnt_dialects")
    op.execute("delete from provider_keys where sealed_key is null and sealed_headers is null")
    op.drop_column("provider_keys", "sealed_proxy")
