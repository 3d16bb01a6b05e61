"""Builds identity's services, and holds what they share in one process."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.rate_limit import RateLimiter
from coda.core.security import AccessTokens
from coda.core.settings import Settings
from coda.identity.devices import DeviceCookies
from coda.identity.passwords import Passwords
from coda.identity.repository import (
    ApiKeyRepository,
    FactRepository,
    LinkRepository,
    LoginRepository,
    TicketRepository,
    UserRepository,
)
from coda.identity.service import (
    AccountService,
    ApiKeyService,
    InstanceFacts,
    LinkService,
    LoginService,
    TicketService,
)
from coda.identity.throttle import SignInThrottle


@dataclass(frozen=True, slots=True)
class Identity:
    """One process' signing key, password threads and throttle."""

    settings: Settings
    tokens: AccessTokens
    passwords: Passwords
    throttle: SignInThrottle
    devices: DeviceCookies

    def logins(self, db: AsyncSession) -> LoginService:
        """Logins within a transaction."""
        return LoginService(LoginRepository(db), token_lifetime=self.settings.identity.refresh_token_lifetime)

    def links(self, db: AsyncSession) -> LinkService:
        """One-time links within a transaction."""
        return build_links(db, self.settings)


def build_identity(settings: Settings, limiter: RateLimiter) -> Identity:
    """For the composition root, as `app.state.identity`; raises WeakSecretKey."""
    tokens = AccessTokens(settings.secret_key, lifetime=settings.identity.access_token_lifetime)
    return Identity(
        settings, tokens, Passwords(), SignInThrottle(limiter, settings.identity), DeviceCookies(settings.secret_key)
    )


def build_accounts(db: AsyncSession) -> AccountService:
    """Accounts within a transaction."""
    return AccountService(UserRepository(db))


def build_links(db: AsyncSession, settings: Settings) -> LinkService:
    """One-time links within a transaction."""
    return LinkService(LinkRepository(db), lifetime=settings.identity.link_lifetime)


def build_tickets(db: AsyncSession) -> TicketService:
    """WebSocket tickets within a transaction."""
    return TicketService(TicketRepository(db))


def build_facts(db: AsyncSession) -> InstanceFacts:
    """Facts of the instance within a transaction."""
    return InstanceFacts(FactRepository(db))


def build_api_keys(db: AsyncSession, org_id: UUID) -> ApiKeyService:
    """API keys into one organization, within a transaction that is bound to it."""
    return ApiKeyService(ApiKeyRepository(db, org_id))
