"""What the model is told of tools: no message of the prompt, but a part of the window."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

import orjson

from coda.context.segments import Item, Segment
from coda.context.sources.source import ContextRequest, Reference, Restored
from coda.llm.estimate import tool_tokens
from coda.llm.types import ToolSpec

_PRIORITY = 100


class ToolsSource:
    """The tools of a request. A plan keeps how much room they took: the run itself knows which they were."""

    kind = "tools"

    async def offer(self, request: ContextRequest) -> Sequence[Segment]:
        """All of them."""
        return [_segment(_Sizes([tool_tokens(tool) for tool in request.tools], _digest(request.tools)))]

    def refer(self, segment: Segment) -> Reference:
        """By size."""
        digest = segment.items[0].reference if segment.items else _digest(())
        return Reference(digest, {"tokens": [item.tokens for item in segment.items]})

    async def restore(self, reference: Reference, request: ContextRequest) -> Restored:
        """The same room; not whole where the tools have changed meanwhile."""
        sizes = _Sizes(reference.where["tokens"], reference.sha256)
        return Restored(_segment(sizes), is_whole=reference.sha256 == _digest(request.tools))


class _Sizes:
    __slots__ = ("digest", "tokens")

    def __init__(self, tokens: Sequence[int], digest: str) -> None:
        self.tokens, self.digest = tokens, digest


def _segment(sizes: _Sizes) -> Segment:
    return Segment(ToolsSource.kind, _PRIORITY, tuple(Item((), tokens, 1, sizes.digest) for tokens in sizes.tokens))


def _digest(tools: Iterable[ToolSpec]) -> str:
    return sha256(orjson.dumps([[tool.name, tool.description, tool.parameters] for tool in tools])).hexdigest()
