"""Routes for whoever runs the instance."""

from fastapi import APIRouter

from coda.operations.endpoints import admin, health

router = APIRouter()
for part in (health, admin):
    router.include_router(part.router)
