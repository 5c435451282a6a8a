"""Names of array types that the solvers share, and sums over short axes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Index = NDArray[np.intp]

# The largest array freed so far sets how much free memory glibc keeps; it hands more than twice that back to the system
# and gets it again page by page, a third of the time of a 20x20x10 problem. This sets it to what it is at most, as the
# first large array that any code of the process frees would.
np.empty(31 << 20, dtype=np.uint8)

SHORT = 8  # an axis of at most so many entries is added slice by slice
LONG = 4096  # numbers from which that pays


def over(x: NDArray[np.float64], combine: Any, *axes: int) -> NDArray[np.float64]:
    """combine.reduce (np.add, np.maximum, np.minimum) over some axes, none of them the first of a batch.

    NumPy reduces many short axes number by number; whole slices are several times faster.
    """
    for axis in sorted((a % x.ndim for a in axes), reverse=True):
        if 0 < x.shape[axis] <= SHORT and x.size >= LONG:
            slices = np.moveaxis(x, axis, 0)
            x = slices[0]
            for i in range(1, len(slices)):
                x = combine(x, slices[i])
        else:
            x = combine.reduce(x, axis=axis)
    return x
