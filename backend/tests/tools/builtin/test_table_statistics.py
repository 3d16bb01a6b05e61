"""Tables as people paste them, and the figures against Python's statistics module."""

import statistics
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda.tools.builtin.table import MAX_ROWS, number_format, read_number, read_table
from coda.tools.builtin.table_statistics import check, describe, table_statistics
from coda.tools.errors import ToolFailed
from coda.tools.types import ToolCallContext

RENTS = """
| City  | People  | Rent   |
|-------|--------:|:------:|
| Porto | 231,800 | €950   |
| Faro  | 67,650  | €820.5 |
| Porto | -       | €1,010 |
"""


def column(result: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in result["columns"] if each["name"] == name)


class TestReadTable:
    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    def test_separators_are_found(self, separator: str) -> None:
        table = read_table(f"a{separator}b\n1{separator}x\n2{separator}y")

        assert table.columns == ("a", "b")
        assert table.rows == (("1", "x"), ("2", "y"))

    def test_semicolons_win_over_decimal_commas(self) -> None:
        assert read_table("a;b\n1,5;2,5\n2,5;3,5").rows[0] == ("1,5", "2,5")

    def test_quotes_hold_separators(self) -> None:
        assert read_table('name,n\n"Smith, John",1').rows == (("Smith, John", "1"),)

    def test_markdown_with_escaped_bars_and_emphasis(self) -> None:
        table = read_table("| **a** | b |\n| --- | --- |\n| x \\| y | 2 |")

        assert table.columns == ("a", "b")
        assert table.rows == (("x | y", "2"),)

    def test_without_a_header_columns_are_numbered(self) -> None:
        assert read_table("1,2\n3,4", has_header=False).columns == ("column 1", "column 2")

    def test_equal_and_empty_names_are_told_apart(self) -> None:
        assert read_table("a,a,\n1,2,3").columns == ("a", "a (2)", "column 3")

    def test_short_rows_are_filled_and_said_so(self) -> None:
        table = read_table("a,b,c\n1,2,3\n4")

        assert table.rows[1] == ("4", "", "")
        assert "1 row(s)" in table.notes[0]

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "no table"),
            ("a,b", "no table"),
            ("x" * 500_001, "characters"),
            ("a\n" + "1\n" * (MAX_ROWS + 1), "rows"),
            (",".join(["a"] * 201) + "\n" + ",".join(["1"] * 201), "columns"),
            ('a,b\n"' + "x" * 200_000 + '",2', "cannot be read"),
        ],
    )
    def test_what_is_no_table_is_a_sentence(self, text: str, sentence: str) -> None:
        with pytest.raises(ToolFailed, match=sentence):
            read_table(text)


class TestNumbers:
    @pytest.mark.parametrize(
        ("cells", "values"),
        [
            (["1,234.5", "2"], ["1234.5", "2"]),
            (["1.234,5", "2"], ["1234.5", "2"]),
            (["1,5", "2,25"], ["1.5", "2.25"]),
            (["1.5", "2.25"], ["1.5", "2.25"]),
            (["1 234,5", "1\u00a0000,25"], ["1234.5", "1000.25"]),
            (["1'234.5", "7"], ["1234.5", "7"]),
            (["€ 1,234.50", "$5"], ["1234.50", "5"]),
            (["R$ 1.234,50", "R$ 5,25"], ["1234.50", "5.25"]),
            (["12%", "3.5 %"], ["12", "3.5"]),
            (["(1,234.5)", "\u22125", "-€5", "(€6)"], ["-1234.5", "-5", "-5", "-6"]),
            (["1e3", "2.5E-2"], ["1e3", "0.025"]),
            (["**7**", "`8`"], ["7", "8"]),
            (["0,125", "0,5"], ["0.125", "0.5"]),
            ([".5", "5."], ["0.5", "5"]),
            ([",5", "5,"], ["0.5", "5"]),
            (["1.234.567", "2.345.678"], ["1234567", "2345678"]),
        ],
    )
    def test_are_read_as_people_write_them(self, cells: list[str], values: list[str]) -> None:
        form = number_format(cells)

        assert [float(read_number(cell, form) or "nan") for cell in cells] == [float(value) for value in values]

    def test_a_column_that_could_be_either_says_so(self) -> None:
        assert number_format(["1,234", "5,678"]).is_guess
        assert number_format(["1.234", "5.678"]).is_guess
        assert not number_format(["1,234", "5.5"]).is_guess

    def test_the_caller_may_decide(self) -> None:
        result = describe({"table": "n\n1.234\n2.5", "decimal_separator": ","})

        assert column(result, "n")["type"] == "text"
        assert column(describe({"table": "n\n1.234", "decimal_separator": ","}), "n")["sum"] == 1234

    def test_other_columns_settle_what_one_leaves_open(self) -> None:
        points = describe({"table": "a;b\n1,234;2.5"})
        commas = describe({"table": "a;b\n1.234;2,5"})

        assert [column(each, "a")["sum"] for each in (points, commas)] == [1234, 1234]
        assert points["notes"] == commas["notes"] == []

    @pytest.mark.parametrize("cell", ["abc", "1-2", "12/03", "2026-01-01", "1,2,3"])
    def test_other_things_are_none(self, cell: str) -> None:
        assert read_number(cell, number_format([cell])) is None


