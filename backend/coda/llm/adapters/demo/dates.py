"""Dates and times: now and in other places, weekdays, spans, working days."""

from collections.abc import Callable, Mapping
from typing import Any

from coda.core.patterns import WORD_END, WORD_START, Match, Pattern
from coda.llm.adapters.demo.plan import Call
from coda.llm.adapters.demo.situation import Language, Situation

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january janeiro jan", "february fevereiro feb fev", "march março mar", "april abril apr abr", "may maio mai",
         "june junho jun", "july julho jul", "august agosto aug ago", "september setembro sep set",
         "october outubro oct out", "november novembro nov", "december dezembro dec dez"), start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
DATE = Pattern(
    rf"(?i)(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})|(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/(?P<year>\d{{4}})"
    rf"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th|º)?\s+(?:of\s+|de\s+)?(?P<name>{_MONTH})\.?,?\s+(?:of\s+|de\s+)?(?P<year2>\d{{4}})"
    rf"|(?P<name2>{_MONTH})\.?\s+(?P<day3>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year3>\d{{4}})"
    rf"|{WORD_START}(?P<now>today|now|hoje|agora){WORD_END}"
)
_UNITS = {
    "second": "seconds", "segundo": "seconds", "minute": "minutes", "minuto": "minutes", "hour": "hours",
    "hora": "hours", "day": "days", "dia": "days", "week": "weeks", "semana": "weeks", "month": "months",
    "mês": "months", "mes": "months", "meses": "months", "year": "years", "ano": "years",
}  # fmt: skip
_UNIT = "|".join(sorted((f"{unit}s?" for unit in _UNITS), key=len, reverse=True))
# More than seven digits are no number of days that a calendar has.
_STEP = Pattern(rf"(?i)(?:^|\D)(\d{{1,7}})\s+({_UNIT})\s+(after|from|before|depois|antes|a partir){WORD_END}")
_STEP_AHEAD = Pattern(rf"(?i)(?:{WORD_START}in|daqui a|em)\s+(\d{{1,7}})\s+({_UNIT}){WORD_END}")
_BUSINESS = Pattern(r"(?i)business days|working days|dias úteis")
_SPAN = Pattern(r"(?i)how (?:many|much|long)|difference|between|until|quant[oa]s|diferença|entre|faltam")
_WEEKDAY = Pattern(r"(?i)(?:which|what) (?:day of the week|weekday|day)|day of the week|dia da semana")
_TIME = Pattern(r"(?i)what time|what'?s the time|current time|que horas?|hora (?:é|são)|horas são")
_TODAY = Pattern(
    r"(?i)(?:date|day) (?:is it )?today|today'?s date|what day is (?:it|today)|que dia é hoje|data de hoje"
)
_PROPER = r"[A-ZÀ-Ý][\w'\x{2019}-]*"
PLACE = Pattern(rf"{WORD_START}(?:in|em|no|na)\s+({_PROPER}(?:[ _/](?:{_PROPER}|de|do|da))*)")
_PLACES_IN_PORTUGUESE = {
    "tóquio": "Tokyo", "londres": "London", "nova york": "America/New_York", "nova iorque": "America/New_York",
    "lisboa": "Lisbon", "são paulo": "America/Sao_Paulo", "berlim": "Berlin", "roma": "Rome", "madri": "Madrid",
    "pequim": "Shanghai", "xangai": "Shanghai", "moscou": "Moscow", "sidney": "Sydney", "viena": "Vienna",
    "cidade do méxico": "Mexico_City", "rio de janeiro": "America/Sao_Paulo", "brasília": "America/Sao_Paulo",
}  # fmt: skip
WEEKDAYS = {
    "Monday": "segunda-feira", "Tuesday": "terça-feira", "Wednesday": "quarta-feira", "Thursday": "quinta-feira",
    "Friday": "sexta-feira", "Saturday": "sábado", "Sunday": "domingo",
}  # fmt: skip
_REASONING: Mapping[str, str] = {
    "en": "{what} I do not carry a clock or a calendar in me, so I will ask the date tool.",
    "pt": "{what} Não trago relógio nem calendário comigo, então vou perguntar à ferramenta de datas.",
}


def dates(situation: Situation) -> Call | None:
    """The first kind of date question that fits."""
    found = [iso_date(match) for match in DATE.finditer(situation.question)]
    for recognise in (_business_days, _difference, _weekday, _step, _now):
        call = recognise(situation, found)
        if call is not None:
            return call
    return None


def iso_date(match: Match) -> str:
    """The date that was found, as ISO 8601, or `now`."""
    parts = {name: text or "" for name, text in match.groupdict().items()}
    if parts["now"]:
        return "now"
    if parts["iso"]:
        return str(parts["iso"])
    year = parts["year"] or parts["year2"] or parts["year3"]
    day = parts["day"] or parts["day2"] or parts["day3"]
    name = parts["name"] or parts["name2"]
    month = _MONTHS[name.casefold()] if name else int(parts["month"])
    return f"{int(year):04}-{month:02}-{int(day):02}"


def ask_dates(
    situation: Situation, arguments: Mapping[str, Any], what: Mapping[str, str], answer: Callable[[Any], str]
) -> Call:
    """A call of the date tool, with the reason in words."""
    reasoning = situation.say(_REASONING).replace("{what}", situation.say(what))
    return Call("date_time", arguments, reasoning, answer)


