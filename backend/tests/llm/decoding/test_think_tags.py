"""Thoughts that a model writes into its text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.llm.decoding.streams import CALCULATOR, openai, pieces_of, said

FORMS: dict[str, tuple[str, str, str]] = {
    "closed": ("<think>Let me see.</think>Four.", "Let me see.", "Four."),
    "with lines": ("<think>\nLet me see.\n</think>\n\nFour.", "Let me see.", "Four."),
    "after spaces": ("\n <think>Let me see.</think>Four.", "Let me see.", "Four."),
    "not closed": ("<think>Let me see", "Let me see", ""),
    "empty": ("<think>\n\n</think>\n\nFour.", "", "Four."),
    "not opened": ("Let me see.\n</think>\n\nFour.", "Let me see.\n", "Four."),
    "not opened, in one line": ("Let me see.</think>Four.", "Let me see.", "Four."),
    "only closed": ("</think>Four.", "", "Four."),
    "twice": ("<think>One.</think>Two.<think>Three.</think>Four.", "One.Three.", "Two.Four."),
    "another word": ("<thinking>Let me see.</thinking>Four.", "Let me see.", "Four."),
    "square": ("[THINK]Let me see.[/THINK]Four.", "Let me see.", "Four."),
    "kimi": ("◁think▷Let me see.◁/think▷Four.", "Let me see.", "Four."),
    "text about tags": ("Write `</think>` to end it.", "", "Write `</think>` to end it."),
    "code about tags": ("So:\n```\n</think>\n```\nFour.", "", "So:\n```\n</think>\n```\nFour."),
    "a tag that opens late": ("Use <think> for that.", "", "Use <think> for that."),
    "a tag in a tag": ("<think>I write <think> here</think>Four.", "I write <think> here", "Four."),
    "comparisons": ("a < b <= c </ d", "", "a < b <= c </ d"),
    "the beginning of a tag": ("<thi", "", "<thi"),
    "nothing": ("", "", ""),
    "spaces": ("  \n", "", "  \n"),
}


class TestTags:
    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("tools", [(), (CALCULATOR,)], ids=["plain", "with tools"])
    def test_thoughts_are_reasoning(self, form: str, tools: tuple[()]) -> None:
        written, reasoning, text = FORMS[form]
        turn = openai(said(written), tools=tools)

        assert (turn.reasoning, turn.text) == (reasoning, text)

    @given(st.sampled_from(sorted(FORMS)), st.lists(st.integers(0, 60), max_size=20))
    def test_any_pieces_give_the_same(self, form: str, cuts: list[int]) -> None:
        written = FORMS[form][0]
        pieces = pieces_of(written, cuts)

        assert openai(said(*pieces)).outcome == openai(said(written)).outcome

    @given(st.text(alphabet="<>/think `\n[]THINKa", max_size=60), st.lists(st.integers(0, 60), max_size=20))
    def test_nothing_is_lost_and_any_pieces_give_the_same(self, written: str, cuts: list[int]) -> None:
        pieces = pieces_of(written, cuts)
        whole = openai(said(written), tools=())

        assert openai(said(*pieces), tools=()).outcome == whole.outcome
        if "</think>" not in written and "<think>" not in written and "THINK]" not in written:
            assert whole.text == written

    def test_text_is_given_as_it_comes(self) -> None:
        turn = openai(said("Four", " and ", "more."))

        assert turn.text == "Four and more."
