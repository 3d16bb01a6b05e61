"""Whether a Redis answers; apart from the other looks at the settings, as its client takes 24 MB to load."""

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from coda.core.redis import connect_redis
from coda.operations.errors import ConfigurationWrong
from coda.operations.types import Verdict


async def ask(url: str) -> tuple[Verdict, str]:
    """Whether it is there; raises ConfigurationWrong."""
    client = client_of(url)
    try:
        await client.ping()
    except (OSError, RedisConnectionError) as error:
        return "wrong", f"does not answer ({error})"
    except RedisError as error:
        return "wrong", f"refuses ({error})"
    finally:
        await client.aclose()
    return "ok", "answers"


def client_of(url: str) -> Redis:
    """A client of what lies at this address; raises ConfigurationWrong where it is none."""
    try:
        return connect_redis(url)
    except (ValueError, RedisError):
        raise ConfigurationWrong(["CODA_REDIS_URL is not an address like redis://127.0.0.1:6379/0"]) from None
