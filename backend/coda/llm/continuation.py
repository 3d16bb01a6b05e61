"""What a model is asked when its answer was cut off."""

from typing import Final

CONTINUE_REQUEST: Final = (
    "Your answer was cut off here. Go on exactly where it stopped, in the same language and form. "
    "Repeat nothing and comment on nothing."
)
