"""A given time of one place, told in another."""

from collections.abc import Mapping
from typing import Any

from coda.core.patterns import WORD_END, WORD_START, Match, Pattern
from coda.llm.adapters.demo.dates import DATE, PLACE, WEEKDAYS, ask_dates, iso_date, zone_of
from coda.llm.adapters.demo.plan import Call
from coda.llm.adapters.demo.situation import Situation

_CLOCK = Pattern(
    rf"(?i){WORD_START}(?P<hour>[01]?[0-9]|2[0-3])(?:[:h](?P<minute>[0-5][0-9])|h{WORD_END})\s*(?P<half>[ap]m)?"
)
_NEEDED_PLACES = 2
_NOON = 12
_WHAT: Mapping[str, str] = {
    "en": "This asks for one moment in two time zones.", "pt": "A pergunta é sobre um momento em dois fusos.",
}  # fmt: skip


def zones(situation: Situation) -> Call | None:
    """A clock time and two places: the first one is where the time holds."""
    clock = _CLOCK.search(situation.question)
    places = [match.group(1) for match in PLACE.finditer(situation.question)]
    if clock is None or len(places) < _NEEDED_PLACES:
        return None
    here, there = places[:_NEEDED_PLACES]
    date = DATE.search(situation.question)
    given = iso_date(date) if date else "now"
    if given == "now":
        return None
    arguments = {
        "operation": "convert",
        "start": f"{given}T{_hour(clock):02}:{clock.group('minute') or '00'}",
        "zone": zone_of(here),
        "to_zone": zone_of(there),
    }

    def answer(result: Any) -> str:  # noqa: ANN401 - a tool's JSON
        time, day = result["time"][:5], result["weekday"]
        return situation.say({
            "en": f"In {there} it is then **{time}** on {day}, {result['date']} ({result['zone']}).",
            "pt": f"Em {there} são então **{time}**, {WEEKDAYS[day]}, {result['date']} ({result['zone']}).",
        })  # fmt: skip

    return ask_dates(situation, arguments, _WHAT, answer)


def _hour(clock: Match) -> int:
    hour, half = int(clock.group("hour")), (clock.group("half") or "").casefold()
    if half == "pm" and hour < _NOON:
        return hour + _NOON
    return 0 if half == "am" and hour == _NOON else hour
