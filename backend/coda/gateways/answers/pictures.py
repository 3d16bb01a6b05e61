"""Pictures that clients of other wires send to the agent: kept as files of theirs, as if they had been uploaded."""

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from coda.conversations.parts import attached_part
from coda.conversations.types import Part
from coda.core.errors import CodaError
from coda.core.guarded_http import OutboundHttp, Reach
from coda.core.scope import Scope
from coda.files.types import MOST_FILES
from coda.files.wiring import FileServices
from coda.gateways.answers.errors import InvalidParameter
from coda.llm.types import ChatMessage, ImageBlock

_SECONDS: Final = 20.0
_NAME: Final = "picture"


@dataclass(frozen=True, slots=True)
class PictureKeeper:
    """Keeps what comes as a `data:` URL, and fetches what has a public address."""

    files: FileServices
    http: OutboundHttp

    async def keep(self, scope: Scope, messages: Sequence[ChatMessage]) -> Mapping[str, Part]:
        """The parts of all pictures by their URLs. Raises InvalidParameter, and what an upload or an address raises."""
        images: dict[str, tuple[ImageBlock, str]] = {}
        for at, message in enumerate(messages):
            if len(message.images) > MOST_FILES:
                raise InvalidParameter(f"messages[{at}].content", f"A message has at most {MOST_FILES} pictures.")
            images.update((image.url, (image, f"messages[{at}].content")) for image in message.images)
        return {url: await self._keep(scope, image, place) for url, (image, place) in images.items()}

    async def _keep(self, scope: Scope, image: ImageBlock, place: str) -> Part:
        try:
            content = await self._content(image)
            file = await self.files.uploads.take(scope, name=_NAME, chunks=_once(content), at_most=len(content))
        except (CodaError, binascii.Error) as error:
            raise InvalidParameter(place, f"A picture cannot be used: {error}") from None
        if not file.is_picture:
            raise InvalidParameter(place, "A picture is a PNG, JPEG, WebP, GIF, BMP or AVIF.")
        return attached_part({}, file)

    async def _content(self, image: ImageBlock) -> bytes:
        data = image.base64
        if data is not None:
            return await asyncio.to_thread(base64.b64decode, data, validate=True)
        if image.url.startswith("data:"):
            raise binascii.Error("a data: URL is in base64")
        answer = await self.http.fetch(
            image.url, reach=Reach.PUBLIC, max_bytes=self.files.settings.max_bytes, seconds=_SECONDS
        )
        if not answer.is_ok:
            raise binascii.Error(f"its address answered {answer.status}")
        return answer.body


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
