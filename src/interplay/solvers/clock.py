"""When a search has to stop: after seconds, or after a number of steps that is the same on any machine."""

import itertools
import time
from collections.abc import Callable

PIVOTS = 200  # of a walk over vertices, where a search stops after steps
PIVOTS_OF_MORE = 1200  # the same with more than two labels


def clock_of(seconds: float, steps: int | None = None) -> Callable[[], bool]:
    """A question that is answered yes once the seconds are over, or once it was asked so many times."""
    if steps is not None:
        asked = itertools.count(1)
        return lambda: next(asked) > steps
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end
