"""Named families of random joints (n1,n2,K), seeded: the inputs that every solver has to survive."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Array = NDArray[np.float64]
Maker = Callable[[Generator, tuple[int, int, int]], Array]


def _normalised(p: Array) -> Array:
    if p.sum() == 0:
        p = np.ones_like(p)
    return p / p.sum()


def uniform(rng: Generator, shape: tuple[int, int, int]) -> Array:
    """Uniform on the simplex."""
    return rng.dirichlet(np.ones(int(np.prod(shape)))).reshape(shape)


def sparse(rng: Generator, shape: tuple[int, int, int]) -> Array:
    """70% of the cells are zero."""
    return _normalised(uniform(rng, shape) * (rng.random(shape) < 0.3))


def rank_one(rng: Generator, shape: tuple[int, int, int]) -> Array:
    """Everything independent."""
    a, b, c = (rng.dirichlet(np.ones(n)) for n in shape)
    return np.einsum("i,j,k->ijk", a, b, c)


def gate(rng: Generator, shape: tuple[int, int, int]) -> Array:
    """A random function of both codes, codes uniform."""
    p = np.zeros(shape)
    i, j = np.indices(shape[:2])
    p[i, j, rng.integers(shape[2], size=shape[:2])] = 1.0
    return _normalised(p)


def near_deterministic(rng: Generator, shape: tuple[int, int, int]) -> Array:
    """A gate with masses of about 1e-12 everywhere else."""
    return _normalised(gate(rng, shape) + 1e-12 * rng.random(shape))


def tiny_masses(rng: Generator, shape: tuple[int, int, int]) -> Array:
    """Uniform with 40% of the cells at about 1e-12."""
    p = uniform(rng, shape)
    return _normalised(np.where(rng.random(shape) < 0.4, 1e-12 * rng.random(shape), p))


def empirical(rng: Generator, shape: tuple[int, int, int]) -> Array:
    """Counts of 5,000 clustered samples: two noisy views of a latent class, quantised."""
    n1, n2, k = shape
    y = rng.integers(k, size=5000)
    centres = rng.normal(size=(2, k))
    views = centres[:, y] + 0.7 * rng.normal(size=(2, 5000))
    p = np.zeros(shape)
    codes = [
        np.searchsorted(np.quantile(v, np.linspace(0, 1, n + 1)[1:-1]), v) for v, n in zip(views, (n1, n2), strict=True)
    ]
    np.add.at(p, (codes[0], codes[1], y), 1.0)
    return p / 5000


def one_class(rng: Generator, shape: tuple[int, int, int]) -> Array:
    """Only one label happens."""
    p = uniform(rng, shape)
    p[..., 1:] = 0.0
    return _normalised(p)


def one_code(rng: Generator, shape: tuple[int, int, int]) -> Array:
    """The first source has one code."""
    p = uniform(rng, shape)
    p[1:] = 0.0
    return _normalised(p)


def disjoint(rng: Generator, shape: tuple[int, int, int]) -> Array:
    """Zero rows, columns and labels."""
    p = uniform(rng, shape)
    p[-1], p[:, 0], p[..., -1] = 0.0, 0.0, 0.0
    return _normalised(p)


def forced(rng: Generator, shape: tuple[int, int, int]) -> Array:
    """Few non-zero cells, so the pairwise tables force zeros where none of them has one."""
    return _normalised(uniform(rng, shape) * (rng.random(shape) < 0.6))


FAMILIES: dict[str, Maker] = {
    f.__name__: f
    for f in (
        uniform,
        sparse,
        rank_one,
        gate,
        near_deterministic,
        tiny_masses,
        empirical,
        one_class,
        one_code,
        disjoint,
        forced,
    )
}


def batch(name: str, shape: tuple[int, int, int], count: int, *, seed: int = 0) -> Array:
    """`count` joints (count,n1,n2,K) of a family."""
    rng = np.random.default_rng([seed, *shape, sorted(FAMILIES).index(name)])
    return np.array([FAMILIES[name](rng, shape) for _ in range(count)])


def union_gates() -> dict[str, tuple[Array, float]]:
    """Named 2x2x2 joints with their union information in bits, known from the literature."""
    copy1, copy2, xor, both, land, ror = (np.zeros((2, 2, 2)) for _ in range(6))
    for i in (0, 1):
        for j in (0, 1):
            copy1[i, j, i] = copy2[i, j, j] = xor[i, j, i ^ j] = land[i, j, i & j] = ror[i, j, i | j] = 0.25
    both[0, 0, 0] = both[1, 1, 1] = 0.5
    and_union = 3 / 4 * np.log2(4 / 3)  # 0.311278: each input alone says as much as the best pair must
    return {
        "copy of the first": (copy1, 1.0),
        "copy of the second": (copy2, 1.0),
        "exclusive or": (xor, 0.0),
        "both the same": (both, 1.0),
        "and": (land, and_union),
        "or": (ror, and_union),
    }


def wide(seed: list[int], shape: tuple[int, ...], *, lowest: float) -> Array:
    """No family, a stress: masses of all orders of magnitude down to 10^lowest, a fifth of them zero."""
    rng = np.random.default_rng(seed)
    p = 10.0 ** rng.uniform(lowest, 0, shape)
    p *= rng.random(shape) < 0.8
    p.flat[0] = 1
    return p / p.sum()
