"""Several sources as one list."""

from collections.abc import Iterable, Sequence

from coda.core.scope import Scope
from coda.tools.toolsets.toolset import Toolset
from coda.tools.types import Tool


class Combined:
    """Sources in the order given. Tools of one name may come from several of them: a call goes to its source."""

    def __init__(self, toolsets: Iterable[Toolset]) -> None:
        self._toolsets: dict[str, Toolset] = {}
        for toolset in toolsets:
            if toolset.source_id in self._toolsets:
                raise ValueError(f"two toolsets are called {toolset.source_id}")
            self._toolsets[toolset.source_id] = toolset

    def with_more(self, toolsets: Iterable[Toolset]) -> "Combined":
        """The same and others behind them."""
        return Combined([*self._toolsets.values(), *toolsets])

    async def list(self, scope: Scope) -> Sequence[Tool]:
        """The tools of all sources, those of the first one first."""
        return [tool for toolset in self._toolsets.values() for tool in await toolset.list(scope)]

    def find(self, source_id: str) -> Toolset | None:
        """The source of this id, if there still is one."""
        return self._toolsets.get(source_id)
