"""Routes of signing in, of the caller, of people and of keys."""

from fastapi import APIRouter

from coda.organizations.endpoints import api_keys, auth, me, people, settings

router = APIRouter()
for part in (auth, me, api_keys, people, settings):
    router.include_router(part.router)
