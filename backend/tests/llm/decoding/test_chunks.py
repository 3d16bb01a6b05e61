"""OpenAI's wire, as many servers speak it."""

import gzip
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda.core.guarded_http.encoding import Inflating
from coda.core.guarded_http.errors import OutboundFailed
from coda.llm.errors import (
    ContextWindowExceeded,
    MalformedAnswer,
    ModelError,
    ProviderBusy,
    ProviderUnavailable,
    RequestRejected,
    StreamCut,
)
from coda.llm.types import ChatUsage
from tests.llm.decoding.streams import DONE, blocks_of, call, chunk_reader, delta, event, openai, read, said

HELLO = {"choices": [{"index": 0, "delta": {"content": "Hello"}, "finish_reason": "stop"}]}
USAGE = {"prompt_tokens": 11, "completion_tokens": 5}
WHOLE = {"choices": [{"message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}], "usage": USAGE}

FORMS: dict[str, str] = {
    "as it should be": event(HELLO) + DONE,
    "the last line without its end": event(HELLO).rstrip("\n"),
    "the mark of the end without its end": event(HELLO) + "data: [DONE]",
    "the mark of the end in quotes": event(HELLO) + 'data: "[DONE]"\n\n',
    "without any mark of the end": event(HELLO),
    "no space after data": event(HELLO).replace("data: ", "data:") + DONE,
    "events without blank lines": event(HELLO).replace("\n\n", "\n") + "data: [DONE]\n",
    "empty data": "data:\n\ndata: \n\n" + event(HELLO) + DONE,
    "comments and names": ": ping\n\nevent: message\nid: 4\nretry: 10\n" + event(HELLO) + "event: ping\n\n" + DONE,
    "a byte order mark": "\ufeff" + event(HELLO) + DONE,
    "lines that end with CR": (event(HELLO) + DONE).replace("\n", "\r"),
    "lines that end with CR LF": (event(HELLO) + DONE).replace("\n", "\r\n"),
    "an event of several lines": "".join(f"data: {line}\n" for line in json.dumps(HELLO, indent=1).split("\n"))
    + "\n" + DONE,
    "several lines, the first ends with a brace": 'data: {"choices":[{"index":0,"delta":{"content":"Hello"}\n'
    'data: ,"finish_reason":"stop"}]}\n\n' + DONE,
    "lines of JSON": json.dumps(HELLO) + "\n",
    "one body": json.dumps(WHOLE),
    "one body in several lines": json.dumps(WHOLE, indent=2),
    "one body as an event": event(WHOLE),
    "a list of chunks": json.dumps([HELLO], indent=1),
    "text of the older form": event({"choices": [{"text": "Hello", "finish_reason": "stop"}]}) + DONE,
    "the whole message again at the end": delta(content="Hel") + delta(content="lo")
    + event({"choices": [{"delta": {}, "message": {"content": "Hello"}, "finish_reason": "stop"}]}) + DONE,
    "ever more of the message": event({"choices": [{"message": {"content": "Hel"}}]})
    + event({"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]}) + DONE,
    "the message in pieces": event({"choices": [{"message": {"content": "Hel"}}]})
    + event({"choices": [{"message": {"content": "lo"}}]}) + event({"choices": [{"finish_reason": "stop"}]}) + DONE,
    "a list of chunks in an event": event([HELLO]) + DONE,
    "NaN": 'data: {"choices":[{"delta":{"content":"Hello"},"logprobs":NaN,"finish_reason":"stop"}]}\n\n' + DONE,
    "parts": delta("stop", content=[{"type": "text", "text": "Hel"}, {"type": "output_text", "text": "lo"}]) + DONE,
    "the reason as an object": delta({"type": "stop"}, content="Hello") + DONE,
    "a choice that is empty": event({"choices": []}) + event({"choices": None}) + event({}) + event(HELLO) + DONE,
    "a delta that is nothing": event({"choices": [{"delta": None}]}) + event(HELLO) + DONE,
    "a prompt that was filtered": event({"choices": [], "prompt_filter_results": [{}]}) + event(HELLO) + DONE,
}  # fmt: skip


class TestForms:
    @pytest.mark.parametrize("form", FORMS)
    def test_the_answer_is_read(self, form: str) -> None:
        turn = openai(FORMS[form])

        assert turn.failure is None
        assert (turn.text, turn.finish) == ("Hello", "stop")

    @given(st.sampled_from(sorted(FORMS)), st.lists(st.integers(0, 2000), max_size=30))
    def test_any_blocks_give_the_same(self, form: str, cuts: list[int]) -> None:
        stream = FORMS[form].encode()

        assert read(chunk_reader(), blocks_of(stream, cuts)).outcome == openai(stream).outcome

    def test_halves_of_a_character_are_joined(self) -> None:
        pieces = "".join(
            'data: {"choices":[{"delta":{"content":"' + half + '"}}]}\n\n'
            for half in ("a\\ud83d", "\\ude00b", "\\ud83d")
        )

        assert openai(pieces + delta("stop") + DONE).text == "a\U0001f600b\ufffd"

    def test_a_refusal_is_what_the_model_says(self) -> None:
        turn = openai(delta(refusal="I can't ") + delta(refusal="do that.") + delta("stop") + DONE)

        assert turn.text == "I can't do that."

    @pytest.mark.parametrize("word", ["content_filter", "SAFETY", "refusal", "prohibited_content", "sensitive"])
    def test_a_filter_is_told_apart(self, word: str) -> None:
        assert openai(delta(word) + DONE).finish == "content_filter"

    @pytest.mark.parametrize("word", ["length", "max_tokens", "MAX_TOKENS"])
    def test_a_limit_is_told_apart(self, word: str) -> None:
        assert openai(delta(word, content="Hel") + DONE).finish == "length"

    @pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
    def test_reasoning_is_kept_apart(self, field: str) -> None:
        turn = openai(delta(**{field: "hm", "content": ""}) + delta("stop", content="Hello") + DONE)

        assert (turn.reasoning, turn.text) == ("hm", "Hello")

    def test_reasoning_in_details_alone(self) -> None:
        details = [{"type": "reasoning.text", "text": "hm"}]

        assert openai(delta(reasoning_details=details) + delta("stop", content="Hello") + DONE).reasoning == "hm"


ERRORS: dict[str, tuple[str, type[ModelError], str]] = {
    "in the choice": (
        event({"choices": [{"delta": {}, "finish_reason": "error", "error": {"code": 502, "message": "Gone."}}]}),
        ProviderUnavailable, "Gone.",
    ),
    "beside the choices": (
        event({"error": {"code": 400, "message": "Bad tool."}, "choices": [{"delta": {"content": ""}}]}) + DONE,
        RequestRejected, "Bad tool.",
    ),
    "an object that calls itself one": (
        event({"object": "error", "message": "Wrong.", "type": "BadRequestError", "code": 400}) + DONE,
        RequestRejected, "Wrong.",
    ),
    "an event of that name": ('event: error\ndata: {"message": "Overloaded."}\n\n', ProviderUnavailable, "Overloaded."),
    "an event of that name in words": ("event: error\ndata: upstream died\n\n", ProviderUnavailable, "upstream died"),
    "an event of that name without an end": ("event: error\ndata: upstream died", ProviderUnavailable, "upstream died"),
    "an answer that is none": ('{"detail":"loading"}', ProviderUnavailable, "loading"),
    "an answer that is none, as an event": (event({"detail": "loading"}) + DONE, ProviderUnavailable, "loading"),
    "a status within": (event({"base_resp": {"status_code": 1004, "status_msg": "login fail"}}), ProviderUnavailable,
                        "login fail"),
    "raw JSON in the middle": (
        delta(content="Hel") + '{"error": {"message": "Died."}}\n', ProviderUnavailable, "Died.",
    ),
    "what the gateway was told": (
        event({"error": {"message": "Provider returned error", "code": 400, "metadata": {
            "raw": '{"error":{"message":"prompt is too long: 9 tokens > 8 maximum"}}'}}}),
        ContextWindowExceeded, "prompt is too long",
    ),
    "a reason that is one": (delta("network_error") + DONE, ProviderUnavailable, "network_error"),
    "a web page": ("<html>\n<body>Sign in</body></html>", MalformedAnswer, "web page"),
    "plain words": ("the model is loading", MalformedAnswer, "the model is loading"),
    "half a chunk": ('data: {"choices": [{"delta": {"content": "half\n\n', MalformedAnswer, "not a valid answer"),
    "half a chunk at the end": ('data: {"choices": [{"delta": {"con', StreamCut, "broke"),
    "no chunk": ("data: 17\n\n", MalformedAnswer, "not a valid answer"),
    "nothing": ("", MalformedAnswer, "empty"),
    "nothing but comments": (": ping\n\n: ping\n\n", MalformedAnswer, "empty"),
    "nothing that says anything": (event({"choices": [{"delta": {"role": "assistant"}}]}), StreamCut, "broke"),
    "a list, as Google has it": (
        event([{"error": {"code": 429, "message": "Slow down.", "status": "RESOURCE_EXHAUSTED"}}]),
        ProviderBusy, "Slow down.",
    ),
    "a field of that name": ('error: {"code": 500, "message": "Died."}\n\n', ProviderUnavailable, "Died."),
    "a field of that name in words": ("error: it died\n\n", ProviderUnavailable, "it died"),
    "JSON within JSON": (
        event({"error": {"message": '{"detail": "No memory."}'}}), ProviderUnavailable, ": No memory.",
    ),
    "too deep": ("data: " + "[" * 3000 + "\n\n", MalformedAnswer, "not a valid answer"),
    "parts in parts": (
        "data: " + '{"choices":[{"delta":{"content":' + '[{"text":' * 600 + '""' + "}]" * 600 + "}}]}\n\n",
        MalformedAnswer, "not a valid answer",
    ),
}  # fmt: skip


class TestErrors:
    @pytest.mark.parametrize("error", ERRORS)
    def test_it_is_told_in_its_own_words(self, error: str) -> None:
        stream, kind, says = ERRORS[error]
        failure = openai(stream).failure

        assert type(failure) is kind
        assert says in failure.message

    @given(st.sampled_from(sorted(ERRORS)), st.lists(st.integers(0, 2000), max_size=30))
    def test_any_blocks_give_the_same(self, error: str, cuts: list[int]) -> None:
        stream = (delta(content="Before.") + ERRORS[error][0]).encode()

        assert read(chunk_reader(), blocks_of(stream, cuts)).outcome == openai(stream).outcome

    def test_a_reason_that_says_nothing_more_is_not_quoted(self) -> None:
        failure = openai(delta("error") + DONE).failure

        assert failure is not None
        assert failure.message == ProviderUnavailable.sentence

    def test_what_came_before_stays(self) -> None:
        turn = openai(delta(content="One ") + delta(content="two <") + ERRORS["in the choice"][0])

        assert turn.text == "One two <"
        assert turn.finish is None

    def test_the_key_is_concealed(self) -> None:
        failure = openai(event({"error": {"message": "No key sk-secret here."}})).failure

        assert failure is not None
        assert "sk-secret" not in failure.message


COUNTS: dict[str, tuple[Any, ChatUsage | None]] = {
    "as it should be": (USAGE, ChatUsage(11, 5)),
    "negative": ({"prompt_tokens": 11, "completion_tokens": -1}, ChatUsage(11, 0)),
    "beyond all measure": ({"prompt_tokens": 2**64 - 1, "completion_tokens": 10**30}, ChatUsage(0, 0)),
    "as text": ({"prompt_tokens": "11", "completion_tokens": "5"}, ChatUsage(11, 5)),
    "as fractions": ({"prompt_tokens": 11.0, "completion_tokens": 5.0}, ChatUsage(11, 5)),
    "as nothing": ({"prompt_tokens": None, "completion_tokens": []}, ChatUsage(0, 0)),
    "as truth": ({"prompt_tokens": True, "completion_tokens": 5}, ChatUsage(0, 5)),
    "words": ({"prompt_tokens": "many", "completion_tokens": "NaN"}, ChatUsage(0, 0)),
    "other names": ({"input_tokens": 11, "output_tokens": 5}, ChatUsage(11, 5)),
    "reasoning beside the output": (
        {**USAGE, "completion_tokens_details": {"reasoning_tokens": 70}},
        ChatUsage(11, 75, reasoning_tokens=70),
    ),
    "more cached than read": ({**USAGE, "prompt_tokens_details": {"cached_tokens": 99}},
                              ChatUsage(11, 5, cached_input_tokens=11)),
    "details that are none": ({**USAGE, "prompt_tokens_details": 4, "completion_tokens_details": []}, ChatUsage(11, 5)),
    "a cost that is none": ({**USAGE, "cost": "free"}, ChatUsage(11, 5)),
    "a negative cost": ({**USAGE, "cost": -1}, ChatUsage(11, 5)),
    "a cost beyond all measure": ({**USAGE, "cost": 1e300}, ChatUsage(11, 5)),
    "a list": ([1], None),
    "a number": (4, None),
}  # fmt: skip


class TestUsage:
    @pytest.mark.parametrize("counts", COUNTS)
    def test_what_cannot_be_right_is_nothing(self, counts: str) -> None:
        usage, read_as = COUNTS[counts]
        turn = openai(delta("stop", content="Hello") + event({"choices": [], "usage": usage}) + DONE)

        assert turn.failure is None
        assert (turn.text, turn.usage) == ("Hello", read_as)

    def test_counts_of_nothing_do_not_replace_those_before(self) -> None:
        nothing = {"prompt_tokens": 0, "completion_tokens": 0}
        turn = openai(
            delta("stop", content="Hello") + "".join(event({"choices": [], "usage": each}) for each in (USAGE, nothing))
        )

        assert turn.usage == ChatUsage(11, 5)


class TestCompressed:
    @pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, lambda data: zlib.compress(data, wbits=-15)])
    def test_blocks_of_any_size_are_unpacked(self, pack: Any) -> None:  # noqa: ANN401 - a function of bytes
        packed = pack(said("Hello").encode())
        inflate = Inflating()

        turn = read(chunk_reader(), (inflate(packed[at : at + 7]) for at in range(0, len(packed), 7)))

        assert turn.text == "Hello"

    def test_what_is_not_packed_is_told(self) -> None:
        with pytest.raises(OutboundFailed):
            Inflating()(b"data: plain")

    def test_a_small_block_that_unpacks_to_very_much_is_refused(self) -> None:
        with pytest.raises(OutboundFailed):
            Inflating()(gzip.compress(b"0" * 50_000_000))


def test_nothing_of_a_call_is_lost_to_its_blocks() -> None:
    stream = (call("calculator", '{"expression":', index=0, id="a") + call(None, '"6*7"}', index=0) + DONE).encode()

    for size in (1, 2, 3, 5, 7, 11, 1000):
        turn = read(chunk_reader(), [stream[at : at + size] for at in range(0, len(stream), size)])
        assert turn.made == [("calculator", {"expression": "6*7"})]
