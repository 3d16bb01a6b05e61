"""A worker process: reads calls on stdin, one after the other, and writes what each has given to stdout.

It is started by path with `python -I`, sees no environment, and ends with its parent: at the end of stdin, and on a
lost parent even while it works. A message is its length in 8 bytes, then JSON.
"""

import ctypes
import os
import resource
import signal
import sys
import threading
import time
import traceback
from importlib import import_module
from typing import Any, BinaryIO

import orjson

LENGTH_BYTES = 8
_PR_SET_PDEATHSIG = 1
_LOOK_EVERY = 0.5


def main(parent: int, memory_bytes: int) -> None:
    """Work until there is nothing more to read."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what a library prints is no answer
    _end_with(parent)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform != "darwin":  # macOS refuses it
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    while (call := _read(sys.stdin.buffer)) is not None:
        _limit_processor_time(call["seconds"])
        answer = _answer(call)
        answers.write(len(answer).to_bytes(LENGTH_BYTES, "big") + answer)
        answers.flush()


def _read(source: BinaryIO) -> dict[str, Any] | None:
    head = source.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    call: dict[str, Any] = orjson.loads(source.read(int.from_bytes(head, "big")))
    return call


def _answer(call: dict[str, Any]) -> bytes:
    """The function's value; a sentence where it could not; what was wrong where it broke."""
    from coda.tools.errors import ToolFailed

    module, _, name = call["function"].partition(":")
    try:
        return orjson.dumps({"value": getattr(import_module(module), name)(call["argument"])})
    except ToolFailed as error:
        return orjson.dumps({"failed": error.message, "details": dict(error.details)})
    except MemoryError:
        os._exit(1)  # whatever is left of the memory is no place to work in
    except Exception:  # noqa: BLE001 - the parent tells of it
        return orjson.dumps({"broken": traceback.format_exc()})


def _limit_processor_time(seconds: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 1, most))


def _end_with(parent: int) -> None:
    """A parent that is killed tells nobody: Linux does, elsewhere it has to be looked for."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY)
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
