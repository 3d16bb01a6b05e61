"""What an organization's administrators decide."""

from collections.abc import Awaitable, Callable

from coda.organizations.repository import SettingsRepository
from coda.organizations.types import SettingsValues


class SettingsService:
    """Reads and changes the settings of one organization. `announce` tells every process of a change at its commit."""

    def __init__(self, settings: SettingsRepository, announce: Callable[[], Awaitable[None]]) -> None:
        self._settings, self._announce = settings, announce

    async def read(self) -> SettingsValues:
        """The settings as they are stored."""
        return await self._settings.read()

    async def set_default_model(self, model: str | None) -> None:
        """Choose the model of new chats; None leaves it to the instance."""
        await self._settings.set_default_model(model)
        await self._announce()
