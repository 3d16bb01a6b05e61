"""Results in Postgres: what an installation has that keeps them over a restart without anything else."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Interval, Text, and_, any_, bindparam, cast, extract, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.cache.models import STAMPS, CacheEntry, CacheTag
from coda.core.cache.store import Address, CacheUnavailable, Found
from coda.core.db.database import Database
from coda.core.db.errors import DatabaseUnavailable
from coda.core.scope import Scope, System

_STATE: Final = (
    select(func.coalesce(cast(func.sum(CacheTag.stamp), BigInteger), 0).label("stamp"))
    .where(CacheTag.org_id == bindparam("org_id"), CacheTag.tag == any_(bindparam("tags", type_=ARRAY(Text))))
    .subquery()
)
_IS_THERE: Final = and_(
    CacheEntry.org_id == bindparam("org_id"),
    CacheEntry.namespace == bindparam("namespace"),
    CacheEntry.key == bindparam("key"),
    CacheEntry.stamp == _STATE.c.stamp,
    CacheEntry.expires_at > func.now(),
)
_SECONDS: Final = extract("epoch", CacheEntry.expires_at - func.now()).label("seconds")
_READ: Final = select(_STATE.c.stamp, CacheEntry.value, _SECONDS).select_from(_STATE).outerjoin(CacheEntry, _IS_THERE)
_NEW: Final = insert(CacheEntry).values(
    org_id=bindparam("org_id"),
    namespace=bindparam("namespace"),
    key=bindparam("key"),
    value=bindparam("value"),
    stamp=bindparam("stamp"),
    expires_at=func.now() + bindparam("keep_for", type_=Interval()),
)
_WRITE: Final = _NEW.on_conflict_do_update(
    index_elements=[CacheEntry.org_id, CacheEntry.namespace, CacheEntry.key],
    set_={name: _NEW.excluded[name] for name in ("value", "stamp", "expires_at", "created_at")},
)


class PostgresCache:
    """A row per result, which a job of the instance removes once it is old, and one per tag that ever changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, address: Address) -> Found:
        """What is kept there; raises CacheUnavailable."""
        try:
            async with self._database.transaction(_scope(address)) as db:
                values = {"org_id": address.org_id, "tags": list(address.tags), **_place(address)}
                row = (await db.execute(_READ, values)).one()
        except (SQLAlchemyError, DatabaseUnavailable, OSError) as error:
            raise CacheUnavailable from error
        return Found(row.value, str(row.stamp), float(row.seconds or 0))

    async def write(self, address: Address, value: bytes, *, stamp: str) -> None:
        """Keep it; raises CacheUnavailable."""
        values = {
            "org_id": address.org_id,
            "value": value,
            "stamp": int(stamp),
            "keep_for": address.namespace.keep_for,
            **_place(address),
        }
        try:
            async with self._database.transaction(_scope(address)) as db:
                await db.execute(_WRITE, values)
        except (SQLAlchemyError, DatabaseUnavailable, OSError) as error:
            raise CacheUnavailable from error

    async def invalidate(self, org_id: UUID, tags: Iterable[str], *, db: AsyncSession) -> None:
        """Give the tags a new stamp, in the transaction of the change itself."""
        rows = [{"org_id": org_id, "tag": tag, "stamp": STAMPS.next_value()} for tag in sorted(set(tags))]
        new = insert(CacheTag).values(rows)
        changed = {"stamp": STAMPS.next_value(), "changed_at": new.excluded.changed_at}
        await db.execute(new.on_conflict_do_update(index_elements=[CacheTag.org_id, CacheTag.tag], set_=changed))

    async def settle(self, org_id: UUID, tags: Iterable[str], *, change: str) -> None:
        """The stamps were part of the transaction."""

    async def close(self) -> None:
        """The database is closed by who opened it."""


def _scope(address: Address) -> Scope:
    return Scope(address.org_id, System())


def _place(address: Address) -> dict[str, object]:
    return {"namespace": str(address.namespace), "key": address.key}
