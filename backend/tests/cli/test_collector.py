"""The collector of garbage in a process that serves or works."""

import subprocess
import sys

AFTER = """
import gc
from coda.cli import collector
gc.disable()
collector.settle()
frozen, made, looks = gc.get_freeze_count(), [], []
gc.callbacks.append(lambda phase, info: looks.append(phase))
made.extend([] for _ in range(collector.OBJECTS_BETWEEN_LOOKS - 1_000))
soon = len(looks)
made.extend([] for _ in range(2_000))
print(gc.isenabled(), frozen > 1_000, soon, len(looks) > 0)
"""


def test_it_passes_over_what_was_there_and_looks_at_the_rest_once_in_ten_thousand_objects() -> None:
    ended = subprocess.run([sys.executable, "-c", AFTER], capture_output=True, text=True, check=True)  # noqa: S603 - ours

    assert ended.stdout.split() == ["True", "True", "0", "True"]
