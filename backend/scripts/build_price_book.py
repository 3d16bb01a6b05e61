"""Makes coda/llm/price_book.json from LiteLLM's offline table, read as a file (importing the package takes seconds)."""

import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

TABLE = "litellm/model_prices_and_context_window_backup.json"
TARGET = Path(__file__).parents[1] / "coda" / "llm" / "price_book.json"
PROVIDERS = (
    "anthropic", "azure", "cerebras", "deepinfra", "deepseek", "fireworks_ai", "gemini", "groq",
    "mistral", "openai", "perplexity", "together_ai", "xai",
)  # fmt: skip
MODES = ("chat", "responses")
MILLION = Decimal(1_000_000)


def main() -> None:
    """Write the book; an optional argument is its date (YYYY-MM-DD), else today."""
    package = distribution("litellm")
    table = json.loads(Path(str(package.locate_file(TABLE))).read_text(), parse_float=Decimal)
    date = sys.argv[1] if len(sys.argv) > 1 else datetime.now(UTC).date().isoformat()
    books: dict[str, dict[str, Any]] = {name: {} for name in PROVIDERS}
    for key, row in table.items():
        provider = row.get("litellm_provider")
        if provider in books and row.get("mode") in MODES:
            books[provider][key.removeprefix(f"{provider}/")] = entry(row)
    book = {"version": date, "source": f"LiteLLM {package.version}", "providers": books}
    TARGET.write_text(compact(book))


def entry(row: dict[str, Any]) -> dict[str, Any]:
    """One model: prices in USD per million tokens (a price of zero is an unknown one), sizes, abilities."""
    found: dict[str, Any] = {}
    prices = {
        "input": per_million(row, "input_cost_per_token"),
        "output": per_million(row, "output_cost_per_token"),
        "cached": per_million(row, "cache_read_input_token_cost"),
    }
    if prices["input"] and prices["output"]:
        found.update({name: price for name, price in prices.items() if price})
        found.update(tier(row))
    sizes = {"window": row.get("max_input_tokens"), "max_output": row.get("max_output_tokens")}
    found.update({name: int(size) for name, size in sizes.items() if isinstance(size, int)})
    abilities = {"tools": "supports_function_calling", "reasoning": "supports_reasoning", "vision": "supports_vision"}
    found["can"] = [name for name, flag in abilities.items() if row.get(flag)]
    return found


def tier(row: dict[str, Any]) -> dict[str, Any]:
    """The price of a long prompt, where the provider has one."""
    for thousands in (128, 200, 256, 272):
        suffix = f"_above_{thousands}k_tokens"
        found = {
            "input": per_million(row, f"input_cost_per_token{suffix}"),
            "output": per_million(row, f"output_cost_per_token{suffix}"),
            "cached": per_million(row, f"cache_read_input_token_cost{suffix}"),
        }
        if found["input"] and found["output"]:
            return {"long": {"above": thousands * 1000, **{name: price for name, price in found.items() if price}}}
    return {}


def per_million(row: dict[str, Any], field: str) -> str | None:
    """A price as a decimal string, None where it is missing or zero."""
    value = row.get(field)
    if not isinstance(value, Decimal | int) or isinstance(value, bool) or not value:
        return None
    return f"{(Decimal(value) * MILLION).normalize():f}"


def compact(book: dict[str, Any]) -> str:
    """JSON with one model a line, so that changes can be read."""
    lines = [f'{{\n"version": {json.dumps(book["version"])},\n"source": {json.dumps(book["source"])},\n"providers": {{']
    for at, (provider, models) in enumerate(sorted(book["providers"].items())):
        rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in sorted(models.items()))
        end = "," if at < len(book["providers"]) - 1 else ""
        lines.append(f"{json.dumps(provider)}: {{\n{rows}\n}}{end}")
    return "\n".join([*lines, "}\n}"]) + "\n"


if __name__ == "__main__":
    main()
