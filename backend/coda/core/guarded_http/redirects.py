"""Redirects of requests that carry a secret: followed where the method stays, and nobody else gets it."""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import aiohttp

from coda.core.guarded_http.client import check_url
from coda.core.guarded_http.hosts import in_usual_form

_SAME_METHOD: Final = (307, 308)
_MOST: Final = 3


async def request_within(
    is_within: Callable[[str, str], bool],
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    body: Callable[[], Any],
    **how: Any,  # noqa: ANN401 - what aiohttp takes
) -> aiohttp.ClientResponse:
    """The response to a request, behind redirects that stay within; one that does not is the response.

    Raises OutboundFailed for what is no address, and what aiohttp raises.
    """
    for _ in range(_MOST):
        check_url(url)
        response = await session.request(method, in_usual_form(url), data=body(), allow_redirects=False, **how)
        target = urljoin(url, response.headers.get("Location", ""))
        if response.status not in _SAME_METHOD or not is_within(url, target):
            break
        response.close()
        url = target
    return response


def is_same_host(url: str, target: str) -> bool:
    """Also with TLS where there was none: a proxy that only wants the other scheme."""
    one, other = urlsplit(url), urlsplit(target)
    is_no_worse = other.scheme == one.scheme or other.scheme == "https"
    return one.hostname == other.hostname and is_no_worse


def is_same_origin(url: str, target: str) -> bool:
    """The same port too; also with TLS where there was none, both at their usual ports."""
    one, other = urlsplit(url), urlsplit(target)
    is_upgrade = (one.scheme, one.port, other.scheme, other.port) == ("http", None, "https", None)
    is_same = (one.scheme, one.port) == (other.scheme, other.port)
    return one.hostname == other.hostname and (is_same or is_upgrade)
