"""OpenAI-compatible routes: the models, and chat completions."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from coda.gateways.openai_api.chunks import CompletionWriter
from coda.gateways.openai_api.dependencies import CompletionCaller, Completions, ModelReader
from coda.gateways.openai_api.requests import ChatCompletionRequest
from coda.gateways.openai_api.responses import stream_completion, whole_completion
from coda.gateways.openai_api.schemas import ERRORS, ChatCompletion, OpenAIModels
from coda.gateways.openai_api.service import AGENT_PREFIX
from coda.llm.dependencies import Models
from coda.llm.types import ModelInfo

router = APIRouter(prefix="/v1", tags=["openai"])


@router.get("/models", operation_id="list_openai_models", response_model=OpenAIModels, responses=ERRORS)
async def list_openai_models(principal: ModelReader, models: Models) -> Any:  # noqa: ANN401 - rendered by the response model
    """OpenAI-compatible list of models; each also as `coda-agent/...`."""
    infos = (await models.catalogue.available(principal.org_id, listed=True)).models()
    plain = [_model(info.id, info) for info in infos]
    agents = [_model(f"{AGENT_PREFIX}{info.id}", info) for info in infos if info.capabilities.tools]
    return {"object": "list", "data": [*plain, *agents]}


@router.post(
    "/chat/completions",
    response_model=ChatCompletion,
    responses={
        **ERRORS,
        200: {"description": "The completion.", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
    },
)
async def create_chat_completion(
    body: ChatCompletionRequest, request: Request, principal: CompletionCaller, completions: Completions
) -> Response:
    """OpenAI-compatible: `provider/name` is a plain model call, `coda-agent/provider/name` the whole agent."""
    completion = await completions.open(principal, body)
    writer = CompletionWriter(body.model, with_usage=body.wants_usage or not body.stream)
    if body.stream:
        return await stream_completion(completion, writer)
    return await whole_completion(request, completion, writer)


def _model(model_id: str, info: ModelInfo) -> dict[str, Any]:
    checked_at = info.health.checked_at
    created = int(datetime.fromisoformat(checked_at).timestamp()) if checked_at else 0
    return {"id": model_id, "object": "model", "created": created, "owned_by": info.provider}
