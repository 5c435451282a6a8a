"""Names of array types that the solvers share."""

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Index = NDArray[np.intp]
