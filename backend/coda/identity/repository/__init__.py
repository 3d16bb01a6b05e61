"""All SQL of identity; its tables are global (but API keys), so each query names the person it is about."""

from coda.identity.repository.api_keys import ApiKeyRepository
from coda.identity.repository.facts import FactRepository
from coda.identity.repository.links import LinkRepository
from coda.identity.repository.logins import LoginRepository
from coda.identity.repository.tickets import TicketRepository
from coda.identity.repository.users import UserRepository

__all__ = [
    "ApiKeyRepository",
    "FactRepository",
    "LinkRepository",
    "LoginRepository",
    "TicketRepository",
    "UserRepository",
]
