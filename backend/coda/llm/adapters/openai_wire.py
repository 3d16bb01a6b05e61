"""Everything that speaks OpenAI's wire: raw server-sent events on a pooled client."""

from typing import Any

from coda.llm.adapters.http_chat import HttpChat
from coda.llm.adapters.openai_body import chat_body
from coda.llm.adapters.openai_chunks import ChunkReader
from coda.llm.dialects.dialect import Dialect
from coda.llm.types import ChatRequest


class OpenAIWire(HttpChat):
    """Chat completions at one endpoint."""

    def _body(self, request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
        return chat_body(request, dialect)

    def _reader(self, request: ChatRequest) -> ChunkReader:
        return ChunkReader(self._endpoint, request.tools)
