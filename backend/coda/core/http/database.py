"""One request is one transaction: committed before the response starts."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import Database


async def open_db(request: Request) -> AsyncIterator[AsyncSession]:
    """The request's transaction, with no scope yet: `access.dependencies` binds it to the caller."""
    database: Database = request.app.state.database
    async with database.transaction(None) as db:
        yield db


Db = Annotated[AsyncSession, Depends(open_db, scope="function")]
