"""What the app role sees of global tables: its person's and its organization's rows, and no secrets of anybody."""

from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from coda.core.db import Database, DatabaseUrls
from coda.core.db.migrations import migrate
from coda.core.scope import Person, Scope, System
from tests.core.db.migrating import go_to
from tests.core.test_catalogue import GLOBAL_TABLES
from tests.postgres_server import as_owner

_WORK: Final = "ids, states and times of work; whoever claims it looks through all of it"
# What the app role may do to whole global tables, and why. Adding one is a decision: a fault in one query then reaches
# everybody's rows.
OPEN: Final[dict[str, tuple[set[str], str]]] = {
    "run_queue": ({"SELECT", "UPDATE", "DELETE"}, _WORK),
    "workers": ({"SELECT", "UPDATE", "DELETE"}, _WORK),
    "jobs": ({"SELECT", "UPDATE", "DELETE"}, _WORK),
    "job_log": ({"SELECT", "UPDATE", "DELETE"}, _WORK),
    "job_statistics": ({"SELECT", "UPDATE", "DELETE"}, _WORK),
    "job_schedules": ({"SELECT", "UPDATE", "DELETE"}, _WORK),
    "instance_facts": ({"SELECT"}, "two ids, which every start of a process asks for"),
}
# What runs with the rights of the owner, by the role that may call it. Each answers one question.
AS_OWNER: Final = {
    "credentials_of_email": "coda_app",
    "is_email_taken": "coda_app",
    "own_password_hash": "coda_app",
    "login_of_refresh_token": "coda_app",
    "one_time_token": "coda_app",
    "spend_one_time_token": "coda_app",
    "take_ws_ticket": "coda_app",
    "find_api_key": "coda_app",
    "organization_name": "coda_app",
    "existing_organizations": "coda_app",
    "set_member_suspended": "coda_app",
    "end_member_logins": "coda_app",
    "remove_expired_passes": "coda_system",
}
_REACH: Final = """
    select c.relname, right_.name
      from pg_class c cross join (values ('SELECT', 'r'), ('UPDATE', 'w'), ('DELETE', 'd')) as right_(name, letter)
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
       and (has_table_privilege('coda_app', c.oid, right_.name)
            or right_.name <> 'DELETE' and has_any_column_privilege('coda_app', c.oid, right_.name))
       and (not c.relrowsecurity or not c.relforcerowsecurity
            or exists (select from pg_policy p
                        where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('*', right_.letter::"char")
                          and ('coda_app'::regrole = any(p.polroles) or 0 = any(p.polroles))
                          and pg_get_expr(p.polqual, p.polrelid) !~ 'app\\.(org|user)'))
"""


class Someone:
    """A person in an organization of their own, with one row in every table that a sign-in fills."""

    def __init__(self) -> None:
        self.user_id, self.org_id, self.login_id, self.key_id = (uuid4() for _ in range(4))
        self.email = f"{self.user_id}@example.org"
        self.token, self.reset, self.invite, self.ticket, self.key = (uuid4().bytes for _ in range(5))
        self.scope = Scope(self.org_id, Person(self.user_id))

    async def move_in(self, urls: DatabaseUrls) -> None:
        async with as_owner(urls) as owner:
            for statement in (
                "insert into users (id, email, name, password_hash) values (:user_id, :email, 'A person', 'a hash')",
                "insert into organizations (id, name, kind) values (:org_id, 'An organization', 'shared')",
                "insert into memberships (org_id, user_id, role) values (:org_id, :user_id, 'admin')",
                "insert into logins (id, user_id, org_id) values (:login_id, :user_id, :org_id)",
                "insert into refresh_tokens (hash, login_id, expires_at) values (:token, :login_id, now() + '1 day')",
                "insert into one_time_tokens (hash, id, purpose, user_id, expires_at)"
                " values (:reset, gen_random_uuid(), 'reset', :user_id, now() + '1 day')",
                "insert into one_time_tokens (hash, id, purpose, org_id, email, expires_at)"
                " values (:invite, gen_random_uuid(), 'invite', :org_id, 'guest@example.org', now() + '1 day')",
                "insert into ws_tickets (hash, user_id, org_id, expires_at)"
                " values (:ticket, :user_id, :org_id, now() + '30 s')",
                "insert into api_key_index (hash, org_id, key_id) values (:key, :org_id, :key_id)",
            ):
                await owner.execute(text(statement), vars(self))


