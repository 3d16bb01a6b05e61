"""Numbers as people of both languages write them, and back."""

from decimal import Decimal, InvalidOperation

from coda.core.patterns import Pattern
from coda.llm.adapters.demo.situation import Language

NUMBER = r"\d+(?:[.,]\d+)*"
_POINT_GROUPS = Pattern(r"\d{1,3}(?:\.\d{3})+")
_COMMA_GROUPS = Pattern(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def read_number(text: str, language: Language) -> str:
    """The number with a decimal point and no grouping: `2,340` is 2340 in English, `2.340` in Portuguese."""
    if "," in text and "." in text:
        decimal = max(text.rfind(","), text.rfind("."))
        return text[:decimal].replace(".", "").replace(",", "") + "." + text[decimal + 1 :]
    if language == "pt":
        return text.replace(".", "") if _POINT_GROUPS.fullmatch(text) else text.replace(",", ".")
    return text.replace(",", "") if _COMMA_GROUPS.fullmatch(text) else text.replace(",", ".")


def shown(value: object, language: Language) -> str:
    """A number for people: grouped by thousands, with the language's decimal sign."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if not number.is_finite() or abs(number.adjusted()) > 20:
        return str(value)
    text = f"{number:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,")) if language == "pt" else text
