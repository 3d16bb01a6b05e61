"""The caller's API keys."""

from uuid import UUID

from fastapi import APIRouter

from coda.auth.dependencies import AccountReader, AccountWriter, ApiKeys, KeyMaker
from coda.auth.schemas import ApiKey, ApiKeyCreate, ApiKeyCreated, ApiKeyPage
from coda.core.http.responses import PageCursor, PageLimit, errors
from coda.core.pagination import Page
from coda.identity.models import ApiKey as StoredKey

router = APIRouter(prefix="/api/v1/api-keys", tags=["api-keys"])


@router.get("", response_model=ApiKeyPage, responses=errors(401, 422))
async def list_api_keys(
    principal: AccountReader, keys: ApiKeys, cursor: PageCursor = None, limit: PageLimit = 50
) -> Page[StoredKey]:
    """The caller's API keys."""
    return await keys.list_live(principal.user_id, cursor=cursor, limit=limit)


@router.post("", status_code=201, response_model=ApiKeyCreated, responses=errors(401, 403, 422))
async def create_api_key(body: ApiKeyCreate, principal: KeyMaker, keys: ApiKeys) -> ApiKeyCreated:
    """Make an API key; it works as Bearer on every route."""
    key, secret = await keys.create(
        principal.user_id, name=body.name, scopes=body.ordered_scopes(), expires_at=body.expires_at
    )
    return ApiKeyCreated(**ApiKey.model_validate(key).model_dump(), key=secret)


@router.delete("/{key_id}", status_code=204, responses=errors(401, 403, 404, 422))
async def revoke_api_key(key_id: UUID, principal: AccountWriter, keys: ApiKeys) -> None:
    """Revoke an API key."""
    await keys.revoke(principal.user_id, key_id)
