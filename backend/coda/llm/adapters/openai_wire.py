"""Everything that speaks OpenAI's wire: raw server-sent events on a pooled client."""

import aiohttp

from coda.llm.adapters.http_chat import HttpChat
from coda.llm.adapters.openai_body import chat_body, drop_refused_field
from coda.llm.adapters.openai_chunks import ChunkReader
from coda.llm.adapters.posting import post_stream
from coda.llm.errors import RequestRejected
from coda.llm.types import ChatRequest

_MAX_ADAPTIONS = 2


class OpenAIWire(HttpChat):
    """Chat completions at one endpoint."""

    def _reader(self, request: ChatRequest) -> ChunkReader:
        return ChunkReader(self._endpoint, request.tools)

    async def _open(self, request: ChatRequest) -> aiohttp.ClientResponse:
        """Send the request; a server that does not know an optional field is asked again without it."""
        body = chat_body(request, self._endpoint.dialect)
        for _ in range(_MAX_ADAPTIONS):
            try:
                return await post_stream(self._http, self._endpoint, request.model, body, self._limits)
            except RequestRejected as rejected:
                if not drop_refused_field(body, rejected.message):
                    raise
        return await post_stream(self._http, self._endpoint, request.model, body, self._limits)
