"""Steps on the calendar: months that end early, clocks that change, business days."""

from calendar import monthrange
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta

from coda.tools.errors import ToolFailed

BUSINESS_UNITS = ("business_days",)
MOST_BUSINESS_DAYS = 100_000
_CLOCK_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}
_SATURDAY = 5


def added(start: datetime, *, amount: int, unit: str, holidays: AbstractSet[date] = frozenset()) -> datetime:
    """Hours are counted on the clock, days and longer on the calendar (the same time of day). Raises OverflowError."""
    if unit in _CLOCK_SECONDS:
        later = start.astimezone(UTC) + timedelta(seconds=amount * _CLOCK_SECONDS[unit])
        return later.astimezone(start.tzinfo)
    match unit:
        case "days" | "weeks":
            return _settled(start + timedelta(days=amount * (7 if unit == "weeks" else 1)))
        case "months" | "years":
            return _settled(_months_later(start, amount * (12 if unit == "years" else 1)))
        case _:
            return _settled(_business_days_later(start, amount, holidays))


def _settled(value: datetime) -> datetime:
    """A time of day that the clocks skip moves on to the one that exists."""
    return value.astimezone(UTC).astimezone(value.tzinfo)


def _months_later(start: datetime, months: int) -> datetime:
    """The same day of the month, or the month's last day where there is none (31 January + 1 month = 28 February)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    day = min(start.day, monthrange(year, month + 1)[1])
    return start.replace(year=year, month=month + 1, day=day)


def _business_days_later(start: datetime, amount: int, holidays: AbstractSet[date]) -> datetime:
    if abs(amount) > MOST_BUSINESS_DAYS:
        raise ToolFailed(f"At most {MOST_BUSINESS_DAYS:,} business days can be added.")
    step, left, value = timedelta(days=1 if amount >= 0 else -1), abs(amount), start
    while left:
        value += step
        left -= is_business_day(value.date(), holidays)
    return value


def is_business_day(day: date, holidays: AbstractSet[date] = frozenset()) -> bool:
    """Monday to Friday, and no holiday."""
    return day.weekday() < _SATURDAY and day not in holidays


def business_days_between(start: date, end: date, *, holidays: AbstractSet[date] = frozenset()) -> int:
    """Business days from start to end, both included; negative when end is before start."""
    if end < start:
        return -business_days_between(end, start, holidays=holidays)
    weeks, rest = divmod((end - start).days + 1, 7)
    last_days = (start + timedelta(days=weeks * 7 + offset) for offset in range(rest))
    weekdays = weeks * 5 + sum(day.weekday() < _SATURDAY for day in last_days)
    return weekdays - sum(1 for day in holidays if start <= day <= end and day.weekday() < _SATURDAY)
