"""OpenAI-compatible routes: the models, and chat completions."""

from typing import Any

from fastapi import APIRouter, Request, Response

from coda.core.http.answer_headers import carry
from coda.gateways.openai_api.chunks import CompletionWriter
from coda.gateways.openai_api.dependencies import (
    Available,
    CompletionCaller,
    Completions,
    KnownBy,
    Pace,
)
from coda.gateways.openai_api.requests import ChatCompletionRequest
from coda.gateways.openai_api.responses import stream_completion, whole_completion
from coda.gateways.openai_api.schemas import ChatCompletion, OpenAIModel, OpenAIModels, errors
from coda.gateways.openai_api.service import AGENT_PREFIX, AgentOptions
from coda.llm.errors import ModelNotFound
from coda.llm.types import ModelInfo

router = APIRouter(prefix="/v1", tags=["openai"])


@router.get("/models", operation_id="list_openai_models", response_model=OpenAIModels, responses=errors(401, 403, 429))
def list_openai_models(available: Available) -> Any:  # noqa: ANN401 - rendered by the response model
    """OpenAI-compatible list of models; each also as `coda-agent/...`."""
    # Not `async`: thousands of models are told of beside the event loop.
    infos = available.models()
    plain = [_model(info.id, info) for info in infos]
    agents = [_model(f"{AGENT_PREFIX}{info.id}", info) for info in infos if info.capabilities.tools]
    return {"object": "list", "data": [*plain, *agents]}


@router.get(
    "/models/{model_id:path}",
    operation_id="read_openai_model",
    response_model=OpenAIModel,
    responses=errors(401, 403, 404, 429),
)
async def read_openai_model(model_id: str, available: Available) -> Any:  # noqa: ANN401 - rendered by the response model
    """One model, OpenAI-compatible. Its id has slashes."""
    provider, name = available.find(model_id.removeprefix(AGENT_PREFIX))
    if provider.offer.models and provider.find_model(name) is None:
        raise ModelNotFound
    return _model(model_id, available.describe(model_id.removeprefix(AGENT_PREFIX))[0])


@router.post(
    "/chat/completions",
    response_model=ChatCompletion,
    responses={
        **errors(),
        200: {"description": "The completion.", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
    },
)
async def create_chat_completion(
    body: ChatCompletionRequest,
    request: Request,
    principal: CompletionCaller,
    completions: Completions,
    pace: Pace,
    known_by: KnownBy,
) -> Response:
    """OpenAI-compatible: `provider/name` is a plain model call, `coda-agent/provider/name` the whole agent."""
    completion = await completions.open(principal, body, AgentOptions(session=known_by.session, known_by=known_by))
    carry(request.scope, completion.headers)
    writer = CompletionWriter(body.model, with_usage=body.wants_usage or not body.stream)
    if body.stream:
        return stream_completion(completion, writer, pace)
    return await whole_completion(request, completion, writer)


def _model(model_id: str, info: ModelInfo) -> dict[str, Any]:
    """`created` is the same at each call, since no provider's wire tells it of every model."""
    return {"id": model_id, "object": "model", "created": 0, "owned_by": info.provider}
