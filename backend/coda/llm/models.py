"""Connections to model providers, their keys, and who may use those of the instance."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from coda.core.db import Base, CreatedAt, OrgId, TenantId, tenant_key
from coda.core.scope import INSTANCE_ORG


class ProviderConnection(Base):
    """A provider's address, as an organization's administrator or, for the instance, an operator saved it."""

    __tablename__ = "provider_connections"

    org_id: Mapped[OrgId]
    id: Mapped[TenantId]
    slug: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    base_url: Mapped[str | None]
    allow_private: Mapped[bool] = mapped_column(default=False)
    is_restricted: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    options: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    created_by: Mapped[UUID]
    created_at: Mapped[CreatedAt]

    __table_args__ = (
        UniqueConstraint("org_id", "slug"),
        CheckConstraint(
            "kind in ('openai', 'anthropic', 'gemini', 'openrouter', 'ollama', 'openai_compatible')", name="kind"
        ),
        CheckConstraint(f"not is_restricted or org_id = '{INSTANCE_ORG}'", name="restricted"),
    )


class ProviderKey(Base):
    """What opens a connection, sealed: key, how it ends, headers, and a proxy with its login.

    Organizations read none of the instance's.
    """

    __tablename__ = "provider_keys"

    org_id: Mapped[OrgId]
    connection_id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    hint: Mapped[str | None]
    sealed_headers: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_proxy: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (tenant_key("connection_id", "provider_connections"),)


class LearntDialect(Base):
    """What a provider's model was found not to take, at the address that it had then.

    `provider` is what its models' ids begin with; those of the environment are the instance's.
    """

    __tablename__ = "learnt_dialects"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    base_url: Mapped[str]
    learnt: Mapped[dict[str, Any]]
    learnt_at: Mapped[CreatedAt]


class ConnectionVisibility(Base):
    """An organization that may use a restricted connection of the instance."""

    __tablename__ = "connection_visibility"

    org_id: Mapped[OrgId]
    connection_id: Mapped[UUID] = mapped_column(primary_key=True)
    visible_to: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)

    __table_args__ = (
        tenant_key("connection_id", "provider_connections"),
        CheckConstraint(f"org_id = '{INSTANCE_ORG}'", name="instance"),
        Index("ix_connection_visibility_visible_to", "visible_to"),
    )
