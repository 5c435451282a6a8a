"""One dense symmetric system whose unknowns may be held: the linear algebra of problems with many sources."""

import numpy as np
from scipy.linalg import lapack

from interplay.information import Array
from interplay.solvers.arrays import Flags

RIDGE = 1e-14  # relative to the diagonal: keeps directions that nothing determines at rest
HOLD = 1e30


class DenseFactor:
    """Factor of `matrix` (n,n), of which the upper triangle is read and overwritten; `held` unknowns stay at zero."""

    def __init__(self, matrix: Array, held: Flags):
        diagonal = np.einsum("ii->i", matrix)
        scale = np.where(diagonal > 0, diagonal, 1.0)
        diagonal += np.where(held, HOLD, RIDGE) * scale
        self.factor, info = lapack.dpotrf(matrix, lower=0, clean=0)
        for _ in range(len(matrix)):  # a pivot that is rounding: its unknown is held too
            if info <= 0:
                break
            diagonal[info - 1] += HOLD * scale.max()  # its own may be far below what stands beside it
            self.factor, info = lapack.dpotrf(matrix, lower=0, clean=0)

    def solve(self, right: Array) -> Array:
        """Solution (n,) for a right side (n,)."""
        found, _ = lapack.dpotrs(self.factor, right, lower=0)
        return np.asarray(found)
