"""A server that misbehaves as its first argument says; what it knows of the protocol it knows by heart."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

HOW = sys.argv[1]
HELLO = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "bad", "version": "1"}}
TOOLS = {"tools": [{"name": "go", "inputSchema": {"type": "object"}}]}
SAID = {"content": [{"type": "text", "text": "said"}]}
UNKNOWN = {"code": -32601, "message": "Method not found"}
LONG = 600
Asked = dict[str, Any]


def write(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def shout(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def send(**message: object) -> None:
    write(json.dumps({"jsonrpc": "2.0", **message}))


def answer(asked: Asked, result: object = SAID) -> None:
    send(id=asked["id"], result=result)


def junk(asked: Asked) -> None:
    for number in range(50):
        write(f"debug: {number} {os.environ.get('TOKEN')}")
    write('["a list"]')
    write(json.dumps({"jsonrpc": "1.0", "id": asked["id"], "result": {}}))
    send(id=4711, result={})
    send(id="q", method="sampling/createMessage", params={})
    sys.stdout.buffer.write(b"\xff\xfe\n")
    send(method="notifications/tools/list_changed")
    answer(asked)


def large(_: Asked) -> None:
    for _megabyte in range(50):
        sys.stdout.write("x" * 1_000_000)
    write("")


def dies(_: Asked) -> None:
    shout("no more paper")
    sys.exit(3)


def floods(_: Asked) -> None:
    while True:
        send(method="notifications/progress", params={})


def asks(_: Asked) -> None:
    while True:
        send(id=1, method="ping")


def shouts(asked: Asked) -> None:
    for number in range(10_000):
        sys.stderr.write(f"{number} {'y' * 1_000}\n")
    answer(asked)


def deaf(asked: Asked) -> None:
    answer(asked)
    time.sleep(LONG)


def closes(_: Asked) -> None:
    os.close(1)
    time.sleep(LONG)


CALLS: dict[str, Callable[[Asked], object]] = {
    "junk": junk,
    "large": large,
    "dies": dies,
    "floods": floods,
    "asks": asks,
    "shouts": shouts,
    "deaf": deaf,
    "closes": closes,
    "invalid": lambda asked: write(f'{{"jsonrpc": "2.0", "id": {asked["id"]}, "result": {{oops'),
    "large-answer": lambda asked: answer(asked, {"content": [{"type": "text", "text": "x" * 50_000_000}]}),
    "hangs": lambda _: time.sleep(LONG),
    "nothing": lambda asked: answer(asked, {"what": 1}),
    "refuses": lambda asked: send(id=asked["id"], error={"code": -32000, "message": "Not on Sundays. " * 200}),
}


def greet(asked: Asked) -> None:
    if HOW == "hangs-at-initialize":
        time.sleep(LONG)
    answer(asked, {**HELLO, "protocolVersion": "2099-01-01"} if HOW == "future" else HELLO)


def reply(asked: Asked) -> None:
    method = asked["method"]
    if HOW == "strict" and method == "server/discover":
        sys.exit(9)
    if method == "initialize":
        greet(asked)
    elif method == "tools/list" and HOW != "no-tools":
        answer(asked, TOOLS)
    elif method == "tools/call":
        CALLS.get(HOW, answer)(asked)
    elif HOW != "silent-about-unknown":
        send(id=asked["id"], error=UNKNOWN)


def begin() -> None:
    if HOW == "exits":
        shout("cannot find my socks")
        sys.exit(7)
    if HOW == "never-reads":
        time.sleep(LONG)
    if HOW == "forks":
        for _ in range(3):
            sleep = [sys.executable, "-c", "import time; time.sleep(601)"]
            subprocess.Popen(sleep, start_new_session=True)  # noqa: S603 - our own
        sys.exit(5)


begin()
for line in sys.stdin:
    message = json.loads(line)
    if "id" in message:
        reply(message)
