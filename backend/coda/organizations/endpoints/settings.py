"""The organization's settings."""

from fastapi import APIRouter

from coda.core.http.responses import errors
from coda.organizations.dependencies import Settings, SettingsToChange
from coda.organizations.schemas import OrganizationSettings, OrganizationSettingsPatch

router = APIRouter(prefix="/api/v1/organization/settings", tags=["web-app"])


@router.get("", response_model=OrganizationSettings, responses=errors(401))
async def read_organization_settings(settings: Settings) -> OrganizationSettings:
    """What the organization's administrators decided."""
    return OrganizationSettings(default_model=(await settings.read()).default_model)


@router.patch("", response_model=OrganizationSettings, responses=errors(401, 403, 422))
async def update_organization_settings(
    change: OrganizationSettingsPatch, settings: SettingsToChange
) -> OrganizationSettings:
    """Change the organization's settings."""
    if "default_model" in change.model_fields_set:
        await settings.set_default_model(change.default_model)
    return OrganizationSettings(default_model=(await settings.read()).default_model)
