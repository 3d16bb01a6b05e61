"""Answers in words: long texts, samples of formats, who the demo model is, and what it cannot do."""

from functools import cache
from importlib import resources

from coda.core.patterns import WORD_END, WORD_START, Pattern
from coda.llm.adapters.demo.plan import Reply
from coda.llm.adapters.demo.situation import Language, Situation

_LONG = Pattern(
    rf"(?is)\b(?:long|longer|longest)\b.*\b(?:text|story|essay|answer|article|poem)"
    rf"|\b(?:text|story|essay|article)\b.*\blong\b"
    rf"|{WORD_START}(?:texto|história|redação|resposta|artigo|poema)\b.*{WORD_START}long[oa]"
    rf"|{WORD_START}long[oa]\b.*{WORD_START}(?:texto|história|redação)"
)
_VERY = Pattern(rf"(?i){WORD_START}(?:very|really|extremely|muito|bem) long")
_ABOUT = Pattern(rf"(?i){WORD_START}(?:about|on|of|sobre)\s+(?:the\s+|o\s+|a\s+|os\s+|as\s+)?([\w' -]{{2,60}})")
_RIVERS = Pattern(rf"(?i){WORD_START}(?:rivers?|rios?){WORD_END}")
_FORMATS = Pattern(
    rf"(?i){WORD_START}(?:markdown|code block|bloco de código|formula|fórmulas?|latex|code|código){WORD_END}"
)
_WHO = Pattern(
    rf"(?i){WORD_START}who are you|what are you|what can you do|what model|{WORD_START}help{WORD_END}"
    r"|quem é você|o que você (?:faz|sabe|pode)|ajuda"
)
_HELLO = Pattern(
    rf"(?i)^\W*(?:hi|hello|hey|good (?:morning|evening|afternoon)|oi|olá|ola|bom dia|boa (?:tarde|noite)){WORD_END}"
)
_THANKS = Pattern(rf"(?i)^\W*(?:thanks|thank you|obrigad[oa]|valeu){WORD_END}")
_TIMES_VERY_LONG = 4

_REASONS: dict[str, dict[str, str]] = {
    "rivers": {
        "en": "A long text about rivers is one that I have at hand. I will send it word by word.",
        "pt": "Um texto longo sobre rios é um que tenho à mão. Vou enviá-lo palavra por palavra.",
    },
    "journey": {
        "en": "A long text is wanted. I am the demo model and know nothing about this subject, so I will say so "
        "and tell how an answer gets to the screen instead.",
        "pt": "Querem um texto longo. Sou o modelo de demonstração e nada sei sobre esse assunto, então vou dizer "
        "isso e contar como uma resposta chega à tela.",
    },
    "formats": {
        "en": "This asks for formatted output. I have a sample of all formats at hand.",
        "pt": "Pedem uma saída formatada. Tenho à mão uma amostra de todos os formatos.",
    },
    "who": {
        "en": "This asks what I am. The plain answer: a demo model made of rules.",
        "pt": "Perguntam o que eu sou. A resposta simples: um modelo de demonstração feito de regras.",
    },
    "unknown": {
        "en": "None of my rules fits this question, and making something up would not be honest. "
        "I will say what I can do.",
        "pt": "Nenhuma das minhas regras serve para esta pergunta, e inventar não seria honesto. "
        "Vou dizer o que sei fazer.",
    },
}
_INSTEAD: dict[str, str] = {
    "en": "I am the demo model and know nothing about {topic}. Here is a text about something that I do know.",
    "pt": "Sou o modelo de demonstração e nada sei sobre {topic}. Aqui vai um texto sobre algo que conheço.",
}
_SELF: dict[str, str] = {
    "en": "I am Coda's **demo model**: a set of rules, not a language model. I need no key and no network, "
    "and I give the same answer to the same question.",
    "pt": "Sou o **modelo de demonstração** do Coda: um conjunto de regras, não um modelo de linguagem. Não preciso "
    "de chave nem de rede, e dou a mesma resposta à mesma pergunta.",
}
_GREETING: dict[str, str] = {"en": "Hello!", "pt": "Olá!"}
_WELCOME: dict[str, str] = {"en": "You are welcome.", "pt": "De nada."}
_SORRY: dict[str, str] = {
    "en": "I cannot answer that.", "pt": "Não sei responder a isso.",
}  # fmt: skip


def long_text(situation: Situation) -> Reply | None:
    """A text that streams for several seconds; `very long` sends it four times, numbered."""
    if not _LONG.search(situation.question):
        return None
    name = "rivers" if _RIVERS.search(situation.question) else "journey"
    text = read_text(name, situation.language)
    if _VERY.search(situation.question):
        text = "\n\n".join(f"# {part}\n\n{text}" for part in range(1, _TIMES_VERY_LONG + 1))
    topic = _ABOUT.search(situation.question)
    if name == "journey" and topic is not None:
        text = f"{situation.say(_INSTEAD).replace('{topic}', topic[1].strip())}\n\n{text}"
    return Reply(situation.say(_REASONS[name]), text)


def formats(situation: Situation) -> Reply | None:
    """Code, a table and mathematics."""
    if not _FORMATS.search(situation.question):
        return None
    return Reply(situation.say(_REASONS["formats"]), read_text("formats", situation.language))


def who(situation: Situation) -> Reply | None:
    """Greetings, thanks, and what the model is."""
    opening = ""
    if _HELLO.search(situation.question):
        opening = situation.say(_GREETING)
    elif _THANKS.search(situation.question):
        opening = situation.say(_WELCOME)
    elif not _WHO.search(situation.question):
        return None
    return Reply(situation.say(_REASONS["who"]), _introduction(situation, opening))


def unknown(situation: Situation) -> Reply:
    """What is said where no rule fits."""
    return Reply(situation.say(_REASONS["unknown"]), _introduction(situation, situation.say(_SORRY)))


def _introduction(situation: Situation, opening: str) -> str:
    return f"{opening} {situation.say(_SELF)}".strip() + f"\n\n{read_text('abilities', situation.language)}"


@cache
def read_text(name: str, language: Language) -> str:
    """A fixed text of the demo model."""
    folder = resources.files("coda.llm.adapters.demo").joinpath("texts")
    return folder.joinpath(f"{name}.{language}.md").read_text("utf-8").strip()
