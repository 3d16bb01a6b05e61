"""Optimisation problems written as formulas: `maximize 3x + 5y subject to x <= 4; 3x + 2y <= 18`."""

import re
from typing import Any

from coda.llm.adapters.demo.numbers import NUMBER, read_number, shown
from coda.llm.adapters.demo.plan import Call
from coda.llm.adapters.demo.situation import Language, Situation

_PROBLEM = re.compile(
    r"\b(?P<sense>maximi[sz]e|minimi[sz]e|maximizar|minimizar|maximiza|minimiza)\b\s*:?\s*(?P<objective>.+?)\s*[,;.]?\s*"
    r"\b(?:subject to|such that|s\.t\.|with|where|sujeito a|tal que|com|onde)\b\s*:?\s*(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
_RELATION = re.compile(r"^(?P<left>.+?)\s*(?P<relation><=|>=|≤|≥|=|<|>)\s*(?P<right>.+)$")
_TERM = re.compile(rf"(?P<sign>[+\-\u2212])?\s*(?P<factor>{NUMBER})?\s*[*·\u00d7]?\s*(?P<name>[A-Za-zÀ-ÿ_]\w*)?")
_INTEGERS = re.compile(r"integer|whole number|inteir[oa]s?", re.IGNORECASE)
_SPLIT = re.compile(r"[;\n]|,\s+|\band\b|\s\be\b\s|\.\s|\.$")
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
        match = _RELATION.match(piece.strip())
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
    while position < len(text):
        match = _TERM.match(text, position)
        if match is None or match.end() == position or not (match["factor"] or match["name"]):
            return None
        value = float(read_number(match["factor"], language)) if match["factor"] else 1.0
        value = -value if match["sign"] in ("-", "\u2212") else value
        if match["name"]:
            coefficients[match["name"]] = coefficients.get(match["name"], 0.0) + value
        else:
            constant += value
        position = match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip())
        if position < len(text) and text[position] not in "+-\u2212":
            return None
    return coefficients, constant


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
