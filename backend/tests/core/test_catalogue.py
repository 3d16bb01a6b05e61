"""The live catalogue: every table is either global by decision or a tenant's, and forced to be one."""

from typing import Any

import pytest
from sqlalchemy import text

import coda.tables
from coda.core.db import Base, Database

# Tables that hold no tenant's content. Adding one is a decision about tenancy, so the list is closed; what the app role
# sees of them is in test_global_tables.py.
GLOBAL_TABLES = frozenset(
    {
        "alembic_version",
        "users",
        "logins",
        "refresh_tokens",
        "one_time_tokens",
        "ws_tickets",
        "instance_facts",
        "organizations",
        "api_key_index",
        "run_queue",
        "workers",
        "jobs",
        "job_log",
        "job_statistics",
        "job_schedules",
    }
)
KEYED_BY_ORG_ALONE = frozenset({"organization_settings", "file_storage"})


async def rows(database: Database, query: str) -> list[Any]:
    async with database.transaction(None) as db:
        return list((await db.execute(text(query))).all())


@pytest.fixture(scope="module")
async def tenant_tables(database: Database) -> dict[str, Any]:
    tables = await rows(
        database,
        "select relname, relrowsecurity, relforcerowsecurity, relkind from pg_class"
        " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')",
    )
    return {table.relname: table for table in tables if table.relname not in GLOBAL_TABLES}


async def test_the_models_and_the_database_name_the_same_tables(tenant_tables: dict[str, Any]) -> None:
    assert set(coda.tables.metadata.tables) == set(tenant_tables) | (GLOBAL_TABLES - {"alembic_version"})


async def test_row_level_security_is_enabled_and_forced(tenant_tables: dict[str, Any]) -> None:
    open_tables = [
        name for name, table in tenant_tables.items() if not (table.relrowsecurity and table.relforcerowsecurity)
    ]
    assert open_tables == []


async def test_the_app_role_has_using_and_with_check_on_its_organization(
    database: Database, tenant_tables: dict[str, Any]
) -> None:
    policies = await rows(
        database,
        "select tablename, qual, with_check from pg_policies"
        " where schemaname = 'public' and cmd = 'ALL' and roles = '{coda_app}'",
    )
    guarded = {
        policy.tablename
        for policy in policies
        if "app.org" in (policy.qual or "") and policy.with_check == policy.qual and "org_id" in policy.qual
    }
    assert guarded - GLOBAL_TABLES == set(tenant_tables)


async def test_only_named_policies_let_the_app_role_see_more(database: Database) -> None:
    others = await rows(
        database,
        "select tablename, policyname, cmd from pg_policies where schemaname = 'public'"
        " and ('coda_app' = any(roles) or 'public' = any(roles)) and policyname <> 'tenant_rows'",
    )
    assert {(policy.tablename, policy.policyname, policy.cmd) for policy in others} == {
        ("memberships", "own_memberships", "SELECT"),
        ("provider_connections", "instance_rows", "SELECT"),
        ("connection_visibility", "instance_rows", "SELECT"),
        ("tool_sources", "instance_rows", "SELECT"),
        ("tool_source_tools", "instance_rows", "SELECT"),
        ("users", "known_rows", "SELECT"),
        ("users", "own_rows", "UPDATE"),
        ("users", "new_rows", "INSERT"),
        ("logins", "own_rows", "ALL"),
        ("refresh_tokens", "own_rows", "ALL"),
        ("one_time_tokens", "invitations", "ALL"),
        ("one_time_tokens", "own_resets", "ALL"),
        ("one_time_tokens", "set_up", "INSERT"),
        ("ws_tickets", "new_rows", "INSERT"),
        ("organizations", "known_rows", "SELECT"),
        ("organizations", "new_rows", "INSERT"),
    }


def test_keys_of_tenant_tables_lead_with_the_organization() -> None:
    for table in Base.metadata.sorted_tables:
        if table.name in GLOBAL_TABLES:
            continue
        key = [column.name for column in table.primary_key]
        assert key[0] == "org_id", table.name
        assert len(key) > 1 or table.name in KEYED_BY_ORG_ALONE, table.name


async def test_unique_indexes_of_tenant_tables_lead_with_the_organization(
    database: Database, tenant_tables: dict[str, Any]
) -> None:
    leading = await rows(
        database,
        "select c.relname, (select attname from pg_attribute a where a.attrelid = c.oid and a.attnum = i.indkey[0])"
        " as first from pg_index i join pg_class c on c.oid = i.indrelid"
        " where i.indisunique and c.relnamespace = 'public'::regnamespace",
    )
    assert [row.relname for row in leading if row.relname in tenant_tables and row.first != "org_id"] == []


def test_foreign_keys_between_tenant_tables_lead_with_the_organization() -> None:
    for table in Base.metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            if constraint.referred_table.name in GLOBAL_TABLES:
                continue
            columns = [column.name for column in constraint.columns]
            targets = [element.column.name for element in constraint.elements]
            assert (columns[0], targets[0]) == ("org_id", "org_id"), f"{table.name}: {columns}"


async def test_no_role_of_ours_stands_above_row_level_security(database: Database) -> None:
    roles = await rows(
        database,
        "select rolname, rolsuper, rolbypassrls from pg_roles where rolname like 'coda%'",
    )
    assert {"coda_owner", "coda_app", "coda_system"} <= {role.rolname for role in roles}
    assert [role.rolname for role in roles if role.rolsuper or role.rolbypassrls] == []


async def test_the_app_role_owns_nothing_and_cannot_truncate(database: Database) -> None:
    owned = await rows(
        database,
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')"
        " and (pg_get_userbyid(relowner) <> 'coda_owner'"
        " or relkind = 'm' or has_table_privilege('coda_app', oid, 'TRUNCATE'))",
    )
    assert owned == []
