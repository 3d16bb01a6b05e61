"""Puts the bytes of stored pictures into a request on its way out, and remembers which models take none."""

import asyncio
import base64
from collections.abc import AsyncGenerator, Callable, Mapping, Set
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from coda.llm.adapters.streams import deltas_of
from coda.llm.errors import ImagesRefused
from coda.llm.types import (
    ChatAdapter,
    ChatDelta,
    ChatMessage,
    ChatRequest,
    ContentBlock,
    ImageBlock,
    Pictures,
    StoredPicture,
    TextBlock,
)

GONE: Final = "[A picture was here; it has been deleted.]"


class Showing:
    """Wraps an adapter. `on_refused`: this model takes no pictures, sound ones not either."""

    def __init__(self, adapter: ChatAdapter, pictures: Pictures, on_refused: Callable[[], None]) -> None:
        self._adapter, self._pictures, self._on_refused = adapter, pictures, on_refused

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta, None]:
        """Ask the model. Where no stored picture goes out this is the adapter's own stream: nothing is added to it."""
        stored = {image.stored for message in request.messages for image in message.images if image.stored}
        return self._showing(request, stored) if stored else deltas_of(self._adapter, request)

    async def _showing(self, request: ChatRequest, stored: Set[StoredPicture]) -> AsyncGenerator[ChatDelta, None]:
        urls = {picture: await self._url(picture) for picture in stored}
        request = replace(request, messages=[_shown(message, urls) for message in request.messages])
        try:
            async with aclosing(deltas_of(self._adapter, request)) as deltas:
                async for delta in deltas:
                    yield delta
        except ImagesRefused:  # of ours: what others send may be no picture at all
            self._on_refused()
            raise

    async def _url(self, picture: StoredPicture) -> str | None:
        content = await self._pictures.load(picture)
        if content is None:
            return None
        text = await asyncio.to_thread(base64.b64encode, content)
        return f"data:{picture.media_type};base64,{text.decode()}"


def _shown(message: ChatMessage, urls: Mapping[StoredPicture, str | None]) -> ChatMessage:
    if not message.images:
        return message
    return replace(message, content=tuple(_block(block, urls) for block in message.content))


def _block(block: ContentBlock, urls: Mapping[StoredPicture, str | None]) -> ContentBlock:
    if not isinstance(block, ImageBlock) or block.stored is None:
        return block
    url = urls[block.stored]
    return TextBlock(GONE) if url is None else ImageBlock(url, block.detail)
