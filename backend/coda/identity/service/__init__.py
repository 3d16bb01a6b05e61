"""Use cases of identity, one class per aggregate."""

from coda.identity.service.accounts import AccountService
from coda.identity.service.api_keys import ApiKeyService
from coda.identity.service.facts import InstanceFacts
from coda.identity.service.links import LinkService
from coda.identity.service.logins import LoginService
from coda.identity.service.tickets import TicketService

__all__ = ["AccountService", "ApiKeyService", "InstanceFacts", "LinkService", "LoginService", "TicketService"]
