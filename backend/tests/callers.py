"""People, organizations and keys for tests, made by the services that make them in life."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.access.key_scopes import KeyScope
from coda.access.principal import Principal
from coda.access.roles import Role
from coda.auth.wiring import build_unit_of_work
from coda.core.db import Base, Database
from coda.core.ids import new_id
from coda.core.scope import Scope
from coda.core.security import AccessClaims
from coda.identity.types import Visitor
from coda.identity.wiring import Identity, build_api_keys
from coda.organizations.repository import OrganizationRepository
from coda.organizations.types import OrganizationKind
from tests.postgres_server import as_owner

PASSWORD: Final = "correct horse battery staple"
QUICK_ARGON2: Final = Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1)
"""Weak on purpose: where it is not argon2 that is tested, 100 ms a person add up."""
_HASH: Final = PasswordHash((QUICK_ARGON2,)).hash(PASSWORD)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody signed in, or a key of theirs."""

    principal: Principal
    email: str
    bearer: str
    refresh_token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.headers["Authorization"] = f"Bearer {self.bearer}"


class Town:
    """Makes organizations and callers in one database."""

    def __init__(self, database: Database, identity: Identity) -> None:
        self._database = database
        self._identity = identity

    async def found(self, kind: OrganizationKind = OrganizationKind.SHARED) -> UUID:
        """A new organization without members."""
        org_id = new_id()
        async with self._database.transaction(None) as db:
            await OrganizationRepository(db).insert(org_id=org_id, name=f"Org {org_id.hex[-6:]}", kind=kind)
        return org_id

    async def settle(self, org_id: UUID, role: Role = Role.MEMBER, *, is_operator: bool = False) -> Caller:
        """A new person in an organization, signed in there."""
        email = f"{role}-{uuid4().hex[:12]}@example.org"
        async with self._database.transaction(None) as db:
            unit = build_unit_of_work(db, self._identity)
            user = await unit.sign_up.add_person(
                email=email, name=f"{role} {email[-20:-12]}", password_hash=_HASH, role=role, org_id=org_id
            )
        if is_operator:
            await self.execute("update users set is_operator = true where id = :id", id=user.id)
        return await self.sign_in(Principal(user.id, org_id, role, is_operator), email)

    async def sign_in(self, person: Principal, email: str) -> Caller:
        """Another login of somebody."""
        async with self._database.transaction(person.scope) as db:
            logins = self._identity.logins(db)
            grant = await logins.start(
                user_id=person.user_id, org_id=person.org_id, visitor=Visitor("192.0.2.7", "a test")
            )
        bearer = self._identity.tokens.issue(AccessClaims(person.user_id, person.org_id, grant.login_id))
        principal = Principal(person.user_id, person.org_id, person.role, person.is_operator, login_id=grant.login_id)
        return Caller(principal, email, bearer, grant.refresh_token)

    def sign_for(self, person: Caller, org_id: UUID) -> Caller:
        """Somebody with a token of ours that names another organization than theirs."""
        was = person.principal
        assert was.login_id is not None
        bearer = self._identity.tokens.issue(AccessClaims(was.user_id, org_id, was.login_id))
        return Caller(replace(was, org_id=org_id), person.email, bearer)

    async def key(
        self, owner: Caller, *, scopes: Collection[KeyScope] = tuple(KeyScope), expires_at: datetime | None = None
    ) -> Caller:
        """An API key of somebody, with all scopes where none are named."""
        async with self._database.transaction(owner.principal.scope) as db:
            keys = build_api_keys(db, owner.principal.org_id)
            key, secret = await keys.create(
                owner.principal.user_id, name="a key", scopes=list(scopes), expires_at=expires_at
            )
        principal = replace(owner.principal, login_id=None, api_key_id=key.id, key_scopes=frozenset(scopes))
        return Caller(principal, owner.email, secret)

    @asynccontextmanager
    async def transaction(self, scope: Scope | None) -> AsyncIterator[AsyncSession]:
        """A transaction of the test's own."""
        async with self._database.transaction(scope) as db:
            yield db

    async def add(self, scope: Scope, *rows: Base) -> None:
        """Store rows as they are."""
        async with self._database.transaction(scope) as db:
            db.add_all(rows)

    async def execute(self, statement: str, scope: Scope | None = None, **values: object) -> None:
        """Turn the clock, or break something, behind the services' back; without a scope as the owner of all rows."""
        if scope is None:
            async with as_owner(self._database.urls) as owner:
                await owner.execute(text(statement), values)
            return
        async with self._database.transaction(scope) as db:
            await db.execute(text(statement), values)
