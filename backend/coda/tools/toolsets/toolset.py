"""What a source of tools is."""

from collections.abc import Sequence
from typing import Protocol

from coda.core.scope import Scope
from coda.tools.types import Arguments, Tool, ToolCallContext, ToolOutcome


class Toolset(Protocol):
    """One source of tools. To add one, write it beside the others and name it at the composition root."""

    @property
    def source_id(self) -> str:
        """Its stable name. Policies and stored selections refer to tools by it."""
        ...

    async def list(self, scope: Scope) -> Sequence[Tool]:
        """The tools that it has for somebody, with this source's id; nothing where it cannot be reached.

        To be asked before a transaction is opened: a source may read the database.
        """
        ...

    async def call(self, name: str, arguments: Arguments, call: ToolCallContext) -> ToolOutcome:
        """Call a tool with arguments that match its schema; raises ToolError with a sentence for the model."""
        ...
