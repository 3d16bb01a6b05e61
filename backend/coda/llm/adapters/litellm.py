"""Providers with wires of their own, through LiteLLM: the only module that imports it, and only when needed."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any, TypeVar

from coda.core.settings import LlmSettings
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.litellm_errors import model_error
from coda.llm.adapters.openai_body import chat_body
from coda.llm.adapters.openai_chunks import read_usage
from coda.llm.adapters.returning import CALL_FIELDS, PayloadCollector
from coda.llm.errors import StreamCut
from coda.llm.types import ChatDelta, ChatRequest, FinishReason, ToolCallDelta

T = TypeVar("T")
_FINISH: Mapping[str, FinishReason] = {
    "stop": "stop", "length": "length", "tool_calls": "tool_calls", "content_filter": "content_filter",
}  # fmt: skip
_NEVER = "1000000000"


class LiteLLMImport:
    """Imports LiteLLM once, in a thread: it takes seconds, and 170 MB that most processes never need."""

    def __init__(self) -> None:
        self._import: asyncio.Future[ModuleType] | None = None

    def load(self) -> "asyncio.Future[ModuleType]":
        """Start the import, or give the one under way."""
        if self._import is None:
            thread = ThreadPoolExecutor(1, thread_name_prefix="litellm-import")
            self._import = asyncio.get_running_loop().run_in_executor(thread, _import_quietly)
            self._import.add_done_callback(lambda _: thread.shutdown(wait=False))
        return self._import

    async def module(self) -> ModuleType:
        """The imported package."""
        return await asyncio.shield(self.load())


def _import_quietly() -> ModuleType:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else the import downloads a price list
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")  # else it reads .env by itself
    os.environ["REPEATED_STREAMING_CHUNK_LIMIT"] = _NEVER  # else it aborts healthy streams of equal chunks
    import litellm

    litellm.suppress_debug_info = True
    litellm.turn_off_message_logging = True
    litellm.disable_streaming_logging = True
    litellm.drop_params = True
    return litellm


class LiteLLM:
    """Chat through LiteLLM at one endpoint; `prefix` is its name of the provider."""

    def __init__(self, package: LiteLLMImport, prefix: str, endpoint: Endpoint, settings: LlmSettings) -> None:
        self._package, self._prefix, self._endpoint, self._settings = package, prefix, endpoint, settings

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """Ask, and yield what comes; closing the iterator closes the provider's stream."""
        litellm = await self._package.module()
        chunks: Any = None
        has_begun = is_finished = False
        returning = PayloadCollector()
        try:
            chunks = await self._within_limit(litellm.acompletion(**self._arguments(request)))
            while (chunk := await self._within_limit(anext(chunks, None))) is not None:
                _keep(returning, chunk)
                for delta in deltas_in(chunk):
                    has_begun = True
                    is_finished = is_finished or delta.finish is not None
                    yield delta
        except Exception as error:  # whatever the vendor raises becomes an error of ours
            raise model_error(litellm, error, self._endpoint, has_begun=has_begun) from error
        finally:
            if chunks is not None:
                await chunks.aclose()
        if not is_finished:
            raise StreamCut
        if (payload := returning.payload()) is not None:
            yield ChatDelta(payload=payload)

    async def _within_limit(self, step: Awaitable[T]) -> T:
        """Wait for one step, no longer than a model may be silent."""
        async with asyncio.timeout(self._settings.idle_timeout.total_seconds()):
            return await step

    def _arguments(self, request: ChatRequest) -> dict[str, Any]:
        body = chat_body(request, self._endpoint.dialect)
        return {
            **body,
            "model": f"{self._prefix}/{request.model}",
            "api_key": self._endpoint.secret,
            "api_base": self._endpoint.chat_url or None,
            "_skip_mcp_handler": True,  # else a call with tools imports LiteLLM's proxy and `mcp`
            "num_retries": 0,
            "max_retries": 0,
            "timeout": self._settings.idle_timeout.total_seconds(),
        }


def deltas_in(chunk: Any) -> list[ChatDelta]:  # noqa: ANN401 - LiteLLM's ModelResponseStream
    """The deltas of one chunk."""
    deltas: list[ChatDelta] = []
    if chunk.choices:
        choice = chunk.choices[0]
        delta = choice.delta
        text, reasoning = delta.content or "", getattr(delta, "reasoning_content", None) or ""
        if text or reasoning:
            deltas.append(ChatDelta(text=text, reasoning=reasoning))
        deltas.extend(ChatDelta(tool_call=_tool_call(call)) for call in delta.tool_calls or ())
        if choice.finish_reason:
            deltas.append(ChatDelta(finish=_FINISH.get(choice.finish_reason, "stop")))
    usage = getattr(chunk, "usage", None)
    if usage is not None:
        deltas.append(ChatDelta(usage=read_usage(usage.model_dump())))
    return deltas


def _keep(returning: PayloadCollector, chunk: Any) -> None:  # noqa: ANN401 - LiteLLM's ModelResponseStream
    """What the provider wants back: Anthropic's signed thinking, Gemini's thought signatures."""
    if not chunk.choices:
        return
    delta = chunk.choices[0].delta
    blocks = getattr(delta, "thinking_blocks", None)
    if blocks:
        returning.add_blocks("thinking_blocks", [_as_dict(block) for block in blocks])
    for call in delta.tool_calls or ():
        returning.add_call(call.index, {name: _as_dict(getattr(call, name, None)) for name in CALL_FIELDS})


def _as_dict(value: Any) -> Any:  # noqa: ANN401 - a model or a dictionary of LiteLLM's
    return value.model_dump(exclude_none=True) if hasattr(value, "model_dump") else value


def _tool_call(call: Any) -> ToolCallDelta:  # noqa: ANN401 - LiteLLM's ChatCompletionDeltaToolCall
    return ToolCallDelta(call.index, call.id or None, call.function.name or None, call.function.arguments or "")