@pytest.fixture
async def people(database: Database) -> tuple[Someone, Someone]:
    ours, theirs = Someone(), Someone()
    await ours.move_in(database.urls)
    await theirs.move_in(database.urls)
    return ours, theirs


async def answer(database: Database, scope: Scope | None, statement: str, **values: object) -> list[Any]:
    async with database.transaction(scope) as db:
        return list(await db.scalars(text(statement), values))


class TestTheCatalogue:
    async def test_only_listed_tables_are_open_to_the_app_role(self, database: Database) -> None:
        reach: dict[str, set[str]] = {}
        async with database.transaction(None) as db:
            for row in await db.execute(text(_REACH)):
                if row.relname in GLOBAL_TABLES:
                    reach.setdefault(row.relname, set()).add(row.name)

        assert reach == {table: rights for table, (rights, _) in OPEN.items()}

    async def test_what_runs_as_the_owner_is_listed_fixed_and_for_one_role(self, database: Database) -> None:
        query = text(
            "select p.proname, p.proconfig, array(select r.rolname::text from pg_roles r"
            " where has_function_privilege(r.oid, p.oid, 'EXECUTE') and r.rolname like 'coda%'"
            " and r.oid <> p.proowner order by 1) as callers"
            " from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef"
        )
        async with database.transaction(None) as db:
            found = {row.proname: row for row in await db.execute(query)}

        assert {name: row.callers for name, row in found.items()} == {name: [role] for name, role in AS_OWNER.items()}
        assert {tuple(row.proconfig) for row in found.values()} == {("search_path=public, pg_temp",)}


class TestNobodyIsListed:
    @pytest.mark.parametrize("table", sorted({"users", "logins", "refresh_tokens", "one_time_tokens", "organizations"}))
    async def test_without_a_scope(self, database: Database, people: tuple[Someone, Someone], table: str) -> None:
        assert people
        assert await answer(database, None, f"select 1 from {table}") == []  # noqa: S608 - our own table names

    @pytest.mark.parametrize(
        ("table", "column", "own"),
        [
            ("users", "id", "user_id"),
            ("logins", "id", "login_id"),
            ("refresh_tokens", "login_id", "login_id"),
            ("organizations", "id", "org_id"),
            ("api_key_index", "key_id", "key_id"),
            ("one_time_tokens", "hash", "reset invite"),
        ],
    )
    async def test_but_oneself(
        self, database: Database, people: tuple[Someone, Someone], table: str, column: str, own: str
    ) -> None:
        for someone in people:
            found = await answer(database, someone.scope, f"select {column} from {table}")  # noqa: S608 - our own words
            assert set(found) == {getattr(someone, name) for name in own.split()}

    @pytest.mark.parametrize(
        "statement",
        [
            "select password_hash from users",
            "select count(*) from users where password_hash like 'a%'",
            "select * from users",
            "update users set is_operator = true",
            "update users set suspended_at = null",
            "update users set email = 'mine@example.org'",
            "delete from users",
            "select hash from ws_tickets",
            "delete from ws_tickets",
            "select hash from api_key_index",
            "update api_key_index set org_id = org_id",
            "update one_time_tokens set used_at = null",
            "delete from logins",
            "update organizations set name = 'x'",
            "delete from organizations",
            "update instance_facts set value = 'x'",
            "delete from instance_facts",
            "select remove_expired_passes(1)",
        ],
    )
    async def test_some_things_are_for_no_query(
        self, database: Database, people: tuple[Someone, Someone], statement: str
    ) -> None:
        with pytest.raises(DBAPIError, match="permission denied"):
            await answer(database, people[0].scope, statement)

    async def test_a_member_is_seen_by_the_organization_and_by_no_other(
        self, database: Database, people: tuple[Someone, Someone]
    ) -> None:
        ours, theirs = people
        async with as_owner(database.urls) as owner:
            await owner.execute(
                text("insert into memberships (org_id, user_id, role) values (:org, :user, 'member')"),
                {"org": ours.org_id, "user": theirs.user_id},
            )

        read = "select id from users"
        assert set(await answer(database, Scope(ours.org_id, System()), read)) == {ours.user_id, theirs.user_id}
        assert await answer(database, Scope(theirs.org_id, System()), read) == [theirs.user_id]
        change = "update users set name = 'x' where id = :id returning id"
        assert await answer(database, ours.scope, change, id=theirs.user_id) == []


