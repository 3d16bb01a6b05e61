"""Starts one command with limits, and ends all that came of it: when it exits, and when the parent is gone.

Run by path with `python -I -S`, so it imports nothing of ours. Its first argument is the reading end of a pipe that
only the parent holds open: it breaks when the parent closes it and when the parent is killed.
"""

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import sys
import time

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_GRACE = 1.0
"""Seconds between asking a command to end and killing it."""
_KILLING = 10.0
_TURN = 0.02
_NOT_STARTED = 127
_IS_LINUX = sys.platform == "linux"


def main(lifeline: int, limits: dict[str, int], command: list[str]) -> int:
    """The exit code of the command."""
    os.set_inheritable(lifeline, False)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the pipe alone says when to end
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    if _IS_LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    child = os.fork()
    if child == 0:
        _become(limits, command)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    code = _watch(child, lifeline, woken)
    _kill_all(child)
    return code


def _become(limits: dict[str, int], command: list[str]) -> None:
    os.setsid()
    if _IS_LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for name, most in limits.items():
            kind: int = getattr(resource, name)
            _, hardest = resource.getrlimit(kind)
            least = most if hardest == resource.RLIM_INFINITY else min(most, hardest)
            resource.setrlimit(kind, (least, least))
        os.execvp(command[0], command)  # noqa: S606 - a shell is what must not be between
    except (OSError, ValueError) as error:
        os.write(2, f"{command[0]}: {error}\n".encode())
    os._exit(_NOT_STARTED)


def _watch(child: int, lifeline: int, woken: int) -> int:
    """Wait for the child; once the parent is gone, ask it to end and wait for a moment."""
    poll = select.poll()
    poll.register(lifeline, select.POLLIN)
    poll.register(woken, select.POLLIN)
    ends_at: float | None = None
    while (code := _exit_code(child)) is None:
        left = None if ends_at is None else ends_at - time.monotonic()
        if left is not None and left <= 0:
            break
        ready = {number for number, _ in poll.poll(None if left is None else left * 1000)}
        if woken in ready:
            os.read(woken, 1024)
        if lifeline in ready:
            poll.unregister(lifeline)
            ends_at = time.monotonic() + _GRACE
            _signal_group(child, signal.SIGTERM)
    return _NOT_STARTED if code is None else code


def _exit_code(child: int) -> int | None:
    """Of the child, once it has ended; others that have ended are forgotten on the way."""
    with contextlib.suppress(ChildProcessError):
        while True:
            ended, status = os.waitpid(-1, os.WNOHANG)
            if ended == 0:
                return None
            if ended == child:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code
    return _NOT_STARTED


def _kill_all(child: int) -> None:
    """Whatever is left: the group, and on Linux those who left it too, who are given to us once their parents end."""
    until = time.monotonic() + _KILLING
    _signal_group(child, signal.SIGKILL)
    while _IS_LINUX and time.monotonic() < until:
        for each in _children():
            with contextlib.suppress(OSError):
                os.kill(each, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(_TURN)


def _children() -> list[int]:
    found = []
    for name in os.listdir("/proc"):
        if name.isdecimal():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
                if int(file.read().rpartition(b")")[2].split()[1]) == os.getpid():
                    found.append(int(name))
    return found


def _signal_group(child: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.killpg(child, number)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:]))
