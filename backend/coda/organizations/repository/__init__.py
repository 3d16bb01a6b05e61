"""All SQL of organizations."""

from coda.organizations.repository.api_keys import ApiKeyRepository
from coda.organizations.repository.memberships import MembershipRepository
from coda.organizations.repository.organizations import OrganizationRepository, SettingsRepository
from coda.organizations.repository.people import PeopleRepository
from coda.organizations.repository.standing import StandingRepository

__all__ = [
    "ApiKeyRepository",
    "MembershipRepository",
    "OrganizationRepository",
    "PeopleRepository",
    "SettingsRepository",
    "StandingRepository",
]
