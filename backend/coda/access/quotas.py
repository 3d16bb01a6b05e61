"""Which quotas a caller has, and counting a request or a command against them: once, when it is known who calls."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.types import Scope

from coda.access.principal import Principal
from coda.core.http.rate_limit_headers import VERDICT
from coda.core.networks import home_network, is_loopback
from coda.core.request_limits import Quota, RequestLimits, Verdict, counter_key
from coda.core.settings import RateLimitSettings
from coda.core.tokens_spent import TokensSpent


@dataclass(frozen=True, slots=True)
class Quotas:
    """Counts for callers, as `app.state.quotas`."""

    limits: RequestLimits
    settings: RateLimitSettings

    async def count_request(self, scope: Scope, principal: Principal) -> None:
        """Count an HTTP request, however often its caller is asked for; raises RateLimited."""
        if VERDICT in scope:
            return
        client = scope.get("client")
        scope[VERDICT] = verdict = await self._take(principal, client[0] if client else None)
        verdict.require()

    async def count_command(self, principal: Principal) -> None:
        """Count a command of a socket; raises RateLimited."""
        (await self._take(principal, None)).require()

    def spend(self, spent: TokensSpent) -> None:
        """Count tokens that a model has read or written for somebody."""
        subjects = {"organization": spent.org_id, "person": spent.user_id, "key": spent.api_key_id}
        keys = [counter_key(name, "tokens", str(subject)) for name, subject in subjects.items() if subject is not None]
        self.limits.spend(keys, spent.tokens)

    async def _take(self, principal: Principal, address: str | None) -> Verdict:
        return await self.limits.take(self._quotas_of(principal, address))

    def _quotas_of(self, principal: Principal, address: str | None) -> Sequence[Quota]:
        own = self.settings
        quotas = [
            Quota("person", "requests", str(principal.user_id), own.requests_per_person, 1),
            Quota("organization", "requests", str(principal.org_id), own.requests_per_organization, 1),
            Quota("person", "tokens", str(principal.user_id), own.tokens_per_person, 0),
            Quota("organization", "tokens", str(principal.org_id), own.tokens_per_organization, 0),
        ]
        if principal.api_key_id is not None:
            quotas += [
                Quota("key", "requests", str(principal.api_key_id), own.requests_per_key, 1),
                Quota("key", "tokens", str(principal.api_key_id), own.tokens_per_key, 0),
            ]
        if address is not None and not is_loopback(address):
            quotas.append(Quota("address", "requests", home_network(address), own.requests_per_address, 1))
        return [quota for quota in quotas if quota.limit]
