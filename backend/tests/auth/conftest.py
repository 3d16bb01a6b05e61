"""The routes of sign-in and organizations, and people to use them."""

from tests.auth.site import admin, app, authenticator, client, identity, member, org_id, stranger, town, viewer

__all__ = ["admin", "app", "authenticator", "client", "identity", "member", "org_id", "stranger", "town", "viewer"]
