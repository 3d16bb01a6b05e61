"""Outgoing HTTP: pooled clients that only connect to addresses which the caller's reach allows."""

from coda.core.guarded_http.addresses import Reach, is_reachable
from coda.core.guarded_http.client import OutboundHttp
from coda.core.guarded_http.errors import AddressRefused, AnswerTooLarge, OutboundError, OutboundFailed

__all__ = [
    "AddressRefused",
    "AnswerTooLarge",
    "OutboundError",
    "OutboundFailed",
    "OutboundHttp",
    "Reach",
    "is_reachable",
]
