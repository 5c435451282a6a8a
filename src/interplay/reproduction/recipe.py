"""The paper's recipe for real data, as its code has it: normalise, PCA to 5, k-means to 20, histogram of the rows."""

import itertools

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.preprocessing import normalize

from interplay.datasets.benchmark_set import BenchmarkSet
from interplay.information import Array

COMPONENTS, CLUSTERS = 5, 20
Ints = NDArray[np.intp]


def clusters(features: Array, seed: int, *, components: int = COMPONENTS, count: int = CLUSTERS) -> Ints:
    """Cluster (n,) of each row. The paper's code leaves k-means unseeded; everything else is as there."""
    unit = normalize(features)
    if np.ptp(unit, axis=0).max(initial=0.0) == 0:
        return np.zeros(len(unit), dtype=np.intp)
    size = min(components, *unit.shape)
    reduced = PCA(size, random_state=seed).fit_transform(unit)
    different = len(np.unique(reduced.round(12), axis=0))
    return KMeans(min(count, different), n_init=10, random_state=seed).fit_predict(reduced).astype(np.intp)


def histogram(first: Ints, second: Ints, labels: Ints, shape: tuple[int, int, int]) -> Array:
    """Counts (n1, n2, K) of the rows."""
    flat = np.ravel_multi_index((first, second, labels), shape)
    return np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape).astype(float)


def histograms_of_rows(codes: tuple[Ints, Ints], labels: Ints, draws: Ints) -> Array:
    """Counts (B, n1, n2, K) of B selections of rows (B, n)."""
    shape = (int(codes[0].max()) + 1, int(codes[1].max()) + 1, int(labels.max()) + 1)
    return np.stack([histogram(codes[0][rows], codes[1][rows], labels[rows], shape) for rows in draws])


def pairs_of(data: BenchmarkSet) -> list[tuple[str, str]]:
    """Pairs of modalities that are studied: all of two or three, else neighbours in the order of the file."""
    names = list(data.features)
    if len(names) <= 3:
        return list(itertools.combinations(names, 2))
    return [(names[i], names[i + 1]) for i in range(0, len(names) - 1, 2)]


def rows_of(data: BenchmarkSet, most: int, seed: int) -> Ints:
    """At most `most` rows, drawn by `seed`; groups are not kept whole."""
    n = len(data.labels)
    return np.arange(n) if n <= most else np.sort(np.random.default_rng(seed).permutation(n)[:most])
