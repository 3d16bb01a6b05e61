"""Titles made from the first exchange."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda.conversations.titles import LONGEST, tidy_title, title_from


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("What is 17.5 % of 2,340?", "What is 17.5 % of 2,340?"),
        ("what is row-level security? Explain it to me.", "What is row-level security?"),
        ("iPhone or Android?", "iPhone or Android?"),
        ("Hello. How are you?", "Hello"),
        ("See e.g. the manual. Then stop.", "See e.g. the manual"),
        ("# Plan\n\nMake a plan", "Plan"),
        ("- **Fix** the `backup` job", "Fix the backup job"),
        ("1. First thing", "First thing"),
        ("> quoted words\nmy own", "Quoted words"),
        ("- [ ] buy milk", "Buy milk"),
        ("[the docs](https://example.org/a) say otherwise", "The docs say otherwise"),
        ("Summarise https://www.example.org/a/b?c=d for me", "Summarise example.org for me"),
        ("```python\nprint(1)\n```\nWhy does this fail?", "Why does this fail?"),
        ("<b>Bold</b> <script>alert(1)</script> question", "Bold alert(1) question"),
        ("snake_case_name and 2*3*4", "Snake_case_name and 2*3*4"),
        ("\n\n   \t\n  spaced   out\twords ", "Spaced out words"),
        ("行级安全是什么\uff1f请解释。", "行级安全是什么\uff1f"),
        ("O que é um índice? E uma chave?", "O que é um índice?"),
        (
            "Compare the three cheapest ways to send forty pallets from Porto to Gdansk in January",
            "Compare the three cheapest ways to send forty pallets from…",
        ),
        ("x" * 100, "X" + "x" * 58 + "…"),
    ],
)
def test_is_the_first_sentence_without_markup(question: str, title: str) -> None:
    assert title_from(question, "An answer.") == title


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("???", "???"),
        ("🙂", "🙂"),
        ("\n…\n", "…"),
        ("```python\nprint(1)\n```", "Print(1)"),
        ("~~~\na + b\n~~~", "a + b"),
    ],
)
def test_a_question_without_words_is_called_by_its_signs_never_by_the_answer(question: str, title: str) -> None:
    assert title_from(question, "I cannot answer that. I am a demo.") == title


def test_the_answer_names_only_what_nothing_was_asked_in() -> None:
    assert title_from(" \n", "**Paris** is the capital of France. It lies on the Seine.") == (
        "Paris is the capital of France"
    )
    assert title_from("", "") == "New chat"


@given(st.text(max_size=500), st.text(max_size=100))
def test_is_one_short_line_whatever_was_written(question: str, answer: str) -> None:
    title = title_from(question, answer)

    assert 0 < len(title) <= LONGEST
    assert title == " ".join(title.split())
    assert all(character.isprintable() or character in "\u200c\u200d" for character in title)


@given(st.from_regex(r"[\[\]()!`*_~<>#|. a]{0,4000}", fullmatch=True))
def test_strange_markup_does_not_take_long(question: str) -> None:
    assert title_from(question, "")


class TestTidyTitle:
    @pytest.mark.parametrize(
        ("written", "title"),
        [
            ("Rechnen mit Prozenten", "Rechnen mit Prozenten"),
            ('"Percentages of a Sum"\n', "Percentages of a Sum"),
            ("Title: **Percentages**", "Percentages"),
            ("**Title:** “Percentages of a sum.”", "Percentages of a sum"),
            ("# Percentages\n\nHere is why I chose it.", "Percentages"),
            ("<script>alert(1)</script> Sums", "Alert(1) Sums"),
            ("word " * 40, "Word word word word word word word word word word word…"),
        ],
    )
    def test_takes_off_what_models_put_round_it(self, written: str, title: str) -> None:
        assert tidy_title(written) == title

    @pytest.mark.parametrize("written", ["", "\n\n", "“”", "Title:", "```\n```"])
    def test_gives_none_where_nothing_is_left(self, written: str) -> None:
        assert tidy_title(written) is None
