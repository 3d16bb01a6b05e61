"""AG-UI over HTTP, as the HttpAgent of @ag-ui/client sees it."""

from pathlib import Path

from tests.callers import Caller
from tests.gateways.javascript import run_script

HERE = Path(__file__).parent


async def test_threads_runs_and_errors(base_url: str, caller: Caller, tmp_path: Path) -> None:
    said = await run_script(HERE / "client.mjs", base_url, caller, tmp_path)

    first = said["first"]
    assert (first["opens"], first["ends"]) == ("RUN_STARTED", "RUN_FINISHED")
    assert first["calls"] == ["calculator"]
    assert {"user", "assistant", "tool", "reasoning"} == set(first["roles"])
    assert "409.5" in first["said"]
    assert "468" in said["second"]["said"]
    assert said["second"]["questions"] == 2
    assert said["again"] == {"same": True, "count": 1}
    assert "7" in said["brought"]["said"]
    assert said["tool"] == {
        "outcome": "success",
        "name": "get_weather",
        "arguments": '{"city": "Oslo"}',
        "said": "It is 7 degrees in Oslo.",
        "results": 1,
    }
    assert said["left"] == "Hello there, this is a plain answer."
    assert said["stranger"] == {"status": 401, "code": "organizations.invalid_api_key"}
    assert said["empty"] == {"status": 422, "code": "ag_ui.nothing_to_run"}
    assert said["unknown"] == {"status": 404, "code": "llm.model_not_found"}
    assert said["error"] == "llm.stream_cut"
