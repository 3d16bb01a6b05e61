"""The words that ask a model to go on where it was cut."""

from typing import Final

GO_ON: Final = (
    "Your answer was cut off here. Go on exactly where it stopped, in the same language and form. "
    "Repeat nothing and comment on nothing."
)
