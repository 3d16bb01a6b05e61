"""Asking over a socket whose server stands behind bad wires, and comparing what was seen with what is stored."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from coda.core.ids import new_id
from tests.contract.reducer import MessageState
from tests.contract.rules import assert_ordered
from tests.runs.conftest import Person
from tests.runs.site import Line
from tests.runs.waiting import until_async

PATIENCE = 40.0
"""Seconds for everything that ends by a time limit; far more than any of them."""
_STORED = text("select seq from run_events where run_id = :run_id order by seq")


async def begin(line: Line, person: Person, *, model: str) -> dict[str, Any]:
    """Ask in a new session; gives the ack."""
    return await line.ask(
        "start",
        session_id=await person.new_session(),
        run_id=new_id(),
        message={"content": "Write a long text about rivers"},
        model=model,
    )


async def heard(line: Line, words: int) -> None:
    """Read until so many pieces of text have come."""
    while sum(event["type"] == "TEXT_MESSAGE_CONTENT" for event in line.events) < words:
        await line.read()


async def assert_seen_as_stored(person: Person, ack: dict[str, Any], seen: list[dict[str, Any]]) -> MessageState:
    """What the socket gave is whole and in order, and shows what a fresh fetch shows; gives that."""
    assert_ordered(seen, after=0, ended=True)
    state = MessageState().apply_all(seen)
    message = await person.message(UUID(ack["assistant"]["id"]))
    assert state.parts == message.content
    assert state.status == message.status
    async with person.database.system() as connection:
        seqs = list(await connection.scalars(_STORED, {"run_id": UUID(ack["run"]["id"])}))
    assert seqs == list(range(1, state.last_seq + 1))
    return state


async def over(person: Person, ack: dict[str, Any]) -> str:
    """The status of the run once it is over, as the database has it."""
    run_id = UUID(ack["run"]["id"])

    async def is_over() -> bool:
        return (await person.run(run_id)).finished_at is not None

    await until_async(is_over, within=PATIENCE)
    return (await person.run(run_id)).status


def text_of(state: MessageState) -> str:
    """The words of an answer."""
    return "".join(part["text"] for part in state.parts if part["type"] == "text")
