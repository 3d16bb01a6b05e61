"""Kept results, and the tags that changed."""

from datetime import datetime

from sqlalchemy import BigInteger, Computed, ForeignKey, Index, Sequence, Text
from sqlalchemy.orm import Mapped, mapped_column

from coda.core.db import Base
from coda.core.db.base import CreatedAt, OrgId

STAMPS = Sequence("cache_stamps", data_type=BigInteger, metadata=Base.metadata)
"""Orders the changes of tags."""


class CacheEntry(Base):
    """A result. It counts as long as its stamp is the sum of those of its tags, which every change makes larger."""

    __tablename__ = "cache_entries"
    __table_args__ = (Index("ix_cache_entries_expires_at", "expires_at"),)

    org_id: Mapped[OrgId] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    namespace: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[bytes] = mapped_column(primary_key=True)
    value: Mapped[bytes]
    size: Mapped[int] = mapped_column(Computed("octet_length(value)", persisted=True))
    stamp: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[datetime]
    created_at: Mapped[CreatedAt]


class CacheTag(Base):
    """When something last changed that results are made of."""

    __tablename__ = "cache_tags"

    org_id: Mapped[OrgId] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    tag: Mapped[str] = mapped_column(Text, primary_key=True)
    stamp: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[CreatedAt]
