"""The application in a process of its own: nothing that it does at random disturbs the one that makes examples."""

import multiprocessing
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from unittest.mock import patch

import uvicorn

from coda.core.db import DatabaseUrls
from coda.core.settings import Settings
from coda.main import create_app

_ENDS_WITHIN = 60.0


@contextmanager
def served_apart(settings: Settings, urls: DatabaseUrls) -> Iterator[str]:
    """Its address; who calls before it is up waits in the line of its socket."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = multiprocessing.get_context("spawn").Process(target=_serve, args=(listening, settings, urls))
        with _unmeasured():
            process.start()
        assert process.pid is not None
        try:
            yield "http://{}:{}".format(*listening.getsockname())
        finally:
            os.kill(process.pid, signal.SIGINT)
            process.join(_ENDS_WITHIN)
    assert process.exitcode == 0


@contextmanager
def _unmeasured() -> Iterator[None]:
    """Does not count what is covered: each route is counted where its own tests are, and this one would be slower."""
    with patch.dict(os.environ):
        for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
            del os.environ[name]
        yield


def _serve(listening: socket.socket, settings: Settings, urls: DatabaseUrls) -> None:
    config = uvicorn.Config(create_app(settings, urls), ws="websockets-sansio", log_config=None, access_log=False)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])
