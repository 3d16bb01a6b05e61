"""Dates and times: zones, clocks that change, months that end early, business days against counting."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda.tools.builtin.calendar_steps import business_days_between, is_business_day
from coda.tools.builtin.date_time import check, date_time, zone
from coda.tools.errors import ToolFailed
from coda.tools.types import ToolCallContext


async def ask(caller: ToolCallContext, operation: str, **arguments: object) -> dict[str, Any]:
    return await date_time({"operation": operation, **arguments}, caller)


class TestNow:
    async def test_is_now_in_the_callers_zone(self, caller: ToolCallContext) -> None:
        result = await ask(caller, "now")

        assert abs(datetime.fromisoformat(result["utc"]) - datetime.now(UTC)) < timedelta(seconds=5)
        assert result["zone"] in {"WET", "WEST"}
        assert all(each.ok for each in check({}, result))

    async def test_may_be_elsewhere(self, caller: ToolCallContext) -> None:
        assert (await ask(caller, "now", to_zone="Asia/Tokyo"))["iso"].endswith("+09:00")


class TestZones:
    @pytest.mark.parametrize(
        ("name", "key"),
        [
            ("Europe/Lisbon", "Europe/Lisbon"),
            ("europe/lisbon", "Europe/Lisbon"),
            ("new york", "America/New_York"),
            ("New_York", "America/New_York"),
            ("UTC", "UTC"),
            ("+3", "UTC+03:00"),
            ("UTC-05", "UTC-05:00"),
            ("+0530", "UTC+05:30"),
        ],
    )
    def test_are_found_by_name_city_or_offset(self, name: str, key: str) -> None:
        assert str(zone(name)) == key

    @pytest.mark.parametrize("name", ["Atlantis", "../../etc/passwd", "", "+25", "+05:99"])
    def test_others_are_a_sentence(self, name: str) -> None:
        with pytest.raises(ToolFailed, match="time zone"):
            zone(name)


class TestConvert:
    async def test_a_local_time_is_read_in_the_callers_zone(self, caller: ToolCallContext) -> None:
        result = await ask(caller, "convert", start="2026-07-01T12:00", to_zone="Asia/Kolkata")

        assert result["iso"] == "2026-07-01T16:30:00+05:30"
        assert result["utc"] == "2026-07-01T11:00:00Z"

    async def test_an_offset_wins_over_the_zone(self, caller: ToolCallContext) -> None:
        result = await ask(caller, "convert", start="2026-07-01T12:00-04:00", to_zone="UTC", zone="Asia/Tokyo")

        assert result["time"] == "16:00:00"

    async def test_an_hour_that_the_clocks_skip_is_a_sentence(self, caller: ToolCallContext) -> None:
        with pytest.raises(ToolFailed, match="does not exist"):
            await ask(caller, "convert", start="2026-03-29T01:30", to_zone="UTC")

    @pytest.mark.parametrize("text", ["tomorrow", "2026-02-30", "99999-01-01", ""])
    async def test_what_is_no_date_is_a_sentence(self, caller: ToolCallContext, text: str) -> None:
        with pytest.raises(ToolFailed, match="not a date or time"):
            await ask(caller, "convert", start=text, to_zone="UTC")

    async def test_the_edge_of_time_is_a_sentence(self, caller: ToolCallContext) -> None:
        with pytest.raises(ToolFailed, match="outside the years"):
            await ask(caller, "convert", start="9999-12-31T23:00-05:00", to_zone="Asia/Tokyo")


class TestDifference:
    async def test_counts_the_hour_that_the_clocks_skipped(self, caller: ToolCallContext) -> None:
        result = await ask(caller, "difference", start="2026-03-28T12:00", end="2026-03-29T12:00")

        assert result["hours"] == 23
        assert result["calendar_days"] == 1
        assert result["words"] == "23 hours"

    async def test_goes_backwards_too(self, caller: ToolCallContext) -> None:
        result = await ask(caller, "difference", start="2026-01-02", end="2026-01-01")

        assert result["days"] == -1
        assert result["words"] == "1 day earlier"

    async def test_now_may_be_an_end(self, caller: ToolCallContext) -> None:
        assert (await ask(caller, "difference", start="now", end="now"))["words"] == "no time"

    async def test_needs_both_ends(self, caller: ToolCallContext) -> None:
        with pytest.raises(ToolFailed, match="difference needs `end`"):
            await ask(caller, "difference", start="2026-01-01")


class TestAdd:
    @pytest.mark.parametrize(
        ("start", "amount", "unit", "iso"),
        [
            ("2026-01-31", 1, "months", "2026-02-28T00:00:00+00:00"),
            ("2024-02-29", 1, "years", "2025-02-28T00:00:00+00:00"),
            ("2026-03-15", -3, "months", "2025-12-15T00:00:00+00:00"),
            ("2026-03-28T12:00", 1, "days", "2026-03-29T12:00:00+01:00"),
            ("2026-03-28T12:00", 24, "hours", "2026-03-29T13:00:00+01:00"),
            ("2026-03-28T01:30", 1, "days", "2026-03-29T02:30:00+01:00"),
            ("2026-01-01", 2, "weeks", "2026-01-15T00:00:00+00:00"),
            ("2026-01-01T10:00", 90, "minutes", "2026-01-01T11:30:00+00:00"),
            ("2026-01-01T10:00", -1, "seconds", "2026-01-01T09:59:59+00:00"),
            ("2026-11-20", 1, "business_days", "2026-11-23T00:00:00+00:00"),
            ("2026-11-22", -1, "business_days", "2026-11-20T00:00:00+00:00"),
            ("2026-11-20", 0, "business_days", "2026-11-20T00:00:00+00:00"),
        ],
    )
    async def test_steps(self, caller: ToolCallContext, start: str, amount: int, unit: str, iso: str) -> None:
        assert (await ask(caller, "add", start=start, amount=amount, unit=unit))["iso"] == iso

    async def test_holidays_are_skipped(self, caller: ToolCallContext) -> None:
        result = await ask(caller, "add", start="2026-12-24", amount=1, unit="business_days", holidays=["2026-12-25"])

        assert result["date"] == "2026-12-28"

    @pytest.mark.parametrize("unit", ["days", "months", "years", "hours"])
    async def test_beyond_the_calendar_is_a_sentence(self, caller: ToolCallContext, unit: str) -> None:
        with pytest.raises(ToolFailed, match="outside the years"):
            await ask(caller, "add", start="9999-12-31T23:00", amount=1_000_000, unit=unit)

    async def test_a_million_business_days_are_refused(self, caller: ToolCallContext) -> None:
        with pytest.raises(ToolFailed, match="At most"):
            await ask(caller, "add", start="2026-01-01", amount=1_000_000, unit="business_days")


class TestWeekday:
    async def test_names_the_day_and_its_iso_week(self, caller: ToolCallContext) -> None:
        result = await ask(caller, "weekday", start="2027-01-01")

        assert (result["weekday"], result["iso_week"], result["iso_weekday"]) == ("Friday", "2026-W53", 5)
        assert result["day_of_year"] == 1


class TestBusinessDays:
    async def test_both_ends_count(self, caller: ToolCallContext) -> None:
        result = await ask(caller, "business_days", start="2026-11-20", end="2026-11-23")

        assert result["business_days"] == 2
        assert check({}, result)[0].ok

    async def test_a_holiday_that_is_no_date_is_a_sentence(self, caller: ToolCallContext) -> None:
        with pytest.raises(ToolFailed, match="holiday is not a date"):
            await ask(caller, "business_days", start="2026-11-20", end="2026-11-23", holidays=["xmas"])

    @given(
        st.dates(date(2020, 1, 1), date(2030, 1, 1)),
        st.integers(-400, 400),
        st.frozensets(st.dates(date(2020, 1, 1), date(2030, 1, 1)), max_size=20),
    )
    def test_agrees_with_counting(self, start: date, days: int, holidays: frozenset[date]) -> None:
        end = start + timedelta(days=days)
        first, last = min(start, end), max(start, end)
        span = (first + timedelta(days=step) for step in range((last - first).days + 1))
        counted = sum(is_business_day(day, holidays) for day in span)

        assert business_days_between(start, end, holidays=holidays) == (counted if days >= 0 else -counted)
