"""What one person knows of a chat session that is asked, changed and controlled in any order."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.chaos.audit import everything
from tests.chaos.cluster import Cluster, until
from tests.runs.tab import Tab

Json = dict[str, Any]
OVER = ("finished", "failed", "cancelled")
_PATIENCE = 120.0
_MOMENT = 0.5
_TOLD = ("id", "message_id", "status", "paused", "queue", "last_seq")
_QUEUE = """
    select q.run_id, q.state, q.command, q.attempt, q.fence, q.worker_id, q.after_message_id,
           extract(epoch from q.lease_until - now())::float as lease_left
      from run_queue q join runs r on r.id = q.run_id where r.session_id = $1
"""
_WORKERS = "select id, pid, extract(epoch from now() - seen_at)::float as silent_for from workers"


@dataclass
class Asked:
    """An acknowledged request for an answer. `question_id` and `content` are of the question that it answers."""

    frame: Json
    question_id: str
    content: str
    parent_id: str | None
    answer_id: str
    run_ids: list[str]
    steers: list[str] = field(default_factory=list)


@dataclass
class Conversation:
    """A chat session, two tabs on it, and everything that was acknowledged to them."""

    site: Cluster
    http: httpx.AsyncClient
    session_id: str
    tabs: Sequence[Tab]
    asked: list[Asked] = field(default_factory=list)
    leaf_id: str | None = None

    async def ask(self, tab: Tab, content: str, **more: Any) -> Asked:  # noqa: ANN401 - fields of a start
        """Ask a question, below the active leaf or where `parent_id` says; the other tab follows."""
        parent_id = more.get("parent_id", self.leaf_id)
        message = {"id": str(uuid4()), "content": content}
        ack = await self._start(tab, message=message, **more)
        assert ack["message"]["id"] == message["id"]
        assert ack["message"]["parent_id"] == parent_id
        return self._remember(ack, content=content, parent_id=parent_id)

    async def regenerate(self, tab: Tab, known: Asked) -> Asked:
        """Ask the same question again."""
        ack = await self._start(tab, regenerate=known.answer_id)
        return self._remember(ack, content=known.content, parent_id=known.parent_id)

    async def repeat(self, tab: Tab, known: Asked) -> None:
        """Send an acknowledged request once more: nothing new comes of it. With other content it is refused."""
        ack = await tab.ask("start", **known.frame)
        assert ack["run"]["id"] == known.run_ids[0]
        assert ack["assistant"]["id"] == known.answer_id
        if "message" in known.frame:
            other = known.frame | {"message": {**known.frame["message"], "content": "Something else"}}
            assert (await tab.ask("start", **other))["error"]["code"] == "runs.id_taken"

    async def control(self, tab: Tab, op: str, known: Asked, *allowed: str, **more: Any) -> bool:  # noqa: ANN401 - fields
        """A command to the newest run of an answer: acknowledged, or refused for one of the allowed reasons."""
        reply = await tab.ask(op, run_id=known.run_ids[-1], **more)
        if reply["op"] == "error":
            assert reply["error"]["code"] in allowed, reply
            return False
        run_id = reply["run"]["id"]
        if run_id not in known.run_ids:
            known.run_ids.append(run_id)
            self._follow(run_id, besides=tab)
        return True

    async def rewrite(self, tab: Tab, known: Asked, content: str) -> None:
        """Give the question of a waiting run another text."""
        refusals = ("runs.already_started", "runs.question_shared")
        if await self.control(tab, "edit", known, *refusals, content=content):
            known.content = content

    async def remove(self, tab: Tab, known: Asked) -> None:
        """Take a waiting run out: what stands below moves up, and its ids stay taken."""
        run_id = known.run_ids[-1]
        reply = await tab.ask("remove", run_id=run_id)
        if reply["op"] == "error":
            assert reply["error"]["code"] == "runs.already_started", reply
            return
        self.asked.remove(known)
        for other in self.asked:
            if other.parent_id == known.answer_id:
                other.parent_id = known.parent_id
        for each in self.tabs:
            each.forget(run_id)
        assert (await tab.ask("remove", run_id=run_id))["op"] == "ack"
        assert (await tab.ask("start", **known.frame))["error"]["code"] == "runs.id_taken"
        self.leaf_id = (await self.get(f"/api/v1/sessions/{self.session_id}/tree"))["active_leaf_id"]

    async def watch(self, tab: Tab) -> None:
        """Read on until something more has come; for a moment at most, as it may wait for a person."""
        seen = tab.count()
        with suppress(TimeoutError):
            await until(lambda: tab.count() > seen, within=_MOMENT)

    async def run(self, known: Asked) -> Json:
        """The newest run of an answer as it is now."""
        return await self.get(f"/api/v1/runs/{known.run_ids[-1]}")

    async def get(self, path: str) -> Json:
        """Read something over HTTP."""
        return (await self.http.get(path)).raise_for_status().json()  # type: ignore[no-any-return]  # all are objects

    async def settle(self) -> None:
        """Let go whatever waits for a person, and return once every answer is over and both tabs have seen it."""
        for tab in self.tabs:
            tab.come_back()
        await self.site.tend()
        await until(self._is_over, within=_PATIENCE)
        for tab in self.tabs:
            await tab.caught_up()

    async def state(self) -> Json:
        """Who waits for whom, for the reader of a failure."""
        async with everything(self.site) as database:
            queue = [dict(row) for row in await database.fetch(_QUEUE, UUID(self.session_id))]
            workers = [dict(row) for row in await database.fetch(_WORKERS)]
        return {
            "runs": [{name: (await self.run(known))[name] for name in _TOLD} for known in self.asked],
            "queue": queue,
            "tabs": [tab.waits_for() for tab in self.tabs],
            "workers": workers,
            "processes": [
                (member.command, member.pid, f"alive {member.is_alive}", f"ready {member.is_ready}")
                for member in (*self.site.servers, *self.site.workers)
            ],
        }

    async def _is_over(self) -> bool:
        runs = [(known, await self.run(known)) for known in self.asked]
        for known, run in runs:
            waits_for = (run["queue"] or {}).get("waits_for")
            if run["paused"] or run["status"] == "interrupted" or waits_for == "person":
                await self.control(self.tabs[0], "resume", known, "runs.not_paused")
        return all(run["status"] in OVER for _, run in runs)

    async def _start(self, tab: Tab, **more: Any) -> Json:  # noqa: ANN401 - fields of a start
        frame = {"session_id": self.session_id, "run_id": str(uuid4()), "model": "demo/coda", **more}
        ack = await tab.ask("start", **frame)
        assert ack["op"] == "ack", ack
        self._follow(ack["run"]["id"], besides=tab)
        return ack | {"frame": frame}

    def _follow(self, run_id: str, *, besides: Tab) -> None:
        for tab in self.tabs:
            if tab is not besides:
                tab.follow_later(run_id)

    def _remember(self, ack: Json, *, content: str, parent_id: str | None) -> Asked:
        answer = ack["assistant"]
        known = Asked(ack["frame"], answer["parent_id"], content, parent_id, answer["id"], [ack["run"]["id"]])
        self.asked.append(known)
        self.leaf_id = answer["id"]
        return known


async def assert_nothing_lost(chat: Conversation) -> None:
    """Every acknowledged question and answer is in the tree, where it was put, once; and nothing else is."""
    nodes = (await chat.get(f"/api/v1/sessions/{chat.session_id}/tree"))["nodes"]
    parents = {node["id"]: node["parent_id"] for node in nodes}
    expected = {known.question_id: known.parent_id for known in chat.asked}
    expected |= {known.answer_id: known.question_id for known in chat.asked}
    assert len(nodes) == len(parents)
    assert parents == expected


async def assert_as_fetched(chat: Conversation) -> None:
    """Once all is quiet: what both tabs show is what a fresh fetch shows, and every stream is whole."""
    stored: dict[str, Json] = {}
    for known in chat.asked:
        if known.answer_id not in stored:
            page = await chat.get(f"/api/v1/sessions/{chat.session_id}/messages?leaf_id={known.answer_id}&limit=200")
            stored |= {message["id"]: message for message in page["items"]}
    for known in chat.asked:
        message, question = stored[known.answer_id], stored[known.question_id]
        assert "".join(part["text"] for part in question["content"]) == known.content
        steers = [part["text"] for part in message["content"] if part["type"] == "steer"]
        assert sorted(steers) == sorted(known.steers), (steers, known.steers)
        for tab in chat.tabs:
            _assert_shown(tab, known, message)


def _assert_shown(tab: Tab, known: Asked, message: Json) -> None:
    for run_id in known.run_ids:
        seqs = [event["metadata"]["coda"]["seq"] for event in tab.events.get(run_id, ())]
        assert seqs == list(range(1, len(seqs) + 1)), f"{run_id}: {seqs}"
    state = tab.state(known.answer_id)
    assert state.parts == message["content"], (known.run_ids, state.parts, message["content"])
    if not (state.status == "waiting" and message["status"] == "stopped"):  # that is told by a note, not by an event
        assert state.status == message["status"]
        assert state.timing is not None
        assert state.timing["total_ms"] == message["timing"]["total_ms"]
