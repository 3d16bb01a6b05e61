"""Providers with wires of their own, through LiteLLM: the only module that imports it, and only when needed."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from types import ModuleType
from typing import Any, TypeVar

import httpx

from coda.core.guarded_http.route import DIRECT, trusting
from coda.core.settings import LlmSettings
from coda.llm.adapters.blocks import Patience
from coda.llm.adapters.decoding.finish import finish_word
from coda.llm.adapters.decoding.tool_calls import CallPiece, arguments_text
from coda.llm.adapters.decoding.turn import TurnReader
from coda.llm.adapters.decoding.usage import read_usage
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.failures.litellm import model_error
from coda.llm.adapters.litellm_arguments import spoken_arguments
from coda.llm.adapters.returning import CALL_FIELDS, PayloadCollector
from coda.llm.dialects.dialect import Dialect
from coda.llm.dialects.speaking import send_adapted
from coda.llm.errors import MalformedAnswer, StreamCut
from coda.llm.types import ChatDelta, ChatRequest, ChatUsage, ToolSpec

T = TypeVar("T")
_GRACE = 2.0
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
    litellm.disable_token_counter = True  # else it loads tokenizers on the event loop; we count ourselves
    return litellm


class LiteLLM:
    """Chat through LiteLLM at one endpoint; `prefix` is its name of the provider."""

    def __init__(self, package: LiteLLMImport, prefix: str, endpoint: Endpoint, settings: LlmSettings) -> None:
        self._package, self._prefix, self._endpoint = package, prefix, endpoint
        self._patience = Patience.of(endpoint, settings)
        self._own_client: Any = None

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """Ask, and yield what comes; closing the iterator closes the provider's stream."""
        litellm = await self._package.module()
        chunks: Any = None
        reader = ModelResponseReader(request.tools)
        try:
            accepted = await send_adapted(request, self._endpoint.dialects, partial(self._send, litellm))
            chunks = accepted.answer
            if accepted.left_out:
                yield ChatDelta(left_out=accepted.left_out)
            while (chunk := await self._next(chunks, reader)) is not None:
                for delta in reader.read(chunk):
                    yield delta
        except Exception as error:  # whatever the vendor raises becomes an error of ours
            for delta in reader.held_back():
                yield delta
            raise model_error(litellm, error, self._endpoint, has_begun=reader.has_begun) from error
        finally:
            if chunks is not None:
                await chunks.aclose()
        for delta in reader.end():
            yield delta

    async def _next(self, chunks: Any, reader: "ModelResponseReader") -> Any:  # noqa: ANN401 - LiteLLM's stream
        """The next chunk, None at the end; a finished answer does not wait long for the end of its connection."""
        if not reader.is_finished:
            return await self._within_limit(anext(chunks, None), has_begun=reader.has_begun)
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                return await anext(chunks, None)
        return None

    async def _within_limit(self, step: Awaitable[T], *, has_begun: bool) -> T:
        """Wait for one step, no longer than a model may be silent."""
        async with asyncio.timeout(self._patience.idle if has_begun else self._patience.first):
            return await step

    async def _send(self, litellm: ModuleType, request: ChatRequest, dialect: Dialect) -> Any:  # noqa: ANN401 - LiteLLM's stream
        arguments = self._arguments(litellm, request, dialect)
        try:
            return await self._within_limit(litellm.acompletion(**arguments), has_begun=False)
        except Exception as error:  # whatever the vendor raises becomes an error of ours
            raise model_error(litellm, error, self._endpoint, has_begun=False) from error

    def _arguments(self, litellm: ModuleType, request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
        return {
            **spoken_arguments(litellm, self._prefix, request, dialect),
            **self._client(),
            "model": f"{self._prefix}/{request.model}",
            "api_key": self._endpoint.secret,
            "api_base": self._endpoint.chat_url or None,
            "extra_headers": dict(self._endpoint.headers) or None,
            "_skip_mcp_handler": True,  # else a call with tools imports LiteLLM's proxy and `mcp`
            "num_retries": 0,
            "max_retries": 0,
            "timeout": max(self._patience.idle, self._patience.first),
        }

    def _client(self) -> dict[str, Any]:
        """A client of its own where the way to the provider is not the usual one."""
        route = self._endpoint.route
        if route == DIRECT:
            return {}
        if self._own_client is None:
            from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

            verify = True if route.authority is None else trusting(route.authority)
            transport = httpx.AsyncHTTPTransport(verify=verify, proxy=route.proxy)
            self._own_client = AsyncHTTPHandler(transport=transport, follow_redirects=False)
        return {"client": self._own_client}


class ModelResponseReader:
    """State of one stream of LiteLLM's chunks."""

    def __init__(self, tools: Sequence[ToolSpec] = ()) -> None:
        self._turn = TurnReader(tools)
        self._returning = PayloadCollector()
        self._usage: ChatUsage | None = None
        self.has_begun = False

    @property
    def is_finished(self) -> bool:
        """Whether the model has said why it stopped."""
        return self._turn.finish_word is not None

    def read(self, chunk: Any) -> list[ChatDelta]:  # noqa: ANN401 - LiteLLM's ModelResponseStream
        """The deltas of one chunk."""
        deltas: list[ChatDelta] = []
        if chunk.choices:
            choice = chunk.choices[0]
            self._read_delta(choice.delta, deltas)
            self.has_begun = self.has_begun or bool(deltas)
            self._turn.finish_word = finish_word(choice.finish_reason) or self._turn.finish_word
        usage = getattr(chunk, "usage", None)
        if usage is not None:
            self._usage = read_usage({**usage.model_dump(), "cost": None})  # LiteLLM's own sum, as a float
        return deltas

    def end(self) -> list[ChatDelta]:
        """The last deltas; raises StreamCut where the answer has no end."""
        if not self.is_finished:
            raise StreamCut
        if not self.has_begun and self._turn.finish_word == "stop" and not (self._usage and self._usage.output_tokens):
            raise MalformedAnswer("The answer is empty.")  # a page, nothing, or a stream that was cut before its text
        return [*self._turn.end(), ChatDelta(usage=self._usage), ChatDelta(payload=self._returning.payload())]

    def held_back(self) -> list[ChatDelta]:
        """What came before an answer was cut and was not given yet."""
        deltas = self._turn.end(is_cut=True)
        return deltas if self._usage is None else [*deltas, ChatDelta(usage=self._usage)]

    def _read_delta(self, delta: Any, deltas: list[ChatDelta]) -> None:  # noqa: ANN401 - LiteLLM's Delta
        if reasoning := getattr(delta, "reasoning_content", None):
            deltas.extend(self._turn.reasoning(reasoning))
        if delta.content:
            deltas.extend(self._turn.text(delta.content))
        blocks = getattr(delta, "thinking_blocks", None)
        if blocks:  # Anthropic's signed thinking
            self._returning.add_blocks("thinking_blocks", [_as_dict(block) for block in blocks])
        for call in delta.tool_calls or ():
            function = call.function
            piece = CallPiece(call.index, call.id or None, function.name or "", arguments_text(function.arguments))
            index, told = self._turn.call(piece)
            signature = {name: _as_dict(getattr(call, name, None)) for name in CALL_FIELDS}  # Gemini's
            self._returning.add_call(index, signature)
            deltas.extend(told)


def _as_dict(value: Any) -> Any:  # noqa: ANN401 - a model or a dictionary of LiteLLM's
    return value.model_dump(exclude_none=True) if hasattr(value, "model_dump") else value
