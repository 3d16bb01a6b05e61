"""Responses that are made in the background: their run goes on without a client, and is read when one asks."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from coda.access.principal import Principal
from coda.core.db import Database
from coda.core.errors import RelayedError
from coda.core.http.errors import answer_of
from coda.core.text import storable_json
from coda.gateways.answers.agent import FollowedRun
from coda.gateways.answers.run_deltas import RunDeltas
from coda.gateways.answers.runner import AgentRunner
from coda.gateways.openai_api.errors import error_body
from coda.gateways.openai_responses.models import StoredResponse
from coda.gateways.openai_responses.repository import StoredResponseRepository
from coda.gateways.openai_responses.writer import ResponseWriter
from coda.runs.connections.feed import RunFeed, open_feed
from coda.usage.types import UsageFigures

_ENDS_WITHIN: Final = timedelta(seconds=5)
_WAITING: Final = {"queued": "queued"}


def following_of(run: FollowedRun) -> dict[str, Any]:
    """What is stored of the run that writes a response."""
    used = None if run.used is None else run.used.as_dict()
    return {"run_id": str(run.run_id), "model": run.model, "has_form": run.has_form, "used": used}


def followed_of(following: Mapping[str, Any]) -> FollowedRun:
    """The run that writes a response."""
    used = following["used"]
    return FollowedRun(
        UUID(following["run_id"]),
        following["model"],
        following["has_form"],
        None if used is None else UsageFigures.from_dict(used),
        stays=True,
    )


@dataclass(frozen=True, slots=True)
class BackgroundResponses:
    """Reads and stops them."""

    database: Database
    agents: AgentRunner

    async def settled(self, principal: Principal, row: StoredResponse) -> Mapping[str, Any]:
        """The response as it stands now; stored once it is whole."""
        if row.following is None:
            return row.body
        run = followed_of(row.following)
        feed = await open_feed(self.agents.streams, principal.scope, run.run_id)
        try:
            return await self._read(principal, row, run, feed)
        finally:
            feed.close()

    async def _read(
        self, principal: Principal, row: StoredResponse, run: FollowedRun, feed: RunFeed
    ) -> Mapping[str, Any]:
        deltas, writer = RunDeltas(has_form=run.has_form), ResponseWriter.again(row.id, row.body, streams=False)
        for frame in feed.opening:
            for delta in deltas.read(orjson.loads(frame.text)):
                writer.read(delta)
        metered = run.metered(deltas.usage)
        if not deltas.is_over:
            return writer.body(_WAITING.get(feed.run["status"], "in_progress"), metered)
        if deltas.error is not None:
            body = writer.failed(_told(deltas.error), metered)
        else:
            body = writer.body("cancelled", metered) if deltas.is_cancelled else writer.whole(metered)
        body = dict(storable_json(body))
        async with self.database.transaction(principal.scope) as db:
            await StoredResponseRepository(db, principal.scope).finish(row.id, body)
        return body

    async def cancel(self, principal: Principal, row: StoredResponse) -> Mapping[str, Any]:
        """Stop its run; the response as it is then."""
        if row.following is None:
            return row.body
        run = followed_of(row.following)
        await self.agents.commands.cancel(principal, run.run_id)
        feed = await open_feed(self.agents.streams, principal.scope, run.run_id)
        try:
            async with asyncio.timeout(_ENDS_WITHIN.total_seconds()):
                async for _ in feed.frames():
                    pass
        except TimeoutError:
            pass  # its worker is busy with something: it is told as it is
        finally:
            feed.close()
        return await self.settled(principal, row)


def _told(event: Mapping[str, Any]) -> Mapping[str, Any]:
    details = event["metadata"]["coda"].get("details", {})
    return error_body(answer_of(RelayedError(code=event["code"], message=event["message"], details=details)))
