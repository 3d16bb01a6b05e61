"""Connections that an organization made to model providers."""

from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from coda.core.db import Base, CreatedAt, OrgId, TenantId


class ProviderConnection(Base):
    """A provider's address and sealed key, as an organization's administrator saved it."""

    __tablename__ = "provider_connections"

    org_id: Mapped[OrgId]
    id: Mapped[TenantId]
    slug: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    base_url: Mapped[str | None]
    sealed_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    key_hint: Mapped[str | None]
    allow_private: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[UUID]
    created_at: Mapped[CreatedAt]

    __table_args__ = (
        UniqueConstraint("org_id", "slug"),
        CheckConstraint(
            "kind in ('openai', 'anthropic', 'gemini', 'openrouter', 'ollama', 'openai_compatible')", name="kind"
        ),
    )
