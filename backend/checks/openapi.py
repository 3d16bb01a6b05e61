"""The OpenAPI document of what is really served, kept in the repository; `--write` renews it."""

import json
import sys
from pathlib import Path

from coda.core.db import DatabaseUrls
from coda.core.settings import Settings
from coda.main import create_app

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "api" / "openapi.json"


def main() -> int:
    """Write the document, or 1 when the one in the repository is another."""
    text = render()
    if "--write" in sys.argv:
        DOCUMENT.write_text(text)
        return 0
    if not DOCUMENT.exists() or DOCUMENT.read_text() != text:
        sys.stderr.write("docs/api/openapi.json differs from what is served: run `make api`.\n")
        return 1
    return 0


def render() -> str:
    """The document as the application gives it, without connecting to anything."""
    nowhere = "postgresql+asyncpg://nobody@/nowhere"
    urls = DatabaseUrls(owner=nowhere, app=nowhere, system=nowhere, direct=nowhere)
    app = create_app(Settings.model_validate({"secret_key": "not used: no request is made here"}), urls)
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
