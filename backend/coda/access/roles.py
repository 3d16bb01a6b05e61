"""What people may do in an organization."""

from enum import StrEnum


class Role(StrEnum):
    """What a person may do in one organization."""

    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"
