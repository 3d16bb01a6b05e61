"""What kind of result is kept, and for how long."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Namespace:
    """One kind of result. Whoever changes what its bytes mean gives it another version: the old ones are not read.

    `keep_for`: how long a result counts. `most_bytes`: a longer one is given out, and not kept.
    """

    name: str
    version: int
    keep_for: timedelta
    most_bytes: int = 1_000_000

    def __str__(self) -> str:
        return f"{self.name}.{self.version}"
