"""The rules by which segments make room. Pure: the same segment and excess always give the same."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from coda.context.segments import Item, LeftOut, Segment, Shrink, tokens_in
from coda.llm.estimate import tokens_of
from coda.llm.types import ChatMessage, ImageBlock, TextBlock

_SHORTEST = 400
_LEFT_OUT = "[A picture was attached here and left out for want of room.]"
_NOTE = "\n[Shortened: {shown:,} of {whole:,} characters are shown.]"


@dataclass(frozen=True, slots=True)
class DropOldest:
    """Pictures go, the oldest first, then whole items, from the first. Its first version knew no pictures."""

    rule: str = "drop_oldest"
    version: int = 2

    def apply(self, segment: Segment, *, excess: int) -> Segment:
        """What stays is the longest end that fits."""
        before = segment.tokens
        segment = without_pictures(segment, excess=excess)
        excess -= before - segment.tokens
        first = 0
        while excess > 0 and first < len(segment.items):
            excess -= segment.items[first].tokens
            first += 1
        dropped = segment.items[:first]
        left_out = LeftOut(sum(item.count for item in dropped), sum(item.tokens for item in dropped))
        return replace(segment, items=segment.items[first:], left_out=segment.left_out + left_out)


@dataclass(frozen=True, slots=True)
class ShortenResults:
    """Tool results are cut, the longest first, and say so; everything else stays."""

    rule: str = "shorten_results"
    version: int = 1

    def apply(self, segment: Segment, *, excess: int) -> Segment:
        """Cut until it fits, or until no result is long any more."""
        items = list(segment.items)
        whole = {place: _text(item) for place, item in enumerate(items) if _is_result(item)}
        shown = {place: len(text) for place, text in whole.items()}
        while excess > 0 and shown:
            longest = max(shown, key=shown.__getitem__)
            if shown[longest] <= _SHORTEST:
                break
            before = items[longest].tokens
            shown[longest] = _cut_length(shown[longest], tokens=before, excess=excess)
            items[longest] = _shortened(items[longest], whole[longest], shown=shown[longest])
            excess -= before - items[longest].tokens
        return replace(segment, items=tuple(items))


DROP_OLDEST = DropOldest()
SHORTEN_RESULTS = ShortenResults()
_CURRENT: Mapping[str, Shrink] = {rule.rule: rule for rule in (DROP_OLDEST, SHORTEN_RESULTS)}
_RULES: Mapping[tuple[str, int], Shrink] = {(rule.rule, rule.version): rule for rule in _CURRENT.values()}


def rule_of(rule: str, version: int) -> Shrink:
    """The rule that a plan names; its present version where that one is not known here."""
    return _RULES.get((rule, version)) or _CURRENT[rule]


def shrunk(segments: tuple[Segment, ...], *, room: int) -> tuple[Segment, ...]:
    """The segments, smaller where they take more than `room`, those of the lowest priority first."""
    fitted = list(segments)
    for place in sorted(range(len(fitted)), key=lambda place: fitted[place].priority):
        excess = tokens_in(fitted) - room
        segment = fitted[place]
        if excess > 0 and segment.shrink is not None:
            fitted[place] = segment.shrink.apply(segment, excess=excess)
    return tuple(fitted)


def without_pictures(segment: Segment, *, excess: int) -> Segment:
    """The segment with words in place of pictures, the oldest first, until `excess` tokens are saved."""
    items, dropped = list(segment.items), 0
    for place, item in enumerate(items):
        count = sum(len(message.images) for message in item.messages)
        if excess <= 0:
            break
        if count:
            messages = tuple(_told(message) for message in item.messages)
            items[place] = replace(item, messages=messages, tokens=tokens_of(messages))
            excess -= item.tokens - items[place].tokens
            dropped += count
    return replace(segment, items=tuple(items), left_out=segment.left_out + LeftOut(pictures=dropped))


def _told(message: ChatMessage) -> ChatMessage:
    """The message with words in place of its pictures."""
    if not message.images:
        return message
    blocks = (TextBlock(_LEFT_OUT) if isinstance(block, ImageBlock) else block for block in message.content)
    return replace(message, content=tuple(blocks))


def _is_result(item: Item) -> bool:
    return all(message.role == "tool" for message in item.messages)


def _text(item: Item) -> str:
    (message,) = item.messages
    return message.text


def _cut_length(length: int, *, tokens: int, excess: int) -> int:
    """Takes off what is too much, at least a tenth."""
    per_token = length / max(1, tokens)
    return max(_SHORTEST // 2, min(length - round(excess * per_token), length * 9 // 10))


def _shortened(item: Item, whole: str, *, shown: int) -> Item:
    (message,) = item.messages
    cut: ChatMessage = replace(
        message, content=(TextBlock(whole[:shown] + _NOTE.format(shown=shown, whole=len(whole))),)
    )
    return replace(item, messages=(cut,), tokens=tokens_of([cut]))
