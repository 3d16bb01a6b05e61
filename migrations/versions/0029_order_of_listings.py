"""Sources of tools: listings in order, tools that are gone forgotten, names that are never two sources'."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

INSTANCE_ORG = "'00000000-0000-8000-8000-000000000001'::uuid"
FOUND = "select (org_id, owner_id, slug) on tool_sources"
FORGOTTEN = "select (org_id, source), delete on tool_policies"


def upgrade() -> None:
    for column in ("listings_begun", "listing_kept"):
        op.add_column("tool_sources", sa.Column(column, sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("tool_source_tools", sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("update tool_source_tools set gone_at = now() where not is_listed")
    op.drop_column("tool_source_tools", "is_listed")
    op.execute("update tool_sources set left_out = '[]'")  # reasons were sentences; each list is read again in a day
    tell_apart()
    # The system role knows which names are taken, and removes what was decided about sources that are gone.
    op.execute(f"grant {FOUND} to coda_system")
    op.execute(f"grant {FORGOTTEN} to coda_system")
    op.execute("create policy system_rows on tool_policies to coda_system using (true) with check (true)")


def tell_apart() -> None:
    """Where a broader source has the slug of a narrower one, it gets another, and what was decided goes along."""
    op.execute(
        "create temporary table renamed on commit drop as"
        " select b.org_id, b.id, b.slug as before, b.slug || '-' || substr(b.id::text, 25) as slug"
        " from tool_sources b where exists (select from tool_sources n where n.slug = b.slug and ("
        f" b.org_id = {INSTANCE_ORG} and n.org_id <> b.org_id"
        " or n.org_id = b.org_id and b.owner_id is null and n.owner_id is not null))"
    )
    op.execute("update tool_sources s set slug = r.slug from renamed r where (s.org_id, s.id) = (r.org_id, r.id)")
    op.execute(
        "update tool_policies p set name = r.slug || substr(p.name, length(r.before) + 1) from renamed r"
        " where p.source = r.id::text and starts_with(p.name, r.before || '__')"
    )


def downgrade() -> None:
    op.execute("drop policy system_rows on tool_policies")
    op.execute(f"revoke {FORGOTTEN} from coda_system")
    op.execute("revoke select (owner_id, slug) on tool_sources from coda_system")
    op.add_column(
        "tool_source_tools", sa.Column("is_listed", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    op.execute("update tool_source_tools set is_listed = false where gone_at is not null")
    op.drop_column("tool_source_tools", "gone_at")
    for column in ("listings_begun", "listing_kept"):
        op.drop_column("tool_sources", column)
