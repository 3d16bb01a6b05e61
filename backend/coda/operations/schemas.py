"""The answers of health and readiness."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Liveness(BaseModel):
    """The process lives."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    status: Literal["ok"] = "ok"


class PartReadiness(BaseModel):
    """One part of the process."""

    ok: bool
    detail: str | None


class Readiness(BaseModel):
    """Every part of the process, and its version."""

    status: Literal["ready", "not_ready"]
    version: str
    checks: dict[str, PartReadiness]