class TestDescribe:
    def test_a_markdown_table_with_groups_and_correlation(self) -> None:
        result = describe({"table": RENTS, "group_by": "city", "correlation": True})

        assert result["rows"] == 3
        assert column(result, "City")["most_common"][0] == {"value": "Porto", "count": 2}
        people = column(result, "People")
        assert (people["count"], people["missing"], people["sum"]) == (2, 1, 299_450)
        porto = result["groups"][0]
        assert porto["group"] == "Porto"
        assert porto["columns"][1] == {"name": "Rent", "count": 2, "sum": 1960, "mean": 980}
        assert result["correlations"] == [{"columns": ["People", "Rent"], "r": 1, "rows": 2}]
        assert all(each.ok for each in check({}, result))

    def test_sums_of_money_are_exact(self) -> None:
        result = describe({"table": "price\n" + "\n".join(["0.1"] * 10 + ["0.2"])})

        assert column(result, "price")["sum"] == 1.2

    def test_only_the_wanted_columns(self) -> None:
        assert [each["name"] for each in describe({"table": RENTS, "columns": ["rent"]})["columns"]] == ["Rent"]

    def test_an_unknown_column_is_a_sentence(self) -> None:
        with pytest.raises(ToolFailed, match="Columns: City, People, Rent"):
            describe({"table": RENTS, "group_by": "country"})

    def test_a_few_words_among_numbers_count_as_missing_and_are_told(self) -> None:
        result = describe({"table": "n\n1\n2\n3\n4\nmany"})

        assert column(result, "n")["missing"] == 1
        assert "not numbers" in result["notes"][0]
        assert [each.name for each in check({}, result) if not each.ok] == ["unambiguous"]

    def test_a_reading_that_could_be_another_is_told(self) -> None:
        result = describe({"table": "n;m\n1,234;a\n5,678;b"})

        assert column(result, "n")["sum"] == 6912
        assert "two ways" in result["notes"][0]

    def test_columns_of_one_value_have_no_deviation_and_no_correlation(self) -> None:
        result = describe({"table": "a,b\n1,2", "correlation": True})

        assert column(result, "a")["sd"] is None
        assert result["correlations"][0]["r"] is None

    def test_too_many_groups_and_columns_are_cut_and_told(self) -> None:
        rows = "\n".join(f"k{number}," + ",".join(["1"] * 14) for number in range(250))
        header = "key," + ",".join(f"c{number}" for number in range(14))

        result = describe({"table": f"{header}\n{rows}", "group_by": "key", "correlation": True})

        assert len(result["groups"]) == 200
        assert len(result["correlations"]) == 66
        assert len(result["notes"]) == 2

    def test_a_miscount_would_be_found_out(self) -> None:
        result = describe({"table": RENTS})
        result["columns"][1].update(count=1, max=0)

        assert [each.name for each in check({}, result) if not each.ok] == ["rows", "order"]

    @given(st.lists(st.decimals(-1000, 1000, places=3, allow_nan=False), min_size=2, max_size=40))
    def test_agrees_with_the_statistics_module(self, numbers: list[Any]) -> None:
        table = "n\n" + "\n".join(f"{number:f}" for number in numbers)
        values = [float(number) for number in numbers]

        found = column(describe({"table": table, "decimal_separator": "."}), "n")

        lower, middle, upper = statistics.quantiles(values, n=4, method="inclusive")
        assert found["mean"] == pytest.approx(statistics.fmean(values), abs=1e-9)
        assert found["sd"] == pytest.approx(statistics.stdev(values), abs=1e-6)
        assert (found["q1"], found["median"], found["q3"]) == (
            pytest.approx(lower),
            pytest.approx(middle),
            pytest.approx(upper),
        )

    @given(st.text(max_size=300))
    def test_any_text_gives_statistics_or_a_sentence(self, text: str) -> None:
        with suppress(ToolFailed):
            result = describe({"table": text, "correlation": True})

            assert all(each.ok for each in check({}, result) if each.must)

    async def test_works_off_the_event_loop(self, caller: ToolCallContext) -> None:
        assert (await table_statistics({"table": RENTS}, caller))["rows"] == 3
