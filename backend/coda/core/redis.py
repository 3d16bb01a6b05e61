"""Clients for Redis or Valkey. It may be lost at any moment: callers treat every RedisError as "not now"."""

from collections.abc import Iterable
from contextlib import ExitStack

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

_CONNECT_TIMEOUT = 2.0
_ANSWER_TIMEOUT = 3.0
_READER_GRACE = 1.0


def connect_redis(url: str, *, max_connections: int = 32) -> Redis:
    """A client for short commands. A caller waits for a free connection instead of being refused one."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=max_connections,
        timeout=_ANSWER_TIMEOUT,
        socket_connect_timeout=_CONNECT_TIMEOUT,
        socket_timeout=_ANSWER_TIMEOUT,
        retry=Retry(ExponentialWithJitterBackoff(base=0.02, cap=0.2), retries=1),
    )
    return _client(pool)


def connect_redis_reader(url: str, *, longest_block: float) -> Redis:
    """A client for one reader that blocks up to `longest_block` seconds and wants to know of every lost connection."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=2,
        timeout=_ANSWER_TIMEOUT,
        socket_connect_timeout=_CONNECT_TIMEOUT,
        socket_timeout=longest_block + _READER_GRACE,
        retry=Retry(NoBackoff(), retries=0),
    )
    return _client(pool)


def _client(pool: BlockingConnectionPool) -> Redis:
    kind = pool.connection_class  # by the URL: TCP, TLS or a unix socket
    pool.connection_class = type(kind.__name__, (_LosableConnection, kind), {})
    return Redis.from_pool(pool)


class _LosableConnection(AbstractConnection):
    """Tells of every loss as a ConnectionError, and leaves no open socket behind one."""

    async def connect(self) -> None:
        """Connect; whoever gives up meanwhile leaves nothing half-open."""
        with ExitStack() as undo:
            undo.callback(self._close)
            await super().connect()  # type: ignore[no-untyped-call]  # redis-py types only a part of itself
            undo.pop_all()

    async def _send_packed_command(self, command: Iterable[bytes]) -> None:
        try:
            await super()._send_packed_command(command)
        except RuntimeError as error:  # uvloop's word for a transport that the peer has closed
            raise RedisConnectionError(str(error)) from error
