"""The smallest information's fixed dual: how far it moves with the tables where re-solved replicates hardly do.

The joint of largest entropy is a product of potentials of its pairs, log r = a(x1,x2) + b(x1,y) + c(x2,y), and for any
potentials I >= H(X1,X2) + H(Y) + <p12,a> + <p1y,b> + <p2y,c> - log sum exp(a + b + c) over the whole set: linear in the
tables but for two entropies. Where the tables leave hardly any freedom (noise makes near-copies contradict each other),
potentials are steep, and every replicate's own solution hides that.
"""

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import lsmr

from interplay.estimation.drawn import Drawn
from interplay.information import Array, entropy, to_bits

LEAST = 1e-6  # of a cell: potentials of impossible cells are minus infinity, and any below this are as valid
SWEEPS = 500  # of least squares


def fixed_information(drawn: Drawn) -> Array:
    """What the sample's potentials say on each replicate (B,), bits, up to a constant."""
    t = drawn.batch.tables
    tables = [table.reshape(len(table), -1) for table in (t.p12, t.p1y, t.p2y)]
    linear = np.concatenate(tables, axis=1) @ _potentials(drawn.point.maxent[0])
    return np.asarray(entropy(t.p12, batch=1) + entropy(t.p1y.sum(axis=1), batch=1) + to_bits(linear))


def _potentials(joint: Array) -> Array:
    """a, b, c in one row, nats: least squares over log r, each cell with its mass."""
    n1, n2, k = joint.shape
    x1, x2, y = np.indices(joint.shape).reshape(3, -1)
    each = np.arange(joint.size)
    columns = np.concatenate([x1 * n2 + x2, n1 * n2 + x1 * k + y, n1 * n2 + n1 * k + x2 * k + y])
    shape = joint.size, n1 * n2 + (n1 + n2) * k
    weight = np.sqrt(np.maximum(joint.ravel(), LEAST))
    matrix = sp.csr_matrix((np.tile(weight, 3), (np.tile(each, 3), columns)), shape=shape)
    return np.asarray(lsmr(matrix, 2 * weight * np.log(weight), atol=1e-9, btol=1e-9, maxiter=SWEEPS)[0])
