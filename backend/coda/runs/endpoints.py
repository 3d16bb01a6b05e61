"""Routes of runs: start, read, control, their steps and what their prompt held."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from coda.core.http.responses import PageCursor, PageLimit, errors
from coda.runs.dependencies import RunCommandsDep, Runs, RunWriter
from coda.runs.schemas import (
    Approvals,
    ContextRead,
    QuestionContent,
    RunCreate,
    RunEnvelope,
    RunPage,
    RunRead,
    StartedRunRead,
    Steer,
    StepPage,
)
from coda.runs.types import RunStatus, StartedRun

router = APIRouter(prefix="/api/v1", tags=["runs"])


@router.post(
    "/sessions/{session_id}/runs",
    status_code=202,
    response_model=StartedRunRead,
    responses=errors(401, 403, 404, 409, 410, 422, 429, 503),
)
async def start_run(session_id: UUID, body: RunCreate, principal: RunWriter, commands: RunCommandsDep) -> StartedRun:
    """Ask: stores the question with its run, and answers once both are safe. Under an unfinished answer it waits."""
    return await commands.start(principal, session_id, body.as_request())


@router.get("/runs", response_model=RunPage, responses=errors(401, 403, 422))
async def list_runs(
    runs: Runs,
    status: RunStatus | None = None,
    cursor: PageCursor = None,
    limit: PageLimit = 50,
) -> Any:  # noqa: ANN401 - rendered by the response model
    """The caller's runs, newest first."""
    return await runs.list_runs(status=status, cursor=cursor, limit=limit)


@router.get("/runs/{run_id}", response_model=RunRead, responses=errors(401, 403, 404, 422))
async def read_run(run_id: UUID, runs: Runs) -> Any:  # noqa: ANN401 - rendered by the response model
    """One run."""
    return await runs.get(run_id)


@router.patch("/runs/{run_id}", response_model=StartedRunRead, responses=errors(401, 403, 404, 409, 410, 422))
async def edit_run(run_id: UUID, body: QuestionContent, principal: RunWriter, commands: RunCommandsDep) -> StartedRun:
    """Change the question of a run that nobody has begun."""
    return await commands.edit(principal, run_id, body.parts())


@router.delete("/runs/{run_id}", status_code=204, responses=errors(401, 403, 404, 409, 422))
async def remove_run(run_id: UUID, principal: RunWriter, commands: RunCommandsDep) -> None:
    """Take a run that nobody has begun out of its conversation."""
    await commands.remove(principal, run_id)


@router.get("/runs/{run_id}/steps", response_model=StepPage, responses=errors(401, 403, 404, 422))
async def list_steps(run_id: UUID, runs: Runs, cursor: PageCursor = None, limit: PageLimit = 200) -> Any:  # noqa: ANN401 - rendered by the response model
    """The steps of the run's answer, in the order of their start."""
    return await runs.list_steps(run_id, cursor=cursor, limit=limit)


@router.get("/runs/{run_id}/context", response_model=ContextRead, responses=errors(401, 403, 404, 422))
async def read_context(run_id: UUID, runs: Runs) -> Any:  # noqa: ANN401 - rendered by the response model
    """What went into the prompt, and what had to stay out."""
    return await runs.context(run_id)


@router.post("/runs/{run_id}/cancel", status_code=202, response_model=RunEnvelope, responses=errors(401, 403, 404, 422))
async def cancel_run(run_id: UUID, principal: RunWriter, commands: RunCommandsDep) -> Any:  # noqa: ANN401 - rendered by the response model
    """Stop a run; what it has said is kept."""
    return {"run": await commands.cancel(principal, run_id)}


@router.post(
    "/runs/{run_id}/pause", status_code=202, response_model=RunEnvelope, responses=errors(401, 403, 404, 409, 422)
)
async def pause_run(run_id: UUID, principal: RunWriter, commands: RunCommandsDep) -> Any:  # noqa: ANN401 - rendered by the response model
    """Hold a working run; after a while it is interrupted."""
    return {"run": await commands.pause(principal, run_id)}


@router.post(
    "/runs/{run_id}/resume", status_code=202, response_model=RunEnvelope, responses=errors(401, 403, 404, 409, 422)
)
async def resume_run(run_id: UUID, principal: RunWriter, commands: RunCommandsDep) -> Any:  # noqa: ANN401 - rendered by the response model
    """Go on; after an interrupt in a new run. Sends a run that waits for the person."""
    return {"run": await commands.resume(principal, run_id)}


@router.post(
    "/runs/{run_id}/continue", status_code=202, response_model=RunEnvelope, responses=errors(401, 403, 404, 409, 422)
)
async def continue_run(run_id: UUID, principal: RunWriter, commands: RunCommandsDep) -> Any:  # noqa: ANN401 - rendered by the response model
    """Have a cut answer written on, in a new run that fills the same message."""
    return {"run": await commands.continue_run(principal, run_id)}


@router.post(
    "/runs/{run_id}/steer", status_code=202, response_model=RunEnvelope, responses=errors(401, 403, 404, 409, 422)
)
async def steer_run(run_id: UUID, body: Steer, principal: RunWriter, commands: RunCommandsDep) -> Any:  # noqa: ANN401 - rendered by the response model
    """Throw a sentence into a working run: the agent reads it at its next step."""
    return {"run": await commands.steer(principal, run_id, body.content, body.id)}


@router.post(
    "/runs/{run_id}/approvals", status_code=202, response_model=RunEnvelope, responses=errors(401, 403, 404, 409, 422)
)
async def decide_approvals(run_id: UUID, body: Approvals, principal: RunWriter, commands: RunCommandsDep) -> Any:  # noqa: ANN401 - rendered by the response model
    """Approve or reject the tool calls that wait; a new run goes on."""
    return {"run": await commands.decide(principal, run_id, body.as_list())}
