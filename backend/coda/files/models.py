"""Files, the bytes that they share, uploads under way, and how much room an organization has taken."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from coda.core.db import Base, CreatedAt, OrgId, TenantId, tenant_key


def _of_person(name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["org_id", "user_id"], ["memberships.org_id", "memberships.user_id"], name=name, ondelete="CASCADE"
    )


class FileStorage(Base):
    """The bytes that an organization's contents have, those of uploads under way included."""

    __tablename__ = "file_storage"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    used_bytes: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (CheckConstraint("used_bytes >= 0", name="used_bytes"),)


class FileContent(Base):
    """Bytes in the store, once for each organization. A picture has its size and the type of its copy."""

    __tablename__ = "file_contents"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[TenantId]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str]
    width: Mapped[int | None]
    height: Mapped[int | None]
    view_type: Mapped[str | None]
    created_at: Mapped[CreatedAt]

    __table_args__ = (
        CheckConstraint("(width is null) = (height is null) and (width is null) = (view_type is null)", name="picture"),
        UniqueConstraint("org_id", "sha256"),
    )


class StoredFile(Base):
    """A file of a person. Once they have deleted it, it has no content."""

    __tablename__ = "files"

    org_id: Mapped[OrgId]
    id: Mapped[TenantId]
    user_id: Mapped[UUID]
    name: Mapped[str]
    content_id: Mapped[UUID | None]
    created_at: Mapped[CreatedAt]

    __table_args__ = (
        _of_person("fk_files_org_id_user_id"),
        tenant_key("content_id", "file_contents", ondelete=None),
        Index("ix_files_user", "org_id", "user_id", text("created_at desc"), text("id desc")),
        Index("ix_files_content", "org_id", "content_id"),
    )


class Upload(Base):
    """A file on its way. Its pieces lie in the store under the ids in `parts`; once it is whole it is a file."""

    __tablename__ = "file_uploads"

    org_id: Mapped[OrgId]
    id: Mapped[TenantId]
    user_id: Mapped[UUID]
    name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, server_default=text("0"), default=0)
    parts: Mapped[list[UUID]] = mapped_column(ARRAY(UuidType), server_default=text("'{}'"), default=list)
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("received between 0 and size", name="received"),
        _of_person("fk_file_uploads_org_id_user_id"),
        Index("ix_file_uploads_expires_at", "expires_at"),
    )
