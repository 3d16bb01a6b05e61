"""Use cases of connections to model providers: those of an organization, and those of the instance."""

from coda.llm.service.connections import ConnectionService
from coda.llm.service.listing import ConnectionListing
from coda.llm.service.stores import ConnectionStore, ConnectionStores
from coda.llm.service.trying import try_address, try_connection

__all__ = [
    "ConnectionListing",
    "ConnectionService",
    "ConnectionStore",
    "ConnectionStores",
    "try_address",
    "try_connection",
]
