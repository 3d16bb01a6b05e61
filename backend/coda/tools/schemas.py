"""Tools as the API shows them."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from coda.tools.types import Tool


class ToolRead(BaseModel):
    """A tool that the agent may call. `title` says in words what a call did; `parameters` is JSON Schema."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    title: str
    description: str
    parameters: dict[str, Any]
    source: str


class Tools(BaseModel):
    """All tools."""

    items: list[ToolRead]

    @classmethod
    def of(cls, tools: Sequence[Tool]) -> "Tools":
        """The list that the API answers with."""
        return cls(items=[ToolRead.model_validate(tool) for tool in tools])
