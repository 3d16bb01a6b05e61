"""How long a server wants to be left alone."""

import email.utils
from collections.abc import Mapping
from typing import Final

from coda.core.clock import now

_LONGEST_WAIT: Final = 600.0


def retry_after_in(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait, from `Retry-After` or `retry-after-ms`."""
    try:
        if "retry-after-ms" in headers:
            return bounded_wait(float(headers["retry-after-ms"]) / 1000)
        value = headers.get("Retry-After")
        if value is None:
            return None
        if value.strip().replace(".", "", 1).isdigit():
            return bounded_wait(float(value))
        return bounded_wait(email.utils.parsedate_to_datetime(value).timestamp() - now().timestamp())
    except ValueError:
        return None


def bounded_wait(seconds: float) -> float:
    """What is believed of it."""
    return min(max(seconds, 0.0), _LONGEST_WAIT)
