"""How often somebody may try: failed sign-ins per account and address, uses of links per address."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from coda.core.networks import home_network
from coda.core.rate_limit import Hit, Limit, RateLimiter, TooManyAttempts
from coda.core.settings import IdentitySettings

_WINDOW: Final = timedelta(minutes=15)


class SignInThrottle:
    """Counts attempts before they are made, so that parallel ones count too; good ones are taken back."""

    def __init__(self, limiter: RateLimiter, settings: IdentitySettings) -> None:
        self._limiter = limiter
        self._per_account = Limit(settings.attempts_per_account, _WINDOW)
        self._per_address = Limit(settings.attempts_per_address, _WINDOW)

    async def count_sign_in(self, account: UUID | str, *, device: str | None, address: str | None) -> Sequence[Hit]:
        """Count one attempt on an account, by its id or by an address that nobody has.

        A device on which its owner has signed in before is counted by itself: what others try, elsewhere or in the same
        network, does not shut it. Raises TooManyAttempts or RateLimiterUnavailable.
        """
        if device is not None:
            return [await self._limiter.hit(f"sign-in:device:{_short(device)}", self._per_account)]
        from_address = await self.count_address(address)
        try:
            on_account = await self._limiter.hit(f"sign-in:account:{_short(str(account))}", self._per_account)
        except TooManyAttempts:
            # A shut account must not shut its whole network.
            await self.forgive(from_address)
            raise
        return [*from_address, on_account]

    async def count_address(self, address: str | None) -> Sequence[Hit]:
        """Count one attempt from an address; raises TooManyAttempts or RateLimiterUnavailable."""
        return [await self._limiter.hit(f"sign-in:address:{home_network(address)}", self._per_address)]

    async def forgive(self, hits: Sequence[Hit]) -> None:
        """Take attempts back: they were good."""
        for hit in hits:
            await self._limiter.forgive(hit)


def _short(name: str) -> str:
    """A name of any length and any letters as a key."""
    return hashlib.sha256(name.strip().casefold().encode("utf-8", "replace")).hexdigest()[:32]
