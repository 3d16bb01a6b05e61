"""Objects that a model wrote nearly as JSON."""

import pytest

from coda.core.object_text import object_text

MENDED = {
    "in a fence": ('```json\n{"a": 1}\n```', '{"a": 1}'),
    "in a fence without a name": ('```\n{"a": 1}```', '{"a": 1}'),
    "in a fence with a loud name": ('```JSON\n{"a": 1}\n```', '{"a": 1}'),
    "as a text": (r'"{\"a\": 1}"', '{"a": 1}'),
    "with lines in a string": ('{"a": "one\ntwo\t"}', r'{"a": "one\ntwo\t"}'),
    "with spare commas": ('{"a": [1, 2,], }', '{"a": [1, 2]}'),
    "with half of a character": (r'{"a": "\ud83d"}', '{"a": "\ufffd"}'),
}
AS_IT_IS = (
    '{"a": 1}', '{"a": ",}"}', '{ }', "", "null", "[1]", '["a",]', "17", '"words"', '{"a": NaN}', '{"a": 1e400,}',
    "{'a': 1}", '{"a": 1',
    '{"a": 1}{"a": 1}', '{"a": 1,, }', "```", "```json", '{"a":' * 5000, '"' + "[" * 5000 + '"',
)  # fmt: skip


class TestObjectText:
    @pytest.mark.parametrize("form", MENDED)
    def test_its_form_is_mended(self, form: str) -> None:
        written, meant = MENDED[form]

        assert object_text(written) == meant

    @pytest.mark.parametrize("text", AS_IT_IS)
    def test_what_is_an_object_or_means_none_stays(self, text: str) -> None:
        assert object_text(text) == text

    def test_commas_in_strings_stay(self) -> None:
        assert object_text('{"a": ",}\\",]", "b": 1,}') == '{"a": ",}\\",]", "b": 1}'

    def test_what_is_very_long_stays(self) -> None:
        text = '{"a": "' + "x" * 100_000 + '",}'

        assert object_text(text) == text
