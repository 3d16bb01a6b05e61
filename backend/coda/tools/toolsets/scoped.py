"""The toolsets that somebody has: our own, the same for everybody, and those of sources that people add."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from coda.core.scope import Scope
from coda.tools.toolsets.combined import Combined
from coda.tools.toolsets.toolset import Toolset


class Joined(Protocol):
    """Toolsets that differ by who asks."""

    async def of(self, scope: Scope) -> Sequence[Toolset]:
        """Those that somebody has. To be asked before a transaction is opened."""
        ...


@dataclass(frozen=True, slots=True)
class ScopedToolsets:
    """`fixed` is for everybody, and all that there is where nobody has added a source. `wrap` guards each added one."""

    fixed: Combined
    joined: Joined | None
    wrap: Callable[[Toolset], Toolset]

    @classmethod
    def build(
        cls, fixed: Iterable[Toolset], joined: Joined | None, wrap: Callable[[Toolset], Toolset]
    ) -> "ScopedToolsets":
        """All of them, guarded."""
        return cls(Combined([wrap(each) for each in fixed]), joined, wrap)

    async def of(self, scope: Scope) -> Combined:
        """What somebody has at the moment; from memory, once it was read."""
        added = () if self.joined is None else await self.joined.of(scope)
        return self.fixed.with_more(self.wrap(each) for each in added) if added else self.fixed
