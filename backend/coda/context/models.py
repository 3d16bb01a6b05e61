"""Texts that prompts hold and that lie nowhere else, stored once for each organization."""

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from coda.core.db import Base, CreatedAt, OrgId


class PromptText(Base):
    """A text by its hash. The plans of runs refer to it."""

    __tablename__ = "prompt_texts"

    org_id: Mapped[OrgId]
    sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    content: Mapped[str]
    created_at: Mapped[CreatedAt]
