"""Use cases of organizations: who belongs where, with which role, and what administrators decide."""

from coda.organizations.service.memberships import MembershipService
from coda.organizations.service.organizations import OrganizationService
from coda.organizations.service.people import PeopleService
from coda.organizations.service.settings import SettingsService
from coda.organizations.service.sign_up import SignUp

__all__ = ["MembershipService", "OrganizationService", "PeopleService", "SettingsService", "SignUp"]
