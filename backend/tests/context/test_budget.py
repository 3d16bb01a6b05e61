"""The budget of models of all sizes."""

import pytest

from coda.context.budget import UNKNOWN_WINDOW, budget_of
from tests.context.models import model_with


class TestBudget:
    @pytest.mark.parametrize(
        ("window", "most_output", "reserved"),
        [
            (128_000, None, 8_000),
            (128_000, 4_096, 4_096),
            (1_000_000, None, 16_384),
            (32_768, None, 2_048),
            (8_192, None, 1_024),
            (2_048, None, 512),
            (None, None, 1_024),
        ],
    )
    def test_keeps_room_for_the_answer(self, window: int | None, most_output: int | None, reserved: int) -> None:
        budget = budget_of(model_with(window, most_output=most_output))

        assert budget.window == (window or UNKNOWN_WINDOW)
        assert budget.reserved_output == reserved
        assert budget.for_prompt == budget.window - reserved
