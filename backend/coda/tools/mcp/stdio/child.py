"""A running server: requests and their answers by number, whatever else it writes."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import orjson

from coda.core.errors import CodaError
from coda.tools.mcp.conversation import TOOLS_CHANGED
from coda.tools.mcp.messages import Message, is_answer, is_notification, is_request, messages_in
from coda.tools.mcp.stdio.command import Command
from coda.tools.mcp.stdio.errors import ServerEnded, ServerStuck
from coda.tools.mcp.stdio.lines import Line, Lines
from coda.tools.mcp.stdio.log import ServerLog
from coda.tools.mcp.stdio.process import ProcessLimits, ServerProcess
from coda.tools.sources.errors import SourceAnswerInvalid, SourceAnswerTooLarge, SourceError, SourceTimedOut

_PIECE: Final = 65_536
_MOST_UNREAD: Final = 4_000_000
"""Bytes that wait for a server that does not read."""
_MOST_JUNK_TOLD: Final = 20
_LONGEST_JUNK: Final = 200
_LAST_WORDS_SECONDS: Final = 0.5
_PING_SECONDS: Final = 2.0
_METHOD_NOT_FOUND: Final = -32601
_CANCELLED: Final = {"jsonrpc": "2.0", "method": "notifications/cancelled"}

Hear = Callable[[str], None]


class ServerChild:
    """One process and all conversations with it. `junk` counts lines on stdout that are no messages.

    `is_dismissed`: we ended it. `is_doubtful`: a call was not answered. `is_unfit`: it cannot be spoken with.
    """

    def __init__(self, process: ServerProcess, command: Command, log: ServerLog, *, longest: int) -> None:
        self.command, self.log = command, log
        self.junk = 0
        self.is_dismissed = self.is_doubtful = self.is_unfit = False
        self.hearers: set[Hear] = set()
        self.pid = process.pid
        self._process, self._longest = process, longest
        self._number = 0
        self._pending: dict[int, asyncio.Future[Message]] = {}
        self._unheard_change = False
        self._greetings: dict[str, asyncio.Task[Message]] = {}
        self._told_once: set[str] = set()
        self._errors = asyncio.create_task(self._read_stderr())
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, command: Command, limits: ProcessLimits, log: ServerLog, *, longest: int) -> "ServerChild":
        """Start a server of which no line may be longer; raises CommandUnusable."""
        return cls(await ServerProcess.start(command, limits), command, log, longest=longest)

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return not self._reading.done()

    @property
    def ended(self) -> asyncio.Task[None]:
        """Done once it is gone."""
        return self._reading

    async def ask(self, message: Message, *, seconds: float, is_greeting: bool = False) -> Message:
        """The answer to a request, an error among them; raises SourceError. Cancelling it tells the server."""
        self._number += 1
        number = self._number
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._pending[number] = answer
        junk = self.junk
        try:
            async with asyncio.timeout(seconds):
                self._send({**message, "id": number})
                return await answer
        except (TimeoutError, asyncio.CancelledError) as error:
            if not is_greeting:
                self.tell({**_CANCELLED, "params": {"requestId": number, "reason": "Nobody waits for it any more."}})
            if isinstance(error, asyncio.CancelledError):
                raise
            raise (SourceTimedOut(seconds) if self.junk == junk else SourceAnswerInvalid()) from None
        finally:
            del self._pending[number]

    async def greet(self, message: Message, *, seconds: float) -> Message:
        """What it answers to a greeting, which it gets once."""
        method = message["method"]
        if method not in self._greetings:
            task = asyncio.create_task(self.ask(message, seconds=seconds, is_greeting=True))
            task.add_done_callback(_seen)
            self._greetings[method] = task
        return await asyncio.shield(self._greetings[method])

    def tell(self, message: Message, *, is_once: bool = False) -> None:
        """Tell it something that has no answer."""
        if is_once and message["method"] in self._told_once:
            return
        if is_once:
            self._told_once.add(message["method"])
        with suppress(CodaError):
            self._send(message)

    def listen(self, heard: Hear) -> None:
        """Have notifications told to somebody; that tools have changed is kept until somebody listens."""
        self.hearers.add(heard)
        if self._unheard_change:
            self._unheard_change = False
            heard(TOOLS_CHANGED)

    async def answers(self) -> bool:
        """Whether it answers anything at all, an error for instance."""
        self.is_doubtful = False
        with suppress(SourceError):
            await self.ask({"jsonrpc": "2.0", "method": "ping"}, seconds=_PING_SECONDS)
            return True
        return False

    async def end(self) -> None:
        """End it, and wait until it is gone."""
        self.is_dismissed = True
        await self._process.end()
        await asyncio.wait({self._reading, self._errors}, timeout=1)
        for task in (self._reading, self._errors, *self._greetings.values()):
            task.cancel()

    def _send(self, message: Message) -> None:
        transport = self._process.stdin.transport
        if not self.is_alive or transport.is_closing():
            raise ServerEnded(self._process.exit_code, self.log.last_words)
        line = orjson.dumps(message) + b"\n"
        if transport.get_write_buffer_size() + len(line) > _MOST_UNREAD:
            raise ServerStuck
        transport.write(line)

    async def _read(self) -> None:
        lines = Lines(self._longest)
        try:
            while piece := await self._process.stdout.read(_PIECE):
                for line in lines.feed(piece):
                    self._take(line)
        finally:
            self._process.let_go()
            await self._say_that_it_has_ended()

    async def _say_that_it_has_ended(self) -> None:
        await self._process.has_ended(_LAST_WORDS_SECONDS)
        await asyncio.wait({self._errors}, timeout=_LAST_WORDS_SECONDS)
        code, words = self._process.exit_code, self.log.last_words
        self.log.note("ended" if code is None else f"ended with exit code {code}")
        self._fail(lambda: ServerEnded(code, words))

    async def _read_stderr(self) -> None:
        while piece := await self._process.stderr.read(_PIECE):
            self.log.hear(piece)
        self.log.end()

    def _take(self, line: Line) -> None:
        if not line.is_whole:
            self.log.note(f"a line of more than {self._longest:,} bytes on stdout was thrown away")
            self._fail(lambda: SourceAnswerTooLarge(self._longest))
            return
        if not line.text.strip():
            return
        messages = list(messages_in(line.text))
        if not messages:
            self._note_junk(line)
        for message in messages:
            self._take_message(message)

    def _take_message(self, message: Message) -> None:
        waiting = next((each for number, each in self._pending.items() if is_answer(message, number)), None)
        if waiting is not None:
            if not waiting.done():
                waiting.set_result(message)
        elif is_request(message):
            self._reply(message)
        elif is_notification(message):
            for heard in list(self.hearers):
                heard(message["method"])
            self._unheard_change |= not self.hearers and message["method"] == TOOLS_CHANGED

    def _reply(self, request: Message) -> None:
        """We offer it nothing; one that asks and asks and reads no answer is not answered any more."""
        unknown = {"error": {"code": _METHOD_NOT_FOUND, "message": "Method not found"}}
        reply: Mapping[str, Any] = {"result": {}} if request["method"] == "ping" else unknown
        with suppress(CodaError):
            self._send({"jsonrpc": "2.0", "id": request["id"], **reply})

    def _note_junk(self, line: Line) -> None:
        self.junk += 1
        if self.junk <= _MOST_JUNK_TOLD:
            self.log.note(f"not of the protocol, on stdout: {self.log.shown(line, longest=_LONGEST_JUNK)}")

    def _fail(self, error: Callable[[], CodaError]) -> None:
        """Who waits gets an error of their own: it may be told differently to each."""
        for waiting in self._pending.values():
            if not waiting.done():
                waiting.set_exception(error())


def _seen(task: asyncio.Task[Message]) -> None:
    if not task.cancelled():
        task.exception()  # whoever asked may have gone away