class TestQuestions:
    async def test_who_is_no_member_is_neither_suspended_nor_signed_out(
        self, database: Database, people: tuple[Someone, Someone]
    ) -> None:
        ours, theirs = people
        for someone in people:
            await answer(database, ours.scope, "select set_member_suspended(:id, true)", id=someone.user_id)
            await answer(database, ours.scope, "select end_member_logins(:id, 'x', true)", id=someone.user_id)

        async with as_owner(database.urls) as owner:
            shut = await owner.scalars(text("select id from users where suspended_at is not null"))
            ended = await owner.scalars(text("select id from logins where ended_at is not null"))
            assert theirs.user_id not in set(shut)
            assert theirs.login_id not in set(ended)

    async def test_a_refresh_token_lets_a_transaction_act_for_its_person(
        self, database: Database, people: tuple[Someone, Someone]
    ) -> None:
        ours, _ = people
        async with database.transaction(None) as db:
            found = await db.scalar(text("select login_of_refresh_token(:hash)"), {"hash": ours.token})
            assert found == ours.login_id
            assert list(await db.scalars(text("select id from logins"))) == [ours.login_id]
        assert await answer(database, None, "select id from logins") == []
        assert await answer(database, None, "select login_of_refresh_token(:hash)", hash=b"nobody's") == [None]

    async def test_a_password_is_told_to_its_owner_alone(
        self, database: Database, people: tuple[Someone, Someone]
    ) -> None:
        assert await answer(database, people[0].scope, "select own_password_hash()") == ["a hash"]
        assert await answer(database, Scope(people[0].org_id, System()), "select own_password_hash()") == [None]

    async def test_an_operator_is_made_by_being_the_first_alone(self, fresh_database: Database) -> None:
        add = "insert into users (id, email, name, is_operator) values (:id, :email, 'x', true)"
        first, second = uuid4(), uuid4()
        await answer(
            fresh_database, None, "insert into instance_facts (key, value) values ('first_admin', :id) returning key",
            id=str(first),
        )  # fmt: skip

        async def make(user_id: UUID) -> None:
            async with fresh_database.transaction(Scope(uuid4(), Person(user_id))) as db:
                await db.execute(text(add), {"id": user_id, "email": f"{user_id}@example.org"})

        await make(first)
        with pytest.raises(DBAPIError, match="row-level security"):
            await make(second)


async def test_what_was_there_before_is_narrowed_and_kept(empty: DatabaseUrls) -> None:
    someone = Someone()
    await go_to(empty, "0018")
    await someone.move_in(empty)

    await migrate(empty)
    database = Database(empty, pool_size=2)
    assert await answer(database, None, "select id from users") == []
    assert await answer(database, someone.scope, "select id from users") == [someone.user_id]
    found = await answer(
        database, None, "select password_hash from credentials_of_email(:email)", email=someone.email.upper()
    )
    assert found == ["a hash"]
    assert await answer(database, None, "select user_id from take_ws_ticket(:hash)", hash=someone.ticket) == [
        someone.user_id
    ]
    await database.close()

    await go_to(empty, "0018", back=True)
    database = Database(empty, pool_size=2)
    assert await answer(database, None, "select password_hash from users") == ["a hash"]
    await database.close()
