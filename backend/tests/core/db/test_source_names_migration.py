"""The revision that tells names of tool sources apart, on a database in which several had one."""

from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import text

from coda.core.db import DatabaseUrls
from coda.core.scope import INSTANCE_ORG
from tests.core.db.migrating import go_to
from tests.postgres_server import as_owner

BEFORE, AFTER = "0028", "0029"
SOURCE: Final = text(
    "insert into tool_sources (org_id, id, owner_id, kind, slug, name, config, allow_private, created_by, left_out)"
    " values (:org, :id, :owner, 'mcp', :slug, 'Box', '{}', false, :org, '[{\"name\": \"x\", \"reason\": \"a word\"}]')"
)
TOOL: Final = text(
    "insert into tool_source_tools (org_id, source_id, name, listed, is_listed) values (:org, :id, :name, '{}', :there)"
)
POLICY: Final = text(
    "insert into tool_policies (org_id, id, level, source, name, enabled)"
    " values (:org, :id, 'organization', :source, :name, false)"
)


async def test_the_narrowest_keeps_its_name_and_what_was_decided_goes_along(empty: DatabaseUrls) -> None:
    org, person, mine, ours, everybodys, other = (uuid4() for _ in range(6))
    await go_to(empty, BEFORE)
    async with as_owner(empty) as connection:
        of_org = {"org": org, "user": person}
        await connection.execute(
            text("insert into organizations (id, name, kind) values (:org, 'x', 'shared')"), of_org
        )
        await connection.execute(
            text("insert into users (id, email, name) values (:user, 'x@example.org', 'x')"), of_org
        )
        await connection.execute(
            text("insert into memberships (org_id, user_id, role) values (:org, :user, 'member')"), of_org
        )
        for source, owner in ((mine, person), (ours, None)):
            await connection.execute(SOURCE, {"org": org, "id": source, "owner": owner, "slug": "box"})
        for source, slug in ((everybodys, "box"), (other, "other")):
            await connection.execute(SOURCE, {"org": INSTANCE_ORG, "id": source, "owner": None, "slug": slug})
        for source in (mine, ours, everybodys):
            policy = {"org": org, "id": uuid4(), "source": str(source), "name": "box__go"}
            await connection.execute(POLICY, policy)
        for name, is_there in (("go", True), ("gone", False)):
            await connection.execute(TOOL, {"org": org, "id": mine, "name": name, "there": is_there})

    await go_to(empty, AFTER)
    async with as_owner(empty) as connection:
        rows = await connection.execute(text("select id, slug, left_out from tool_sources"))
        slugs: dict[UUID, str] = {}
        for row in rows:
            slugs[row.id] = row.slug
            assert row.left_out == []
        policies = await connection.execute(text("select source, name from tool_policies"))
        names = {UUID(row.source): row.name for row in policies}
        gone = list(await connection.scalars(text("select name from tool_source_tools where gone_at is not null")))

    assert (slugs[mine], slugs[other], gone) == ("box", "other", ["gone"])
    assert len(set(slugs.values())) == len(slugs)
    assert names == {source: f"{slugs[source]}__go" for source in (mine, ours, everybodys)}

    await go_to(empty, BEFORE, back=True)
    async with as_owner(empty) as connection:
        query = text("select name from tool_source_tools where not is_listed")
        assert list(await connection.scalars(query)) == ["gone"]
