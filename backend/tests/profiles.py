"""How many examples the property tests try: a few in the suite, always the same; many new ones in `make test-long`."""

import os
from typing import Final

from hypothesis import settings

IS_LONG: Final = os.environ.get("HYPOTHESIS_PROFILE", "suite") == "long"


def load() -> None:
    """Use the profile that the environment names."""
    settings.register_profile("suite", derandomize=True, deadline=None)
    settings.register_profile("long", max_examples=2_000, deadline=None, print_blob=True)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def examples(*, suite: int, long: int) -> int:
    """For a test whose examples take longer than those of others."""
    return long if IS_LONG else suite
