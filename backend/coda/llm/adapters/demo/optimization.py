"""Optimisation problems written as formulas: `maximize 3x + 5y subject to x <= 4; 3x + 2y <= 18`."""

from typing import Any

from coda.core.patterns import WORD_END, WORD_START, Pattern
from coda.llm.adapters.demo.numbers import NUMBER, read_number, shown
from coda.llm.adapters.demo.plan import Call
from coda.llm.adapters.demo.situation import Language, Situation

_PROBLEM = Pattern(
    rf"(?is){WORD_START}(?P<sense>maximi[sz]e|minimi[sz]e|maximizar|minimizar|maximiza|minimiza){WORD_END}\s*:?\s*"
    rf"(?P<objective>.+?)\s*[,;.]?\s*"
    rf"{WORD_START}(?:subject to|such that|s\.t\.|with|where|sujeito a|tal que|com|onde){WORD_END}\s*:?\s*(?P<rest>.+)"
)
_RELATION = Pattern(r"(?P<left>.+?)\s*(?P<relation><=|>=|≤|≥|=|<|>)\s*(?P<right>.+)")
_NAME = r"[A-Za-zÀ-ÿ_]\w*"
_TERM = Pattern(
    rf"\s*(?P<sign>[+\x{{2212}}-])?\s*(?:(?P<factor>{NUMBER})\s*(?:[*·\x{{d7}}]?\s*(?P<name>{_NAME}))?|(?P<alone>{_NAME}))\s*"
)
_INTEGERS = Pattern(r"(?i)integer|whole number|inteir[oa]s?")
_SPLIT = Pattern(r"[;\n]|,\s+|\band\b|\se\s|\.\s|\.$")
_SIGNS = {"≤": "<=", "≥": ">=", "<": "<=", ">": ">=", "=": "=", "<=": "<=", ">=": ">="}
_REASONING = {
    "en": "This is an optimisation problem with {variables} variables and {constraints} constraints. "
    "The solver will find the exact optimum.",
    "pt": "Este é um problema de otimização com {variables} variáveis e {constraints} restrições. "
    "O solver vai encontrar o ótimo exato.",
}


def optimization(situation: Situation) -> Call | None:
    """An objective and constraints in formulas; None where a part of them cannot be read."""
    match = _PROBLEM.search(situation.question)
    if match is None:
        return None
    objective = read_terms(match["objective"].split("=")[-1], situation.language)
    constraints = _constraints(match["rest"], situation.language)
    if objective is None or not objective[0] or not constraints:
        return None
    names = list(dict.fromkeys([*objective[0], *(name for each in constraints for name in each["coefficients"])]))
    limits = {"integer": True} if _INTEGERS.search(match["rest"]) else {}
    arguments: dict[str, Any] = {
        "sense": "maximize" if match["sense"].casefold().startswith("max") else "minimize",
        "variables": {name: dict(limits) for name in names},
        "objective": objective[0],
        "constraints": constraints,
    }
    if objective[1]:
        arguments["objective_constant"] = objective[1]
    reasoning = situation.say(_REASONING).replace("{variables}", str(len(names)))
    reasoning = reasoning.replace("{constraints}", str(len(constraints)))
    return Call("optimize", arguments, reasoning, lambda result: _answer(result, situation))


def _constraints(text: str, language: Language) -> list[dict[str, Any]]:
    found = []
    for piece in _SPLIT.split(text):
        match = _RELATION.fullmatch(piece.strip())
        if match is None:
            continue
        left, right = read_terms(match["left"], language), read_terms(match["right"], language)
        if left is None or right is None:
            continue
        coefficients = {name: left[0].get(name, 0.0) - right[0].get(name, 0.0) for name in {**left[0], **right[0]}}
        if coefficients:
            value, relation = right[1] - left[1], _SIGNS[match["relation"]]
            found.append({"name": piece.strip(), "coefficients": coefficients, "relation": relation, "value": value})
    return found


def read_terms(text: str, language: Language) -> tuple[dict[str, float], float] | None:
    """Coefficients by variable and the constant of a linear expression; None where it is not one."""
    coefficients: dict[str, float] = {}
    constant, position, text = 0.0, 0, text.strip()
    for match in _TERM.finditer(text):
        term = match.groupdict()
        if match.start() != position or (position and not term["sign"]):
            return None
        position = match.end()
        value = float(read_number(term["factor"], language)) if term["factor"] else 1.0
        value = -value if term["sign"] in ("-", "\u2212") else value
        name = term["name"] or term["alone"]
        if name:
            coefficients[name] = coefficients.get(name, 0.0) + value
        else:
            constant += value
    return (coefficients, constant) if position == len(text) else None


def _answer(result: Any, situation: Situation) -> str:  # noqa: ANN401 - a tool's JSON
    if "values" not in result:
        return str(result["explanation"])
    values = ", ".join(f"{name} = **{shown(value, situation.language)}**" for name, value in result["values"].items())
    objective = shown(result["objective"], situation.language)
    best = result["status"] == "optimal"
    words = {
        "en": f"The {'best' if best else 'best found'} value is **{objective}**, with {values}.",
        "pt": f"O {'melhor valor' if best else 'melhor valor encontrado'} é **{objective}**, com {values}.",
    }
    binding = [str(each["name"]) for each in result.get("binding_constraints", ())]
    if not binding:
        return situation.say(words)
    used = {"en": "Constraints that are used up", "pt": "Restrições no limite"}
    return f"{situation.say(words)}\n\n{situation.say(used)}: {', '.join(f'`{name}`' for name in binding)}."
