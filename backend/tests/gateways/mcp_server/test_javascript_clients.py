"""MCP as the official JavaScript clients see it: that of the newest revision, and its predecessor."""

from pathlib import Path

from tests.callers import Caller
from tests.gateways.javascript import run_script

SCRIPT = Path(__file__).parent / "client.mjs"


async def test_tools_chats_and_leaving(base_url: str, caller: Caller, tmp_path: Path) -> None:
    both = await run_script(SCRIPT, base_url, caller, tmp_path)

    assert both.keys() == {"newest", "first"}
    for said in both.values():
        assert {"ask", "calculator"} < set(said["tools"])
        assert said["sum"] == "409.5"
        assert "409.5" in said["answer"]
        assert "calculator is called." in said["told"]
        assert "## Question\n\nWhat is 17.5 % of 2,340?" in said["chat"]
        assert said["prompts"] == ["summarise_chat", "continue_chat", "search_chats"]
        assert said["found"]
        assert said["completed"] >= 1
        assert said["left"]
        assert said["unknown"]["code"] == "tools.unknown"
        assert said["stranger"] in (401, "CLIENT_HTTP_AUTHENTICATION")
