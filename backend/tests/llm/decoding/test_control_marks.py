"""Control tokens that a server left in its model's text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.llm.decoding.streams import CALCULATOR, openai, pieces_of, said

THOUGHT = "<|channel|>analysis<|message|>Let me see.<|end|>"
FINAL = "<|start|>assistant<|channel|>final<|message|>Four."
HEADER = "<|start|>assistant<|channel|>commentary to=functions.calculator <|constrain|>json"
CALL = HEADER + '<|message|>{"expression":"2+2"}'

FORMS: dict[str, tuple[str, str, str]] = {
    "a thought and an answer": (THOUGHT + FINAL, "Let me see.", "Four."),
    "with the mark of the end": (THOUGHT + FINAL + "<|return|>", "Let me see.", "Four."),
    "without a start between": (THOUGHT + "<|channel|>final<|message|>Four.", "Let me see.", "Four."),
    "without an end between": ("<|channel|>analysis<|message|>Let me see." + FINAL, "Let me see.", "Four."),
    "an answer alone": (FINAL, "", "Four."),
    "words before a call": ("<|channel|>commentary<|message|>I look.<|end|>" + FINAL, "", "I look.Four."),
    "words between": (THOUGHT + "Four.", "Let me see.", "Four."),
    "a thought that is not closed": ("<|channel|>analysis<|message|>Let me see", "Let me see", ""),
    "nothing but a header": ("<|channel|>analysis", "", ""),
    "a header cut within a recipient": (HEADER[:-12], "", ""),
    "words about a channel": ("<|channel|> is a token", "", "<|channel|> is a token"),
    "words about the start": ("<|start|>assistant begins a turn", "", "<|start|>assistant begins a turn"),
    "no header": ("<|channel|>" + "so " * 100, "", "<|channel|>" + "so " * 100),
    "marks later in the text": ("Write <|channel|>final<|message|>.", "", "Write <|channel|>final<|message|>."),
    "an end": ("Four.<|im_end|>", "", "Four."),
    "an end on a line of its own": ("Four.\n<|eot_id|>\n", "", "Four.\n"),
    "an older end": ("Four.</s>", "", "Four."),
    "an end that is named": ("It is `<|im_end|>`.", "", "It is `<|im_end|>`."),
    "an end that is the answer": ("It is: <|im_end|>", "", "It is: <|im_end|>"),
    "ends in a row": ("Four.<|end|><|im_end|>\n</s>", "", "Four."),
    "struck text": ("It is <s>five</s>", "", "It is <s>five</s>"),
    "an end that is begun after another": ("Four.<|im_end|><", "", "Four.<|im_end|><"),
    "an end within": ("A <|im_end|> B", "", "A <|im_end|> B"),
    "the beginning of an end": ("Four.<|im_", "", "Four.<|im_"),
    "a smaller sign at the end": ("3 <", "", "3 <"),
    "nothing but an end": ("<|im_end|>", "", ""),
}


class TestMarks:
    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("tools", [(), (CALCULATOR,)], ids=["plain", "with tools"])
    def test_they_are_read(self, form: str, tools: tuple[()]) -> None:
        written, reasoning, text = FORMS[form]
        turn = openai(said(written), tools=tools)

        assert (turn.reasoning, turn.text) == (reasoning, text)

    @given(st.sampled_from(sorted(FORMS)), st.lists(st.integers(0, 120), max_size=30))
    def test_any_pieces_give_the_same(self, form: str, cuts: list[int]) -> None:
        written = FORMS[form][0]

        assert openai(said(*pieces_of(written, cuts))).outcome == openai(said(written)).outcome

    @pytest.mark.parametrize("end", ["<|call|>", "", "<|end|>" + FINAL])
    def test_a_call_is_one(self, end: str) -> None:
        turn = openai(said(THOUGHT + CALL + end))

        assert (turn.reasoning, turn.made) == ("Let me see.", [("calculator", {"expression": "2+2"})])
        assert turn.finish == "tool_calls"

    @given(st.lists(st.integers(0, 250), max_size=40))
    def test_a_call_in_any_pieces_is_the_same(self, cuts: list[int]) -> None:
        turn = openai(said(*pieces_of(THOUGHT + CALL + "<|call|>", cuts)))

        assert turn.made == [("calculator", {"expression": "2+2"})]

    @pytest.mark.parametrize("end", ["<|call|>", ""])
    def test_a_call_without_arguments_is_one(self, end: str) -> None:
        assert openai(said(HEADER + "<|message|>" + end)).made == [("calculator", {})]

    def test_a_call_of_a_tool_that_nobody_offered_stays_text(self) -> None:
        assert openai(said(CALL), tools=()).text == '{"expression":"2+2"}'
