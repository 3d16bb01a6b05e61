"""Rows of the whole instance: its organization, the operator's connections, keys in a table apart."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

CURRENT_ORG = "(select nullif(current_setting('app.org', true), '')::uuid)"
INSTANCE_ORG = "'00000000-0000-8000-8000-000000000001'::uuid"


def upgrade() -> None:
    make_instance_organization()
    make_keys()
    make_visibility()


def make_instance_organization() -> None:
    op.drop_constraint(op.f("ck_organizations_kind"), "organizations", type_="check")
    op.create_check_constraint(
        op.f("ck_organizations_kind"), "organizations", "kind in ('shared', 'personal', 'instance')"
    )
    op.create_check_constraint(
        op.f("ck_organizations_instance"), "organizations", f"(kind = 'instance') = (id = {INSTANCE_ORG})"
    )
    op.create_check_constraint(op.f("ck_memberships_instance"), "memberships", f"org_id <> {INSTANCE_ORG}")
    op.execute(f"insert into organizations (id, name, kind) values ({INSTANCE_ORG}, 'Instance', 'instance')")


def make_keys() -> None:
    op.create_table(
        "provider_keys",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id", "connection_id"],
            ["provider_connections.org_id", "provider_connections.id"],
            name=op.f("fk_provider_keys_org_id_connection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "connection_id", name=op.f("pk_provider_keys")),
    )
    secure("provider_keys")
    op.execute(
        "insert into provider_keys (org_id, connection_id, sealed_key, hint)"
        " select org_id, id, sealed_key, key_hint from provider_connections where sealed_key is not null"
    )
    op.drop_column("provider_connections", "sealed_key")
    op.drop_column("provider_connections", "key_hint")


def make_visibility() -> None:
    op.add_column(
        "provider_connections",
        sa.Column("is_restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_provider_connections_restricted"),
        "provider_connections",
        f"not is_restricted or org_id = {INSTANCE_ORG}",
    )
    op.create_table(
        "connection_visibility",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("visible_to", sa.Uuid(), nullable=False),
        sa.CheckConstraint(f"org_id = {INSTANCE_ORG}", name=op.f("ck_connection_visibility_instance")),
        sa.ForeignKeyConstraint(
            ["org_id", "connection_id"],
            ["provider_connections.org_id", "provider_connections.id"],
            name=op.f("fk_connection_visibility_org_id_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["visible_to"],
            ["organizations.id"],
            name=op.f("fk_connection_visibility_visible_to"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("org_id", "connection_id", "visible_to", name=op.f("pk_connection_visibility")),
    )
    op.create_index("ix_connection_visibility_visible_to", "connection_visibility", ["visible_to"])
    secure("connection_visibility")
    # An organization learns that it is named, and not who else is.
    op.execute(
        "create policy instance_rows on connection_visibility for select to coda_app"
        f" using (visible_to = {CURRENT_ORG})"
    )
    op.execute(
        "create policy instance_rows on provider_connections for select to coda_app"
        f" using (org_id = {INSTANCE_ORG} and {CURRENT_ORG} is not null and (not is_restricted or exists"
        " (select from connection_visibility v where v.org_id = provider_connections.org_id"
        f" and v.connection_id = provider_connections.id and v.visible_to = {CURRENT_ORG})))"
    )


def secure(table: str) -> None:
    op.execute(f"grant select, insert, update, delete on {table} to coda_app")
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy owner_rows on {table} to coda_owner using (true) with check (true)")
    op.execute(
        f"create policy tenant_rows on {table} to coda_app"
        f" using (org_id = {CURRENT_ORG}) with check (org_id = {CURRENT_ORG})"
    )


def downgrade() -> None:
    op.execute(f"delete from provider_connections where org_id = {INSTANCE_ORG}")
    op.execute("drop policy instance_rows on provider_connections")
    op.drop_table("connection_visibility")
    op.drop_column("provider_connections", "is_restricted")
    op.add_column("provider_connections", sa.Column("sealed_key", sa.LargeBinary(), nullable=True))
    op.add_column("provider_connections", sa.Column("key_hint", sa.String(), nullable=True))
    op.execute(
        "update provider_connections c set sealed_key = k.sealed_key, key_hint = k.hint"
        " from provider_keys k where (k.org_id, k.connection_id) = (c.org_id, c.id)"
    )
    op.drop_table("provider_keys")
    op.execute(f"delete from organizations where id = {INSTANCE_ORG}")
    op.drop_constraint(op.f("ck_memberships_instance"), "memberships", type_="check")
    op.drop_constraint(op.f("ck_organizations_instance"), "organizations", type_="check")
    op.drop_constraint(op.f("ck_organizations_kind"), "organizations", type_="check")
    op.create_check_constraint(op.f("ck_organizations_kind"), "organizations", "kind in ('shared', 'personal')")
