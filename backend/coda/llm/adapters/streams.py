"""An adapter's stream as what it is: an asynchronous generator, which can be closed."""

from collections.abc import AsyncGenerator
from typing import cast

from coda.llm.types import ChatAdapter, ChatDelta, ChatRequest


def deltas_of(adapter: ChatAdapter, request: ChatRequest) -> AsyncGenerator[ChatDelta, None]:
    """The stream, with the `aclose` that every adapter's generator has and the seam's type does not name."""
    return cast(AsyncGenerator[ChatDelta, None], adapter.stream(request))
