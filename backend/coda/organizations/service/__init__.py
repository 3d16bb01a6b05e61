"""Use cases of organizations: who comes in, who belongs where, with which rights and keys."""

from coda.organizations.service.api_keys import ApiKeyService
from coda.organizations.service.authentication import Authentication
from coda.organizations.service.front_desk import FrontDesk
from coda.organizations.service.link_redemption import LinkRedemption
from coda.organizations.service.memberships import MembershipService
from coda.organizations.service.people import PeopleService
from coda.organizations.service.profile import ProfileService
from coda.organizations.service.settings import SettingsService
from coda.organizations.service.sign_in import SignIn
from coda.organizations.service.sign_up import SignUp
from coda.organizations.service.standing import Standing

__all__ = [
    "ApiKeyService",
    "Authentication",
    "FrontDesk",
    "LinkRedemption",
    "MembershipService",
    "PeopleService",
    "ProfileService",
    "SettingsService",
    "SignIn",
    "SignUp",
    "Standing",
]
