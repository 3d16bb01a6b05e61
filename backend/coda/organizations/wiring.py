"""Builds the services of organizations."""

from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import Scope
from coda.identity.wiring import Identity, build_accounts, build_api_keys, build_facts
from coda.organizations.repository import (
    MembershipRepository,
    OrganizationRepository,
    PeopleRepository,
    SettingsRepository,
)
from coda.organizations.service import (
    MembershipService,
    OrganizationService,
    PeopleService,
    SettingsService,
    SignUp,
)


def build_memberships(db: AsyncSession) -> MembershipService:
    """Where people belong, within a transaction."""
    return MembershipService(MembershipRepository(db))


def build_organizations(db: AsyncSession) -> OrganizationService:
    """The index of organizations, within a transaction."""
    return OrganizationService(OrganizationRepository(db))


def build_sign_up(db: AsyncSession) -> SignUp:
    """New members within a transaction."""
    return SignUp(build_accounts(db), build_facts(db), OrganizationRepository(db), MembershipRepository(db))


def build_people(db: AsyncSession, scope: Scope, identity: Identity) -> PeopleService:
    """The members of one organization."""
    return PeopleService(
        PeopleRepository(db, scope),
        OrganizationRepository(db),
        build_api_keys(db, scope.org_id),
        build_accounts(db),
        identity.logins(db),
        identity.links(db),
    )


def build_settings(db: AsyncSession, scope: Scope) -> SettingsService:
    """The settings of one organization."""
    return SettingsService(SettingsRepository(db, scope))
