"""Declarative base and the column types that every table shares."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import JSON, DateTime, ForeignKeyConstraint, MetaData, Table, Update, bindparam, func, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

from coda.core.ids import new_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

OrgId = Annotated[UUID, mapped_column(primary_key=True)]
TenantId = Annotated[UUID, mapped_column(primary_key=True, default=new_id)]
CreatedAt = Annotated[datetime, mapped_column(server_default=func.now())]


class Base(DeclarativeBase):
    """Base of all tables. Times are timestamptz, JSON is jsonb."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this attribute from the class
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(none_as_null=True),
        list[dict[str, Any]]: JSONB(none_as_null=True),
        JSON: JSONB(none_as_null=True),
    }


def table_of(model: type[Base]) -> Table:
    """A model's table, for plain bulk inserts: one statement whatever keys are None."""
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} has no table of its own")
    return table


def update_row(model: type[Base]) -> Update:
    """An UPDATE of one tenant row, to be built once: `of_org`, `of_id`, and the new values by column."""
    columns = table_of(model).c
    return update(table_of(model)).where(columns.org_id == bindparam("of_org"), columns.id == bindparam("of_id"))


def tenant_key(column: str, target: str, *, ondelete: str | None = "CASCADE") -> ForeignKeyConstraint:
    """A foreign key to a tenant table: always `(org_id, column)`, so it can never point into another tenant."""
    return ForeignKeyConstraint(["org_id", column], [f"{target}.org_id", f"{target}.id"], ondelete=ondelete)
