"""The rows of the whole instance: each organization may read those that are open to it, only operators change them."""

from dataclasses import replace
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from coda.access.checks import check
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.core.db.database import bind_scope
from coda.core.scope import INSTANCE_ORG, Scope

InstanceRight = Literal[Permission.INSTANCE_READ, Permission.INSTANCE_OPERATE]


def instance_scope(principal: Principal) -> Scope:
    """The caller, among the rows of the instance."""
    return replace(principal.scope, org_id=INSTANCE_ORG)


async def enter_instance(db: AsyncSession, principal: Principal, right: InstanceRight) -> None:
    """Bind the transaction to the instance: from here on it works on the instance's rows, and on no organization's.

    `right`: INSTANCE_READ where nothing is to be changed, else INSTANCE_OPERATE. Raises what `check` raises.
    """
    check(principal, right)
    await bind_scope(db, instance_scope(principal))
