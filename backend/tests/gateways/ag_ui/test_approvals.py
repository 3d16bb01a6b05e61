"""Runs that wait for a decision, as a client of AG-UI sees them."""

import json
from pathlib import Path
from typing import Final

import pytest

from coda.core.settings import Settings
from coda.gateways.ag_ui.decisions import decision_of
from coda.gateways.ag_ui.schemas import AgUiResume
from tests.callers import Caller
from tests.gateways.conftest import RunExample
from tests.gateways.javascript import run_script

SCRIPT: Final = Path(__file__).with_name("approvals.mjs")


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    """The calculator asks first."""
    tools = settings.tools.model_copy(update={"need_approval": "calculator"})
    return settings.model_copy(update={"tools": tools})


async def test_interrupts_are_answered(base_url: str, caller: Caller, tmp_path: Path) -> None:
    said = await run_script(SCRIPT, base_url, caller, tmp_path)

    assert said["asked"] == {"reason": "approval", "schema": ["approved"], "call": True}
    assert "409.5" in said["approved"]
    assert json.loads(said["rejected"]["result"])["error"]["code"] == "runs.tool_rejected"
    assert json.loads(said["edited"])["value"] == "5"
    assert said["ignored"] == {"status": 409, "code": "ag_ui.interrupts_open"}
    assert said["nothing"] == {"status": 409, "code": "ag_ui.interrupt_unknown"}


@pytest.mark.parametrize(
    ("payload", "decided"),
    [
        ({"approved": True, "remember": "session"}, ("approve", "session")),
        ({"approved": True, "remember": "everybody"}, ("approve", None)),
        ({"approved": True, "remember": ["me"]}, ("approve", None)),
        ({"approved": False, "remember": "me"}, ("reject", None)),
        (True, ("approve", None)),
    ],
)
def test_what_is_to_be_remembered(payload: object, decided: tuple[str, str | None]) -> None:
    answer = AgUiResume.model_validate({"interruptId": "i", "status": "resolved", "payload": payload})

    decision = decision_of(answer, "c1")

    assert (decision["decision"], decision["remember"]) == decided


async def test_the_example_runs(run_example: RunExample, capsys: pytest.CaptureFixture[str]) -> None:
    await run_example("ag_ui.py")

    told = capsys.readouterr().out
    for said in ("[calls calculator]", "[interrupt]", "409.5", "468", "[success]"):
        assert said in told
