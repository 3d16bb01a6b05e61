"""Seals what opens a source, for that source alone, and makes rows into sources that can be asked."""

import structlog

from coda.core.guarded_http import Reach
from coda.core.security import Seal, SecretUnreadable
from coda.tools.sources.models import ToolSource
from coda.tools.sources.types import Source

_log = structlog.get_logger(__name__)


def source_of(row: ToolSource, sealed: bytes | None, *, seal: Seal) -> Source:
    """A stored source; raises SecretUnreadable."""
    secret = None if sealed is None else seal.open(sealed, bound_to=str(row.id)).get_secret_value()
    return Source(
        id=row.id,
        org_id=row.org_id,
        kind=row.kind,
        slug=row.slug,
        name=row.name,
        owner_id=row.owner_id,
        config=row.config,
        reach=Reach.PRIVATE if row.allow_private else Reach.PUBLIC,
        secret=secret,
        protocol=row.protocol,
    )


def source_or_locked(row: ToolSource, sealed: bytes | None, *, seal: Seal) -> Source:
    """The same; where its secret cannot be read any more, the source without it."""
    try:
        return source_of(row, sealed, seal=seal)
    except SecretUnreadable:
        _log.warning("tool source secret unreadable", source_id=str(row.id))
        return source_of(row, None, seal=seal)
