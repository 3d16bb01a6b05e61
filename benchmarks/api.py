"""The few calls of Coda's API that the benchmarks make."""

import asyncio
import re
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import aiohttp

_AT_ONCE = 16
_SECONDS = 60


class CodaApi:
    """A signed-in client."""

    def __init__(self, url: str, *, token: str | None = None) -> None:
        self._url, self._token = url, token

    async def __aenter__(self) -> Self:
        self._client = aiohttp.ClientSession(
            self._url, timeout=aiohttp.ClientTimeout(total=_SECONDS), cookie_jar=aiohttp.DummyCookieJar()
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def sign_in(self, *, email: str, password: str) -> str:
        """Sign in; gives the access token."""
        answer = await self.call("POST", "/api/v1/auth/login", {"email": email, "password": password})
        self._token = str(answer["access_token"])
        return self._token

    async def invite(self, *, email: str, password: str) -> str:
        """Let another person join; gives that person's access token."""
        invited = await self.call("POST", "/api/v1/people/invites", {"email": email, "role": "member"})
        acceptance = {"token": re.split(r"[/#=]", invited["link"])[-1], "name": email, "password": password}
        return str((await self.call("POST", "/api/v1/auth/invite", acceptance))["access_token"])

    async def create_sessions(self, count: int) -> list[str]:
        """New chats."""
        slots = asyncio.Semaphore(_AT_ONCE)

        async def create() -> str:
            async with slots:
                return str((await self.call("POST", "/api/v1/sessions", {}))["id"])

        return await asyncio.gather(*(create() for _ in range(count)))

    async def ask(self, session_id: str, *, model: str, content: str) -> dict[str, Any]:
        """Post a message; gives the run, the message and the empty answer."""
        body = {"run_id": str(uuid4()), "message": {"id": str(uuid4()), "content": content}, "model": model}
        asked: dict[str, Any] = await self.call("POST", f"/api/v1/sessions/{session_id}/runs", body)
        return asked

    async def wait_for_end(self, run_id: str) -> None:
        """Follow a run's stream to its end."""
        async with self._client.get(f"/api/v1/runs/{run_id}/events", headers=self._headers()) as answer:
            await _raise_for(answer)
            async for _ in answer.content:
                pass

    async def call(self, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401 - any JSON value
        """One request; raises RuntimeError with the answer's text."""
        async with self._client.request(method, path, json=body, headers=self._headers()) as answer:
            await _raise_for(answer)
            return await answer.json() if answer.content_length else None

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}


async def _raise_for(answer: aiohttp.ClientResponse) -> None:
    if not answer.ok:
        raise RuntimeError(f"{answer.method} {answer.url.path}: {answer.status} {(await answer.text())[:300]}")
