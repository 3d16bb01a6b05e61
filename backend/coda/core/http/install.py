"""Puts the HTTP floor under an application."""

from collections.abc import Mapping

from fastapi import FastAPI
from starlette.middleware import Middleware

from coda.core.http.answer_headers import AnswerHeaders
from coda.core.http.body_limit import BodyLimit, rules_of
from coda.core.http.cross_origin import CrossOrigin
from coda.core.http.errors import ErrorBoundary, ErrorRenderer, install_error_handlers
from coda.core.http.proxies import ProxyHeaders, TrustedProxies
from coda.core.http.rate_limit_headers import RateLimitHeaders
from coda.core.http.security_headers import SecurityHeaders
from coda.core.settings import Settings


def install_http(app: FastAPI, settings: Settings, renderers: Mapping[str, ErrorRenderer] | None = None) -> None:
    """Error answers, body limit, security headers, proxies.

    Call it after other middleware was added: the last one added is the outermost.
    """
    install_error_handlers(app, renderers)
    # Innermost: what was added before may refuse the body unread.
    app.user_middleware.append(Middleware(BodyLimit, rules=rules_of(settings)))
    app.add_middleware(RateLimitHeaders, requests_per_address=settings.rate_limits.requests_per_address)
    app.add_middleware(ErrorBoundary)
    app.add_middleware(SecurityHeaders, settings=settings)
    app.add_middleware(AnswerHeaders)
    app.add_middleware(CrossOrigin, settings=settings)
    app.add_middleware(ProxyHeaders, proxies=TrustedProxies(settings.trusted_proxies))
