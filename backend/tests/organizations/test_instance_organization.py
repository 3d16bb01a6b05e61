"""The instance's organization is nowhere to be seen, and nobody gets in."""

from httpx import AsyncClient

from coda.auth.endpoints.sign_in import COOKIE
from coda.auth.wiring import build_unit_of_work
from coda.core.scope import INSTANCE_ORG
from coda.identity.wiring import Identity
from tests.callers import Caller, Town
from tests.organizations.test_settings import code_of


class TestInstanceOrganization:
    async def test_is_not_among_ones_organizations(self, client: AsyncClient, town: Town, admin: Caller) -> None:
        operator = await town.settle(admin.principal.org_id, is_operator=True)
        for caller in (admin, operator):
            me = await client.get("/api/v1/me", headers=caller.headers)
            assert str(INSTANCE_ORG) not in me.text

    async def test_cannot_be_switched_to(self, client: AsyncClient, town: Town, admin: Caller) -> None:
        operator = await town.settle(admin.principal.org_id, is_operator=True)
        assert operator.refresh_token is not None
        headers = {"Cookie": f"{COOKIE}={operator.refresh_token}", "Sec-Fetch-Site": "same-origin"}
        body = {"organization_id": str(INSTANCE_ORG)}
        response = await client.post("/api/v1/auth/refresh", json=body, headers=headers)

        assert response.status_code == 403
        assert code_of(response) == "organizations.not_a_member"

    async def test_has_no_name_that_is_told(self, town: Town, identity: Identity, admin: Caller) -> None:
        async with town.transaction(None) as db:
            organizations = build_unit_of_work(db, identity).organizations
            assert await organizations.find_name(INSTANCE_ORG) is None
            assert await organizations.find_name(admin.principal.org_id) is not None
            assert await organizations.list_unknown([INSTANCE_ORG, admin.principal.org_id]) == {INSTANCE_ORG}

    async def test_an_api_key_that_leads_to_it_opens_nothing(
        self, client: AsyncClient, town: Town, admin: Caller
    ) -> None:
        key = await town.key(admin)
        assert (await client.get("/api/v1/me", headers=key.headers)).status_code == 200
        await town.execute(
            "update api_key_index set org_id = :org where key_id = :id",
            org=INSTANCE_ORG,
            id=key.principal.api_key_id,
        )

        assert (await client.get("/api/v1/me", headers=key.headers)).status_code == 401
