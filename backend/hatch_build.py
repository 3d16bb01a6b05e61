"""Puts the migrations and the built web app into the wheel; an editable install finds them beside the package."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShipWholeApp(BuildHookInterface):  # type: ignore[type-arg]  # hatchling names its parameter differently by version
    """Adds what lies outside the package's own folder."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it builds."""
        if version != "standard":
            return
        top = Path(self.root).parent
        web_app = top / "frontend" / "dist"
        if not (web_app / "index.html").is_file():
            raise FileNotFoundError("frontend/dist is missing: build the web app first (npm run build)")
        build_data["force_include"] = {str(top / "migrations"): "coda/_migrations", str(web_app): "coda/_web"}
