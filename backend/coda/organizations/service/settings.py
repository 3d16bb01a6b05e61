"""What an organization's administrators decide."""

from coda.organizations.repository import SettingsRepository


class SettingsService:
    """Reads and changes the settings of one organization."""

    def __init__(self, settings: SettingsRepository) -> None:
        self._settings = settings

    async def find_default_model(self) -> str | None:
        """The model of new chats; None where the organization leaves it to the instance."""
        settings = await self._settings.find()
        return None if settings is None else settings.default_model

    async def set_default_model(self, model: str | None) -> None:
        """Choose the model of new chats."""
        await self._settings.set_default_model(model)
