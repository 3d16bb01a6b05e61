"""Routes of signing in and of the caller's own account."""

from fastapi import APIRouter

from coda.auth.endpoints import api_keys, me, sign_in

router = APIRouter()
for part in (sign_in, me, api_keys):
    router.include_router(part.router)