def _business_days(situation: Situation, found: list[str]) -> Call | None:
    if not _BUSINESS.search(situation.question) or not found:
        return None
    start, end = found[:2] if len(found) > 1 else ("now", found[0])

    def answer(result: Any) -> str:  # noqa: ANN401 - a tool's JSON
        return situation.say({
            "en": f"There are **{result['business_days']} business days** between {start} and {end} "
                  f"({result['calendar_days']} calendar days; Monday to Friday, both ends included, no holidays).",
            "pt": f"Há **{result['business_days']} dias úteis** entre {start} e {end} "
                  f"({result['calendar_days']} dias corridos; de segunda a sexta, extremos incluídos, sem feriados).",
        })  # fmt: skip

    what: Mapping[str, str] = {
        "en": "This asks for working days.", "pt": "A pergunta é sobre dias úteis.",
    }  # fmt: skip
    return ask_dates(situation, {"operation": "business_days", "start": start, "end": end}, what, answer)


def _difference(situation: Situation, found: list[str]) -> Call | None:
    if not _SPAN.search(situation.question) or not found or found == ["now"]:
        return None
    start, end = found[:2] if len(found) > 1 else ("now", found[0])

    def answer(result: Any) -> str:  # noqa: ANN401 - a tool's JSON
        days = result["calendar_days"]
        return situation.say({
            "en": f"From {_named(start, 'en')} to {_named(end, 'en')} it is **{days} days**.",
            "pt": f"De {_named(start, 'pt')} até {_named(end, 'pt')} são **{days} dias**.",
        })  # fmt: skip

    what: Mapping[str, str] = {
        "en": "This asks for the time between two dates.", "pt": "A pergunta é sobre o tempo entre duas datas.",
    }  # fmt: skip
    return ask_dates(situation, {"operation": "difference", "start": start, "end": end}, what, answer)


def _named(date: str, language: Language) -> str:
    return {"en": "today", "pt": "hoje"}[language] if date == "now" else date


def _weekday(situation: Situation, found: list[str]) -> Call | None:
    dates_given = [date for date in found if date != "now"]
    if not _WEEKDAY.search(situation.question) or not dates_given:
        return None
    date = dates_given[0]

    def answer(result: Any) -> str:  # noqa: ANN401 - a tool's JSON
        day, week = result["weekday"], result["iso_week"]
        return situation.say({
            "en": f"{date} is a **{day}** (week {week}).", "pt": f"{date} é **{WEEKDAYS[day]}** (semana {week}).",
        })  # fmt: skip

    what: Mapping[str, str] = {"en": "This asks for a weekday.", "pt": "A pergunta é sobre um dia da semana."}
    return ask_dates(situation, {"operation": "weekday", "start": date}, what, answer)


def _step(situation: Situation, found: list[str]) -> Call | None:
    from_date, ahead = _STEP.search(situation.question), _STEP_AHEAD.search(situation.question)
    step = from_date or ahead
    if step is None or (from_date is not None and not found):
        return None
    back = from_date is not None and from_date[3].casefold() in ("before", "antes")
    word = step.group(2).casefold()
    unit = _UNITS.get(word) or _UNITS[word.removesuffix("s")]
    amount = -int(step.group(1)) if back else int(step.group(1))
    start = found[0] if found else "now"

    def answer(result: Any) -> str:  # noqa: ANN401 - a tool's JSON
        when = result["date"] if unit not in ("seconds", "minutes", "hours") else f"{result['date']} {result['time']}"
        day = result["weekday"]
        return situation.say({
            "en": f"That is **{when}**, a {day}.", "pt": f"É **{when}**, {WEEKDAYS[day]}.",
        })  # fmt: skip

    what: Mapping[str, str] = {
        "en": "This asks for date arithmetic.",
        "pt": "A pergunta pede uma conta com datas.",
    }
    return ask_dates(situation, {"operation": "add", "start": start, "amount": amount, "unit": unit}, what, answer)


def zone_of(place: str) -> str:
    """A place as the date tool knows it."""
    return _PLACES_IN_PORTUGUESE.get(place.casefold(), place)


def _now(situation: Situation, _found: list[str]) -> Call | None:
    asks_time = _TIME.search(situation.question) is not None
    if not asks_time and not _TODAY.search(situation.question):
        return None
    place = PLACE.search(situation.question)
    arguments = {"operation": "now"}
    if place is not None:
        arguments["to_zone"] = zone_of(place.group(1))
    where = f" ({place.group(1)})" if place is not None else ""

    def answer(result: Any) -> str:  # noqa: ANN401 - a tool's JSON
        day = result["weekday"]
        if asks_time:
            return situation.say({
                "en": f"It is **{result['time'][:5]}**{where} on {day}, {result['date']} ({result['zone']}).",
                "pt": f"São **{result['time'][:5]}**{where}, {WEEKDAYS[day]}, {result['date']} ({result['zone']}).",
            })  # fmt: skip
        return situation.say({
            "en": f"Today is **{day}, {result['date']}**{where}.",
            "pt": f"Hoje é **{WEEKDAYS[day]}, {result['date']}**{where}.",
        })  # fmt: skip

    what: Mapping[str, str] = {
        "en": "This asks for the present date or time.", "pt": "A pergunta é sobre a data ou a hora de agora.",
    }  # fmt: skip
    return ask_dates(situation, arguments, what, answer)
