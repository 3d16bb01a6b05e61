"""The times of one answer."""

from coda.core.clock import Stopwatch


class Timing:
    """Counts from the moment the question was accepted; the time that the answer waited for a person is left out.

    `waited_ms`: what this run waited for a worker. `earlier_ms`: the time of the answer's earlier runs. `lost_ms`: what
    earlier holders of this run worked on it. `watch` runs since this worker took the run.
    """

    def __init__(
        self, watch: Stopwatch, *, waited_ms: int, earlier_ms: int = 0, lost_ms: int = 0, ttft_ms: int | None = None
    ) -> None:
        self.ttft_ms = ttft_ms
        self._watch = watch
        self._before_ms = earlier_ms + waited_ms
        self._spent_ms = earlier_ms + lost_ms

    @property
    def spent_seconds(self) -> float:
        """How long the answer was worked on before."""
        return self._spent_ms / 1000

    def elapsed_ms(self) -> int:
        """Milliseconds up to now."""
        return self._before_ms + self._watch.elapsed_ms()

    def first_token(self) -> int:
        """The answer's first delta of any kind has come; gives its time."""
        self.ttft_ms = self.elapsed_ms()
        return self.ttft_ms

    def as_dict(self) -> dict[str, int | None]:
        """The public form, up to now."""
        return {"ttft_ms": self.ttft_ms, "total_ms": self.elapsed_ms()}
