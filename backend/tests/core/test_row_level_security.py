"""Two organizations on one database, each blind to the other; nothing here is a superuser."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from coda.core.db import Database
from coda.core.scope import Person, Scope, System

EVERYTHING = (
    "memberships",
    "organization_settings",
    "api_keys",
    "chat_sessions",
    "reservations",
    "tool_policies",
    "tool_specs",
    "api_responses",
    "file_storage",
    "file_contents",
    "files",
    "file_uploads",
    "api_requests",
)


class Tenant:
    """A person, their organization, an API key, a chat, a held reservation, a queued run."""

    def __init__(self, name: str) -> None:
        self.org_id, self.user_id, self.key_id, self.session_id, self.run_id = (uuid4() for _ in range(5))
        self.email, self.secret = f"{name}-{self.user_id}@example.org", self.key_id.bytes
        self.scope = Scope(self.org_id, Person(self.user_id))

    async def move_in(self, database: Database) -> None:
        values = vars(self) | {"ticket": self.run_id.bytes}
        async with database.transaction(self.scope) as db:
            for statement in (
                "insert into users (id, email, name) values (:user_id, :email, 'A person')",
                "insert into organizations (id, name, kind) values (:org_id, 'An organization', 'shared')",
                "insert into memberships (org_id, user_id, role) values (:org_id, :user_id, 'admin')",
                "insert into organization_settings (org_id) values (:org_id)",
                "insert into api_keys (org_id, id, user_id, name, prefix, scopes)"
                " values (:org_id, :key_id, :user_id, 'k', 'p', '{read}')",
                "insert into api_key_index (hash, org_id, key_id) values (:secret, :org_id, :key_id)",
                "insert into chat_sessions (org_id, id, owner_id) values (:org_id, :session_id, :user_id)",
                "insert into tool_policies (org_id, id, level, session_id, source, name, enabled)"
                " values (:org_id, :run_id, 'session', :session_id, 'built-in', 'calculator', false)",
                "insert into tool_specs (org_id, sha256, spec) values (:org_id, :secret, 'a spec')",
                "insert into api_responses (org_id, id, user_id, input, body)"
                " values (:org_id, :run_id, :user_id, '[]', '{}')",
                "insert into file_storage (org_id, used_bytes) values (:org_id, 1)",
                "insert into file_contents (org_id, id, sha256, size, media_type)"
                " values (:org_id, :run_id, :secret, 1, 'text/plain')",
                "insert into files (org_id, id, user_id, name, content_id)"
                " values (:org_id, :run_id, :user_id, 'notes.txt', :run_id)",
                "insert into file_uploads (org_id, id, user_id, name, size, expires_at)"
                " values (:org_id, :run_id, :user_id, 'notes.txt', 1, now())",
                "insert into api_requests (org_id, id, user_id, body_hash, session_id, run_id)"
                " values (:org_id, :run_id, :user_id, :secret, :session_id, :run_id)",
                "insert into reservations (org_id, id, run_id, user_id, state, expires_at)"
                " values (:org_id, :run_id, :run_id, :user_id, 'held', now() - interval '1 minute')",
                "insert into run_queue (run_id, org_id, user_id, state) values (:run_id, :org_id, :user_id, 'queued')",
                "insert into ws_tickets (hash, user_id, org_id, expires_at)"
                " values (:ticket, :user_id, :org_id, now() + interval '30 seconds')",
            ):
                await db.execute(text(statement), values)


@pytest.fixture
async def tenants(database: Database) -> tuple[Tenant, Tenant]:
    ours, theirs = Tenant("ours"), Tenant("theirs")
    await ours.move_in(database)
    await theirs.move_in(database)
    return ours, theirs


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[AsyncConnection]:
    settings = {"role": "coda_owner"} if database.urls.set_role else {}
    engine = create_async_engine(database.urls.owner, connect_args={"server_settings": settings})
    async with engine.connect() as connection:
        yield connection
        await connection.rollback()
    await engine.dispose()


async def organizations_seen(database: Database, scope: Scope | None, table: str) -> set[UUID]:
    async with database.transaction(scope) as db:
        return set(await db.scalars(text(f"select distinct org_id from {table}")))  # noqa: S608 - our own table names


class TestTenants:
    @pytest.mark.parametrize("table", EVERYTHING)
    async def test_each_sees_only_itself(self, database: Database, tenants: tuple[Tenant, Tenant], table: str) -> None:
        for tenant in tenants:
            assert await organizations_seen(database, tenant.scope, table) == {tenant.org_id}

    @pytest.mark.parametrize("table", EVERYTHING)
    async def test_without_a_scope_nothing_is_seen(
        self, database: Database, tenants: tuple[Tenant, Tenant], table: str
    ) -> None:
        assert await organizations_seen(database, None, table) == set()

    async def test_a_scope_ends_with_its_transaction(self, database: Database, tenants: tuple[Tenant, Tenant]) -> None:
        for _ in range(database.app_engine.pool.size() + 1):  # type: ignore[attr-defined]  # a QueuePool has a size
            await organizations_seen(database, tenants[0].scope, "chat_sessions")
            assert await organizations_seen(database, None, "chat_sessions") == set()

    async def test_nothing_can_be_written_into_another(
        self, database: Database, tenants: tuple[Tenant, Tenant]
    ) -> None:
        ours, theirs = tenants
        with pytest.raises(DBAPIError, match="row-level security"):
            async with database.transaction(ours.scope) as db:
                await db.execute(
                    text("insert into chat_sessions (org_id, id, owner_id) values (:org, :id, :user)"),
                    {"org": theirs.org_id, "id": uuid4(), "user": ours.user_id},
                )
        with pytest.raises(DBAPIError, match="row-level security"):
            async with database.transaction(ours.scope) as db:
                await db.execute(
                    text("update chat_sessions set org_id = :org where id = :id"),
                    {"org": theirs.org_id, "id": ours.session_id},
                )

    async def test_anothers_rows_can_neither_be_changed_nor_removed(
        self, database: Database, tenants: tuple[Tenant, Tenant]
    ) -> None:
        ours, theirs = tenants
        for statement in (
            "update chat_sessions set title = 'x' where id = :id",
            "delete from chat_sessions where id = :id",
        ):
            async with database.transaction(ours.scope) as db:
                result = await db.execute(text(statement + " returning id"), {"id": theirs.session_id})
                assert result.first() is None

    async def test_the_same_id_may_exist_in_both(self, database: Database, tenants: tuple[Tenant, Tenant]) -> None:
        ours, theirs = tenants
        async with database.transaction(ours.scope) as db:
            await db.execute(
                text("insert into chat_sessions (org_id, id, owner_id) values (:org, :id, :user)"),
                {"org": ours.org_id, "id": theirs.session_id, "user": ours.user_id},
            )


class TestBeforeAnyScope:
    async def test_sign_in_finds_the_person(self, database: Database, tenants: tuple[Tenant, Tenant]) -> None:
        async with database.transaction(None) as db:
            found = await db.scalar(
                text("select user_id from credentials_of_email(upper(:email))"), {"email": tenants[0].email}
            )
        assert found == tenants[0].user_id

    async def test_an_api_key_leads_to_its_organization(
        self, database: Database, tenants: tuple[Tenant, Tenant]
    ) -> None:
        async with database.transaction(None) as db:
            row = (
                await db.execute(text("select org_id, key_id from find_api_key(:h)"), {"h": tenants[0].secret})
            ).one()
        async with database.transaction(Scope(row.org_id, System())) as db:
            owner = await db.scalar(text("select user_id from api_keys where id = :id"), {"id": row.key_id})
        assert owner == tenants[0].user_id

    async def test_a_person_sees_all_own_memberships_and_may_not_write_through_that(
        self, database: Database, tenants: tuple[Tenant, Tenant]
    ) -> None:
        ours, theirs = tenants
        async with database.transaction(theirs.scope) as db:
            await db.execute(
                text("insert into memberships (org_id, user_id, role) values (:org, :user, 'viewer')"),
                {"org": theirs.org_id, "user": ours.user_id},
            )
        async with database.transaction(ours.scope) as db:
            roles = {row.org_id: row.role for row in await db.execute(text("select org_id, role from memberships"))}
            raised = await db.execute(
                text("update memberships set role = 'admin' where org_id = :org returning role"), {"org": theirs.org_id}
            )
            assert raised.first() is None
        assert roles == {ours.org_id: "admin", theirs.org_id: "viewer"}

    async def test_the_queue_is_claimed_across_organizations(
        self, database: Database, tenants: tuple[Tenant, Tenant]
    ) -> None:
        claim = text(
            "update run_queue set state = 'running', lease_until = now() + :lease where run_id in"
            " (select run_id from run_queue where run_id = any(:ids) for update skip locked) returning org_id"
        )
        ids = [tenant.run_id for tenant in tenants]
        async with database.transaction(None) as db:
            claimed = set(await db.scalars(claim, {"lease": timedelta(seconds=15), "ids": ids}))
        assert claimed == {tenant.org_id for tenant in tenants}

    async def test_a_ticket_opens_once(self, database: Database, tenants: tuple[Tenant, Tenant]) -> None:
        take = text("select org_id from take_ws_ticket(:hash)")
        for expected in (tenants[0].org_id, None):
            async with database.transaction(None) as db:
                assert await db.scalar(take, {"hash": tenants[0].run_id.bytes}) == expected


class TestCleanUp:
    async def test_the_system_role_releases_what_all_organizations_left(
        self, database: Database, tenants: tuple[Tenant, Tenant]
    ) -> None:
        release = text(
            "update reservations set state = 'released', closed_at = now()"
            " where state = 'held' and expires_at < now() and org_id = any(:ids) returning org_id"
        )
        async with database.system() as connection:
            released = set(await connection.scalars(release, {"ids": [tenant.org_id for tenant in tenants]}))
        assert released == {tenant.org_id for tenant in tenants}

    @pytest.mark.parametrize(
        "statement",
        [
            "select title from chat_sessions",
            "select content from messages",
            "select content from prompt_texts",
            "select input from api_responses",
            "select body from api_responses",
            "select spec from tool_specs",
            "select user_id from api_keys",
            "update reservations set amount_usd = 0",
            "select email from users",
        ],
    )
    async def test_the_system_role_reads_no_content(self, database: Database, statement: str) -> None:
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.system() as connection:
                await connection.execute(text(statement))


class TestBackfill:
    async def test_the_owner_changes_the_rows_of_all_organizations(
        self, owner: AsyncConnection, tenants: tuple[Tenant, Tenant]
    ) -> None:
        ids = [tenant.session_id for tenant in tenants]
        changed = await owner.execute(
            text("update chat_sessions set title = 'filled in' where id = any(:ids) returning org_id"), {"ids": ids}
        )
        assert set(changed.scalars()) == {tenant.org_id for tenant in tenants}


class TestLedger:
    @pytest.mark.parametrize("statement", ["update ledger_entries set cost_usd = 0", "delete from ledger_entries"])
    async def test_is_append_only(self, database: Database, tenants: tuple[Tenant, Tenant], statement: str) -> None:
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.transaction(tenants[0].scope) as db:
                await db.execute(text(statement))
