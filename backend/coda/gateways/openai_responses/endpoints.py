"""OpenAI's Responses API: make a response, read or follow it, stop it, forget it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from coda.core.http.answer_headers import carry
from coda.gateways.openai_api.dependencies import CompletionCaller, KnownBy, Pace
from coda.gateways.openai_api.schemas import errors
from coda.gateways.openai_responses.dependencies import ResponseReader, Responses
from coda.gateways.openai_responses.errors import NoConversations
from coda.gateways.openai_responses.items import ListWanted, listed
from coda.gateways.openai_responses.requests import ResponsesRequest
from coda.gateways.openai_responses.schemas import (
    OpenAIDeletedResponse,
    OpenAIInputItems,
    OpenAIInputTokens,
    OpenAIResponse,
)
from coda.gateways.openai_responses.streaming import begun_response, stream_response, whole_response

router = APIRouter(prefix="/v1/responses", tags=["openai"])
conversations = APIRouter(prefix="/v1/conversations")


@router.post(
    "",
    response_model=OpenAIResponse,
    responses={
        **errors(),
        200: {"description": "The response.", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
    },
)
async def create_response(
    body: ResponsesRequest,
    request: Request,
    principal: CompletionCaller,
    responses: Responses,
    pace: Pace,
    known_by: KnownBy,
) -> Response:
    """OpenAI-compatible: `provider/name` is a plain model call, `coda-agent/provider/name` the whole agent."""
    response = await responses.open(principal, body, known_by)
    carry(request.scope, response.completion.headers)
    if body.stream:
        return stream_response(response, pace)
    return await (begun_response(response) if body.background else whole_response(request, response))


@router.post("/input_tokens", response_model=OpenAIInputTokens, responses=errors(400, 401, 403, 404, 413, 429))
async def count_input_tokens(body: ResponsesRequest, principal: CompletionCaller, responses: Responses) -> Any:  # noqa: ANN401 - rendered by the response model
    """How many tokens an input has, as Coda estimates it; nothing is asked of a model."""
    return {"object": "response.input_tokens", "input_tokens": await responses.count(principal, body)}


@router.post("/{response_id}/cancel", response_model=OpenAIResponse, responses=errors(400, 401, 403, 404, 429))
async def cancel_response(response_id: str, principal: CompletionCaller, responses: Responses) -> Any:  # noqa: ANN401 - rendered by the response model
    """Stop a response that is made in the background; what is there stays."""
    return await responses.cancel(principal, response_id)


@conversations.post("", include_in_schema=False)
def no_conversations(_caller: ResponseReader) -> None:
    """The API of conversations is not here; says what is."""
    raise NoConversations


@router.get(
    "/{response_id}",
    response_model=OpenAIResponse,
    responses={
        **errors(401, 403, 404, 429),
        200: {"description": "The response.", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
    },
)
async def read_response(
    response_id: str,
    principal: ResponseReader,
    responses: Responses,
    pace: Pace,
    stream: Annotated[bool, Query(description="Its events, from the beginning, and as they come.")] = False,
    starting_after: Annotated[int, Query(description="The number of the last event that is known.")] = -1,
) -> Any:  # noqa: ANN401 - rendered by the response model
    """A response of the caller's that was stored, or is made in the background."""
    if stream:
        return stream_response(await responses.follow(principal, response_id, after=starting_after), pace)
    return await responses.read(principal, response_id)


@router.get("/{response_id}/input_items", response_model=OpenAIInputItems, responses=errors(401, 403, 404, 429))
async def list_response_input(
    response_id: str,
    principal: ResponseReader,
    responses: Responses,
    order: Annotated[Literal["asc", "desc"], Query()] = "desc",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: Annotated[str | None, Query(max_length=100)] = None,
) -> Any:  # noqa: ANN401 - rendered by the response model
    """What was asked anew in a response."""
    stored = await responses.get(principal, response_id)
    return listed(stored.input, key=stored.id, wanted=ListWanted(order == "desc", limit, after))


@router.delete("/{response_id}", response_model=OpenAIDeletedResponse, responses=errors(401, 403, 404, 429))
async def delete_response(response_id: str, principal: CompletionCaller, responses: Responses) -> Any:  # noqa: ANN401 - rendered by the response model
    """Forget a response. What continued it can no longer be continued itself."""
    await responses.delete(principal, response_id)
    return {"id": response_id, "object": "response", "deleted": True}
