"""Titles of chats: other clients ask for them as they ask for answers; the demo model gives the question's words."""

from collections.abc import Iterable
from typing import Final

import orjson

from coda.core.patterns import WORD_END, WORD_START, Pattern
from coda.llm.adapters.demo.plan import Reply
from coda.llm.types import ChatMessage, ChatRequest

_ASKS: Final = Pattern(
    rf"(?i){WORD_START}(?:write|generate|create|provide|give|make|suggest|summari[sz]e)\b[^\n]{{0,120}}{WORD_START}title{WORD_END}"
    rf"|{WORD_START}(?:escreva|gere|crie|dê|sugira|faça|resuma)\b[^\n]{{0,120}}{WORD_START}título{WORD_END}"
)
_OF_A_CHAT: Final = Pattern(
    rf"(?i){WORD_START}(?:conversation|chat|dialogue|dialog|conversa|bate-papo|diálogo){WORD_END}"
)
_SPOKEN: Final = Pattern(r"(?im)^[#*\s]*(?:user|human|question|usuário|pergunta)[*\s]*:[*\s]*(.*)$")
_ANSWERED: Final = Pattern(r"(?im)^[#*\s]*(?:assistant|ai|model|answer|assistente|resposta)[*\s]*:")
_JSON: Final = Pattern(r'(?i)"title"\s*:')
_MOST_READ: Final = 20_000
_LONGEST: Final = 60
_NOTHING: Final = "New chat"


def title(request: ChatRequest) -> Reply | None:
    """The title that is asked for, alone as it was asked for; None where something else is asked."""
    asked = "\n".join(message.text[:_MOST_READ] for message in request.messages if message.role in ("system", "user"))
    if request.tools or not (_ASKS.search(asked) and _OF_A_CHAT.search(asked)):
        return None
    words = _short(_question(request.messages))
    return Reply("", orjson.dumps({"title": words}).decode() if _JSON.search(asked) else words)


def _question(messages: Iterable[ChatMessage]) -> str:
    """What the chat began with: quoted in the request, or said in a message before it."""
    users = [message.text[:_MOST_READ] for message in messages if message.role == "user"]
    for text in users:
        spoken = _SPOKEN.search(text)
        if spoken is not None:
            said = text[spoken.start(1) :]
            answered = _ANSWERED.search(said)
            return said[: answered.start()] if answered else said
    return next((text for text in users if not _ASKS.search(text)), "")


def _short(question: str) -> str:
    lines = (" ".join(line.split()) for line in question.splitlines())
    line = next((line for line in lines if any(map(str.isalnum, line))), _NOTHING).strip("\"'*# ")
    if len(line) <= _LONGEST:
        return line
    cut = line[: _LONGEST - 1]
    return cut[: max(cut.rfind(" "), _LONGEST // 2)].rstrip(" .,;:") + "\u2026"
