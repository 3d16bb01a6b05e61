"""The organization's settings."""

from uuid import uuid4

from httpx import AsyncClient, Response

from tests.callers import Caller


def code_of(response: Response) -> str:
    code: str = response.json()["error"]["code"]
    return code


class TestOrganizationSettings:
    async def test_are_changed_by_administrators_and_read_by_all(
        self, client: AsyncClient, admin: Caller, viewer: Caller, stranger: Caller
    ) -> None:
        path = "/api/v1/organization/settings"
        assert (await client.get(path, headers=viewer.headers)).json() == {"default_model": None}

        for model in ("demo/coda", "openai/gpt-5"):
            changed = await client.patch(path, json={"default_model": model}, headers=admin.headers)
            assert changed.json() == {"default_model": model}

        assert (await client.patch(path, json={}, headers=admin.headers)).json() == {"default_model": "openai/gpt-5"}
        assert (await client.get(path, headers=viewer.headers)).json() == {"default_model": "openai/gpt-5"}
        assert (await client.get(path, headers=stranger.headers)).json() == {"default_model": None}
        assert (await client.patch(path, json={"default_model": "x/y"}, headers=viewer.headers)).status_code == 403
        cleared = await client.patch(path, json={"default_model": None}, headers=admin.headers)
        assert cleared.json() == {"default_model": None}
        for body in ({"default_model": ""}, {"org_id": str(uuid4())}):
            assert (await client.patch(path, json=body, headers=admin.headers)).status_code == 422
