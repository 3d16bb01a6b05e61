"""Use cases of coming in: sign-in, one-time links, authentication, the caller's profile."""

from coda.auth.service.authentication import Authentication
from coda.auth.service.link_redemption import LinkRedemption
from coda.auth.service.profile import ProfileService
from coda.auth.service.sign_in import SignIn
from coda.auth.service.unit_of_work import UnitOfWork

__all__ = ["Authentication", "LinkRedemption", "ProfileService", "SignIn", "UnitOfWork"]
