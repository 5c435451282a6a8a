"""Hypothesis strategies for joints, tables and counts: zeros, ties, empty rows and tiny cells come often."""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from interplay.tables import PairTables

CELLS = st.one_of(
    st.just(0),
    st.integers(0, 3),  # ties and zeros
    st.sampled_from([1e-12, 1e-6, 1.0, 1000.0]),  # scales
    st.floats(0.01, 10, allow_nan=False),
)


@st.composite
def shapes(draw, largest: int = 4, labels: int = 3) -> tuple[int, int, int]:
    """(n1, n2, K), ones included."""
    return (draw(st.integers(1, largest)), draw(st.integers(1, largest)), draw(st.integers(1, labels)))


@st.composite
def _filled(draw, shape: tuple[int, int, int], cells) -> NDArray[np.float64]:
    size = int(np.prod(shape))
    values = draw(st.lists(cells, min_size=size, max_size=size))
    array = np.array(values, dtype=float).reshape(shape)
    if array.sum() == 0:
        array[draw(st.integers(0, shape[0] - 1)), 0, 0] = 1.0
    return array


@st.composite
def joints(draw, largest: int = 4, labels: int = 3) -> NDArray[np.float64]:
    """Probabilities (n1, n2, K) with sum 1."""
    array = draw(_filled(draw(shapes(largest, labels)), CELLS))
    return array / array.sum()


@st.composite
def tables(draw, largest: int = 4, labels: int = 3) -> PairTables:
    """Margins of a joint, hence consistent."""
    return PairTables.from_joint(draw(joints(largest, labels)))


@st.composite
def counts(draw, largest: int = 4, labels: int = 3) -> PairTables:
    """Counts of three samples that need not agree on anything but their shape; each has some rows."""
    n1, n2, k = draw(shapes(largest, labels))
    numbers = st.one_of(st.just(0), st.integers(0, 3), st.integers(0, 500))
    pairs, first, second = (draw(_filled((a, b, 1), numbers))[..., 0] for a, b in ((n1, n2), (n1, k), (n2, k)))
    return PairTables(pairs=pairs, first=first, second=second, counts=True)
