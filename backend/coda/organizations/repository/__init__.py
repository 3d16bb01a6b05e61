"""All SQL of organizations."""

from coda.organizations.repository.memberships import MembershipRepository
from coda.organizations.repository.organizations import OrganizationRepository, SettingsRepository
from coda.organizations.repository.people import PeopleRepository

__all__ = ["MembershipRepository", "OrganizationRepository", "PeopleRepository", "SettingsRepository"]
