"""Routes of an organization's people and settings."""

from fastapi import APIRouter

from coda.organizations.endpoints import people, settings

router = APIRouter()
for part in (people, settings):
    router.include_router(part.router)
