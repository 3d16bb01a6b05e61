"""Cursors that clients send back, true ones and others."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from coda.core.pagination import Cursor, InvalidCursor, position_of

CURSOR = Cursor(datetime(2026, 3, 1, 12, 30, tzinfo=UTC), UUID(int=7))


class TestCursor:
    def test_comes_back_as_it_was_given_out(self) -> None:
        assert Cursor.decode(CURSOR.encode()) == CURSOR

    @pytest.mark.parametrize("text", [None, ""])
    def test_none_is_the_beginning(self, text: str | None) -> None:
        assert Cursor.decode(text) is None

    @pytest.mark.parametrize("text", ["x", "é", "////", "a" * 100_000, CURSOR.encode()[:-3], "MjAyNi0wMy0wMXww"])
    def test_another_text_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidCursor):
            Cursor.decode(text)


class TestPosition:
    def test_comes_back_as_it_was_given_out(self) -> None:
        assert position_of(str(2**63 - 1)) == 2**63 - 1

    @pytest.mark.parametrize("text", [None, ""])
    def test_none_is_the_beginning(self, text: str | None) -> None:
        assert position_of(text) is None

    @pytest.mark.parametrize("text", ["0", "-1", "1.0", "x", "٣", str(2**63), "9" * 5_000])
    def test_another_text_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidCursor):
            position_of(text)
