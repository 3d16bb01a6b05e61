"""Ollama's own chat API: the only one of its wires that lets the caller set the context window."""

from typing import Any

from coda.llm.adapters.http_chat import HttpChat
from coda.llm.adapters.ollama_body import chat_body
from coda.llm.adapters.ollama_lines import LineReader
from coda.llm.dialects.dialect import Dialect
from coda.llm.types import ChatRequest


class Ollama(HttpChat):
    """`/api/chat` at one address; answers are lines of JSON."""

    def _body(self, request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
        return chat_body(request, dialect)

    def _reader(self, request: ChatRequest) -> LineReader:
        return LineReader(self._endpoint, request.tools)
