"""Date and time with zones: now, convert, difference, add, weekday, business days."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from coda.core.clock import now
from coda.core.patterns import Pattern
from coda.tools.builtin.calendar_steps import BUSINESS_UNITS, added, business_days_between
from coda.tools.errors import ToolFailed
from coda.tools.types import Arguments, Check, FunctionTool, ToolCallContext

_OFFSET = Pattern(r"(?i)(?:UTC|GMT)?([+-])([0-9]{1,2})(?::?([0-5][0-9]))?")
_WIDEST_OFFSET = 14


@cache
def _zones_by_key() -> Mapping[str, str]:
    names = sorted(available_timezones())
    cities = {name.rsplit("/", 1)[-1].replace("_", " ").casefold(): name for name in names if "/" in name}
    return {**cities, **{name.casefold(): name for name in names}}


def zone(name: str) -> tzinfo:
    """The zone by IANA name, city or UTC offset; raises ToolFailed."""
    text = name.strip()
    offset = _OFFSET.fullmatch(text)
    if offset and int(offset[2]) <= _WIDEST_OFFSET:
        ahead = timedelta(hours=int(offset[2]), minutes=int(offset.groups()[2] or 0))
        return timezone(-ahead if offset[1] == "-" else ahead)
    known = _zones_by_key().get(text.replace("_", " ").casefold()) or _zones_by_key().get(text.casefold())
    if known is None:
        raise ToolFailed(f"The time zone {name[:60]!r} is not known. Use an IANA name such as Europe/Lisbon.")
    return ZoneInfo(known)


def moment(text: str, default: tzinfo) -> datetime:
    """An aware moment from ISO 8601 text; without an offset it is local time in the default zone."""
    if text.strip().casefold() == "now":
        return now().astimezone(default)
    try:
        parsed = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ToolFailed(f"{text[:60]!r} is not a date or time. Write 2026-11-20 or 2026-11-20T14:30.") from None
    if parsed.tzinfo is not None:
        return parsed
    local = parsed.replace(tzinfo=default)
    if local.astimezone(UTC).astimezone(default).replace(tzinfo=None) != parsed:
        raise ToolFailed(f"{text} does not exist in {default}: the clocks go forward there at that time.")
    return local


def described(value: datetime) -> dict[str, Any]:
    """A moment in all the words that an answer may need."""
    return {
        "iso": value.isoformat(timespec="seconds"),
        "date": value.date().isoformat(),
        "time": value.strftime("%H:%M:%S"),
        "weekday": value.strftime("%A"),
        "zone": value.tzname() or "",
        "utc": value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }


def _now(arguments: Arguments, here: tzinfo) -> dict[str, Any]:
    there = zone(arguments["to_zone"]) if "to_zone" in arguments else here
    return described(now().astimezone(there))


def _convert(arguments: Arguments, here: tzinfo) -> dict[str, Any]:
    value = moment(_need(arguments, "start"), here)
    return described(value.astimezone(zone(_need(arguments, "to_zone"))))


def _difference(arguments: Arguments, here: tzinfo) -> dict[str, Any]:
    start, end = moment(_need(arguments, "start"), here), moment(_need(arguments, "end"), here)
    elapsed = end.astimezone(UTC) - start.astimezone(UTC)
    seconds = elapsed.total_seconds()
    return {
        "seconds": seconds,
        "minutes": round(seconds / 60, 6),
        "hours": round(seconds / 3600, 6),
        "days": round(seconds / 86400, 6),
        "calendar_days": (end.astimezone(here).date() - start.astimezone(here).date()).days,
        "words": _in_words(elapsed),
    }


def _add(arguments: Arguments, here: tzinfo) -> dict[str, Any]:
    value = moment(_need(arguments, "start"), here)
    amount, unit = _need(arguments, "amount"), _need(arguments, "unit")
    try:
        return described(added(value, amount=amount, unit=unit, holidays=_holidays(arguments)))
    except OverflowError:
        raise ToolFailed("The result is outside the years 1 to 9999.") from None


def _weekday(arguments: Arguments, here: tzinfo) -> dict[str, Any]:
    value = moment(_need(arguments, "start"), here)
    year, week, day = value.isocalendar()
    return {
        **described(value),
        "iso_week": f"{year}-W{week:02}",
        "iso_weekday": day,
        "day_of_year": value.timetuple().tm_yday,
    }


def _business_days(arguments: Arguments, here: tzinfo) -> dict[str, Any]:
    start, end = moment(_need(arguments, "start"), here).date(), moment(_need(arguments, "end"), here).date()
    count = business_days_between(start, end, holidays=_holidays(arguments))
    return {
        "business_days": count,
        "calendar_days": (end - start).days,
        "rule": "Monday to Friday without the holidays given, start and end included.",
    }


_OPERATIONS: Mapping[str, Callable[[Arguments, tzinfo], dict[str, Any]]] = {
    "now": _now,
    "convert": _convert,
    "difference": _difference,
    "add": _add,
    "weekday": _weekday,
    "business_days": _business_days,
}


def _need(arguments: Arguments, name: str) -> Any:  # noqa: ANN401 - any JSON value
    if name not in arguments:
        raise ToolFailed(f"{arguments['operation']} needs `{name}`.")
    return arguments[name]


def _holidays(arguments: Arguments) -> frozenset[date]:
    try:
        return frozenset(date.fromisoformat(text) for text in arguments.get("holidays", ()))
    except ValueError as error:
        raise ToolFailed(f"A holiday is not a date: {error}.") from None


def _in_words(elapsed: timedelta) -> str:
    seconds = abs(round(elapsed.total_seconds()))
    parts = []
    for name, length in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count} {name}{'s' if count > 1 else ''}")
    text = " ".join(parts) or "no time"
    return f"{text} earlier" if elapsed < timedelta(0) else text


async def date_time(arguments: Arguments, context: ToolCallContext) -> dict[str, Any]:
    """One operation; times without an offset are in `zone`, else in the caller's zone."""
    here = zone(arguments.get("zone", context.time_zone))
    try:
        return _OPERATIONS[arguments["operation"]](arguments, here)
    except OverflowError:
        raise ToolFailed("The moment is outside the years 1 to 9999.") from None


