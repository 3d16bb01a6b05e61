"""The database: declarative base, roles, transactions bound to a scope."""

from coda.core.db.base import Base, CreatedAt, OrgId, TenantId, table_of, tenant_key, update_row
from coda.core.db.database import Database, DatabaseUrls
from coda.core.db.errors import (
    ConditionFailed,
    DatabaseUnavailable,
    is_database_away,
    is_database_outage,
)

__all__ = [
    "Base",
    "ConditionFailed",
    "CreatedAt",
    "Database",
    "DatabaseUnavailable",
    "DatabaseUrls",
    "OrgId",
    "TenantId",
    "is_database_away",
    "is_database_outage",
    "table_of",
    "tenant_key",
    "update_row",
]
