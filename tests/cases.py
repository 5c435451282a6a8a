"""Named joints (n1, n2, K) that every law must hold for, and seeded families of random ones."""

import numpy as np
from numpy.typing import NDArray

from interplay.tables import PairTables

Array = NDArray[np.float64]
SHAPES = ((2, 2, 2), (3, 2, 2), (2, 3, 3), (3, 3, 2), (3, 3, 3), (4, 2, 3), (4, 4, 2), (5, 4, 3))


def uniform_over(*cells: tuple[int, int, int], shape: tuple[int, int, int] = (2, 2, 2)) -> Array:
    """Equal mass on the given cells (x1, x2, y)."""
    joint = np.zeros(shape)
    for cell in cells:
        joint[cell] += 1 / len(cells)
    return joint


def _gate(rule) -> Array:
    return uniform_over(*((a, b, rule(a, b)) for a in (0, 1) for b in (0, 1)))


def _noisy(joint: Array, share: float) -> Array:
    """Mix with the joint in which the label is a coin that nothing tells."""
    labels = joint.shape[2]
    return (1 - share) * joint + share * np.repeat(joint.sum(2)[:, :, None] / labels, labels, axis=2)


def _independent() -> Array:
    x1, x2, y = np.array([0.2, 0.5, 0.3]), np.array([0.6, 0.4]), np.array([0.7, 0.3])
    return x1[:, None, None] * x2[None, :, None] * y


def _near_deterministic() -> Array:
    joint = uniform_over((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 1))
    joint += 1e-12
    return joint / joint.sum()


def _zero_rows() -> Array:
    """A code of each modality, and a label, that never occur."""
    joint = np.zeros((3, 4, 3))
    joint[np.ix_([0, 2], [0, 2, 3], [0, 2])] = np.random.default_rng(5).dirichlet(np.ones(12)).reshape(2, 3, 2)
    return joint


def _tied() -> Array:
    """All likelihood ratios are equal to another one's: kinks of the ROC curves meet."""
    joint = np.zeros((3, 3, 2))
    joint[..., 0] = [[4, 2, 1], [2, 2, 2], [1, 2, 4]]
    joint[..., 1] = [[1, 2, 4], [2, 2, 2], [4, 2, 1]]
    return joint / joint.sum()


def _recalled(*cells: float) -> Array:
    joint = np.array(cells).reshape(2, 2, 2)
    return joint / joint.sum()


# y is a function of x1, x2 unless said otherwise
NAMED: dict[str, Array] = {
    "AND": _gate(lambda a, b: a & b),
    "XOR": _gate(lambda a, b: a ^ b),
    "OR": _gate(lambda a, b: a | b),
    "COPY": uniform_over(*((a, b, 2 * a + b) for a in (0, 1) for b in (0, 1)), shape=(2, 2, 4)),
    "UNIQUE": _gate(lambda a, b: a),  # Y = X1
    "UNIQUE_SECOND": _gate(lambda a, b: b),
    "REDUNDANT": uniform_over((0, 0, 0), (1, 1, 1)),  # Y = X1 = X2
    "REDUNDANT_NOISY": _noisy(uniform_over((0, 0, 0), (1, 1, 1)), 0.2),
    "UNIQUE_NOISY": _noisy(_gate(lambda a, b: a), 0.3),
    "INDEPENDENT": _independent(),
    "ONE_CLASS": np.full((2, 3, 1), 1 / 6),
    "ONE_CODE": np.array([[[0.1, 0.2], [0.3, 0.1], [0.2, 0.1]]]),  # X1 says nothing
    "ONE_CELL": np.ones((1, 1, 1)),
    "ZERO_ROWS": _zero_rows(),
    "TIED": _tied(),
    "NEAR_DETERMINISTIC": _near_deterministic(),
    "FORCED_ZEROS": uniform_over(  # no margin is zero, yet the identified set is one joint
        *((a, b, y) for a in (0, 1) for b in (0, 1) for y in (0, 1) if not a == b == y)
    ),
    # unimodal posteriors agree on every pair, and only the pair tells the label
    "AGREEMENT_XOR": _gate(lambda a, b: a ^ b),
    # they disagree on most pairs, and the pair settles who is right
    "DISAGREEMENT_XOR": _recalled(0, 0.05, 0.03, 0.28, 0.53, 0.03, 0.01, 0.06),
}


def random_joint(rng: np.random.Generator, shape: tuple[int, int, int], zeros: float = 0.0) -> Array:
    """Uniform on the simplex over `shape`, after about a share `zeros` of the cells is emptied."""
    mass = rng.exponential(size=shape) * (rng.random(shape) >= zeros)
    if mass.sum() == 0:
        mass[tuple(rng.integers(n) for n in shape)] = 1.0
    return mass / mass.sum()


def _random(count: int, seed: int) -> dict[str, Array]:
    """Half of them dense, half 70% sparse, 2x2x2 to 5x4x3."""
    rng = np.random.default_rng(seed)
    joints = {}
    for i in range(count):
        shape, zeros = SHAPES[i % len(SHAPES)], 0.7 * (i // len(SHAPES) % 2)
        kind = "sparse" if zeros else "dense"
        joints[f"{kind}-{'x'.join(map(str, shape))}-{i}"] = random_joint(rng, shape, zeros)
    return joints


RANDOM: dict[str, Array] = _random(200, seed=20230604)
ALL: dict[str, Array] = NAMED | RANDOM


def joint_of_set(tables: PairTables, direction: Array) -> Array:
    """The joint with the margins of `tables` that goes farthest in `direction` (a vertex of their set)."""
    from scipy.optimize import linprog

    p12, p1y, p2y = tables.margins
    n1, n2, k = tables.shape
    index = np.arange(n1 * n2 * k).reshape(n1, n2, k)
    rows, values = [], []
    for margin, axis in ((p12, 2), (p1y, 1), (p2y, 0)):
        moved = np.moveaxis(index, axis, -1).reshape(margin.size, -1)
        for cells, value in zip(moved, margin.ravel(), strict=True):
            rows.append(np.isin(index.ravel(), cells))
            values.append(value)
    found = linprog(-direction.ravel(), A_eq=np.array(rows, dtype=float), b_eq=values, method="highs")
    assert found.status == 0, found.message
    return np.maximum(found.x, 0.0).reshape(n1, n2, k)


def joints_of_set(tables: PairTables, inside: Array, count: int, seed: int) -> list[Array]:
    """`count` joints of the identified set: random mixtures of four of its vertices and of `inside`."""
    rng = np.random.default_rng(seed)
    vertices = [joint_of_set(tables, rng.normal(size=tables.shape)) for _ in range(4)] + [inside]
    weights = rng.dirichlet(np.full(len(vertices), 0.3), size=count)
    return [np.tensordot(w, np.array(vertices), 1) for w in weights]