def check(_arguments: Arguments, result: Any) -> list[Check]:  # noqa: ANN401 - a result is any JSON value
    """A moment given in local time and in UTC must be one and the same."""
    if "iso" not in result:
        return [Check("counted", True, "Counted on the calendar and the clock with zones.")]
    same = datetime.fromisoformat(result["iso"]) == datetime.fromisoformat(result["utc"])
    return [Check("one moment", same, "Local time and UTC name the same moment." if same else "They differ.")]


DATE_TIME = FunctionTool(
    name="date_time",
    title="Checked the calendar",
    description=(
        "Dates and times with zones. operation: now (to_zone?), convert (start, to_zone), difference (start, end), "
        "add (start, amount, unit), weekday (start), business_days (start, end, holidays?). Always use it for the "
        "present time and for date arithmetic. Times without an offset are in `zone`."
    ),
    parameters={
        "type": "object",
        "properties": {
            "operation": {"enum": list(_OPERATIONS)},
            "start": {"type": "string", "maxLength": 64, "description": "ISO 8601 date or time, or now."},
            "end": {"type": "string", "maxLength": 64, "description": "ISO 8601 date or time, or now."},
            "zone": {"type": "string", "maxLength": 64, "description": "Zone of times without offset, IANA name."},
            "to_zone": {"type": "string", "maxLength": 64, "description": "IANA name, for now and convert."},
            "amount": {"type": "integer", "minimum": -1_000_000, "maximum": 1_000_000},
            "unit": {
                "enum": ["seconds", "minutes", "hours", "days", "weeks", "months", "years", *BUSINESS_UNITS],
            },
            "holidays": {"type": "array", "maxItems": 400, "items": {"type": "string", "maxLength": 10}},
        },
        "required": ["operation"],
        "additionalProperties": False,
    },
    result_schema={"type": "object", "minProperties": 1},
    run=date_time,
    check=check,
)
