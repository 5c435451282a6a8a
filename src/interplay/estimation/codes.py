"""Codes: a modality reduced to a few symbols, by class probabilities, by clusters or by both."""

import math
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from interplay.errors import InputError
from interplay.information import Array

Kind = Literal["posterior", "simplex", "kmeans", "product"]
KINDS: tuple[Kind, ...] = ("posterior", "simplex", "kmeans", "product")
CLUSTER_ROWS = 20000


class Codebook(Protocol):
    """What turns rows into symbols 0..count-1."""

    @property
    def count(self) -> int: ...

    @property
    def coarser(self) -> NDArray[np.intp]:
        """A coarser symbol for each symbol (count,): fewer to estimate, for small samples."""
        ...

    def codes(self, posterior: Array, features: NDArray) -> NDArray[np.intp]: ...


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoreCodes:
    """Two classes: bins of p(second class), with edges (count - 1,) in increasing order."""

    edges: Array

    @property
    def count(self) -> int:
        return len(self.edges) + 1

    @property
    def coarser(self) -> NDArray[np.intp]:
        return np.arange(self.count) // (2 if self.count > 3 else 1)

    def codes(self, posterior: Array, features: NDArray) -> NDArray[np.intp]:
        return np.searchsorted(self.edges, posterior[:, 1], side="right")


@dataclass(frozen=True, kw_only=True, eq=False)
class ConfidenceCodes:
    """More classes: the most probable class and how probable it is; thresholds (K, levels - 1)."""

    thresholds: Array

    @property
    def count(self) -> int:
        return self.thresholds.shape[0] * (self.thresholds.shape[1] + 1)

    @property
    def coarser(self) -> NDArray[np.intp]:
        return np.arange(self.count) // (self.thresholds.shape[1] + 1)

    def codes(self, posterior: Array, features: NDArray) -> NDArray[np.intp]:
        best = posterior.argmax(axis=1)
        level = (posterior.max(axis=1)[:, None] >= self.thresholds[best]).sum(axis=1)
        return best * (self.thresholds.shape[1] + 1) + level


@dataclass(frozen=True, kw_only=True, eq=False)
class ClusterCodes:
    """Nearest of `count` centres (count, d) among standardised features."""

    mean: Array
    scale: Array
    centres: Array

    @property
    def count(self) -> int:
        return len(self.centres)

    @property
    def coarser(self) -> NDArray[np.intp]:
        return np.arange(self.count)

    def codes(self, posterior: Array, features: NDArray) -> NDArray[np.intp]:
        x = (features - self.mean) / self.scale
        distance = (self.centres**2).sum(1) - 2 * x @ self.centres.T  # up to the row's own norm
        return distance.argmin(axis=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class SimplexCodes:
    """Nearest of some centres among the roots of class probabilities, which lie on a sphere."""

    clusters: ClusterCodes

    @property
    def count(self) -> int:
        return self.clusters.count

    @property
    def coarser(self) -> NDArray[np.intp]:
        return self.clusters.coarser

    def codes(self, posterior: Array, features: NDArray) -> NDArray[np.intp]:
        return self.clusters.codes(posterior, np.sqrt(posterior))


@dataclass(frozen=True, kw_only=True, eq=False)
class ProductCodes:
    """Both of two codes at once."""

    outer: Codebook
    inner: Codebook

    @property
    def count(self) -> int:
        return self.outer.count * self.inner.count

    @property
    def coarser(self) -> NDArray[np.intp]:
        return np.arange(self.count) // self.inner.count

    def codes(self, posterior: Array, features: NDArray) -> NDArray[np.intp]:
        return self.outer.codes(posterior, features) * self.inner.count + self.inner.codes(posterior, features)


def default_code_count(rows: int, class_count: int) -> int:
    """Codes a modality that `rows` rows a set can fill: 3 at 500, 4 at 1,000, 6 at 2,000, at most 12.

    With more than two classes: whole levels of confidence for each class, at least one.
    """
    wanted = math.sqrt(rows / 60)
    if class_count == 2:
        return int(np.clip(round(wanted), 2, 12))
    return class_count * int(np.clip(math.floor(wanted / class_count), 1, 3))


def fewest_codes(kind: Kind, count: int, class_count: int) -> int:
    """Codes that a codebook is sure to have, known before anything is fitted: scores of two classes may be tied,
    clusters may coincide, but each of several classes has its levels."""
    return max(1, count // class_count) * class_count if kind == "posterior" and class_count > 2 else 1


def check_kind(codes: str | int) -> tuple[Kind, int | None]:
    """The kind and, if the user gave it, the number of codes."""
    if isinstance(codes, int) and not isinstance(codes, bool) and 2 <= codes <= 100:
        return "posterior", codes
    if codes == "auto":
        return "posterior", None
    for kind in KINDS:
        if codes == kind:
            return kind, None
    raise InputError(
        f"codes={codes!r}",
        expected=f"'auto', {', '.join(map(repr, KINDS))} or a number of codes from 2 to 100",
        next_step="leave it at 'auto'",
    )


def fit_codebook(
    kind: Kind, count: int, posterior: Array, features: NDArray, *, seed: int, like: Codebook | None = None
) -> Codebook:
    """Fit a codebook with about `count` symbols on reference rows that are in no table of this fold.

    `like` is the codebook of another fold: symbols get the same meaning there and here.
    """
    if kind == "posterior":
        return _posterior_codes(count, posterior)
    if kind == "kmeans":
        return _cluster_codes(count, features, seed, like)
    if kind == "simplex":
        centres = like.clusters if isinstance(like, SimplexCodes) else None
        return SimplexCodes(clusters=_cluster_codes(count, np.sqrt(posterior), seed, centres))
    class_count = posterior.shape[1]
    outer_count = 2 if class_count == 2 else class_count
    outer = _posterior_codes(outer_count, posterior)
    inner = like.inner if isinstance(like, ProductCodes) else None
    return ProductCodes(outer=outer, inner=_cluster_codes(max(2, round(count / outer_count)), features, seed, inner))


def _posterior_codes(count: int, posterior: Array) -> Codebook:
    if posterior.shape[1] == 2:
        return ScoreCodes(edges=_score_edges(posterior[:, 1], count))
    levels = max(1, count // posterior.shape[1])
    best, top = posterior.argmax(axis=1), posterior.max(axis=1)
    thresholds = np.full((posterior.shape[1], levels - 1), np.inf)
    steps = np.arange(1, levels) / levels
    for k in range(posterior.shape[1]):
        if np.any(best == k) and levels > 1:
            thresholds[k] = np.quantile(top[best == k], steps)
    return ConfidenceCodes(thresholds=thresholds)


def _score_edges(scores: Array, count: int) -> Array:
    """Quantiles, the nearest of which gives way to the decision boundary 1/2.

    So each code refines the classifier's decision and no bound falls below the single modality.
    """
    edges = np.quantile(scores, np.arange(1, count) / count)
    if scores.min() < 0.5 <= scores.max():
        below = (scores < 0.5).mean() * count  # quantile position of the boundary, in bins
        edges[int(np.clip(round(below), 1, count - 1)) - 1] = 0.5
    return np.sort(edges)


def _cluster_codes(count: int, features: NDArray, seed: int, like: Codebook | None) -> ClusterCodes:
    rows = np.random.default_rng(seed).permutation(len(features))[:CLUSTER_ROWS]
    x = features[rows].astype(float)
    if isinstance(like, ClusterCodes):
        mean, scale = like.mean, like.scale
        means = KMeans(like.count, init=like.centres, n_init=1, random_state=seed)
    else:
        mean, scale = x.mean(0), x.std(0)
        scale = np.where(scale > 0, scale, 1.0)
        means = KMeans(min(count, len(np.unique(x, axis=0))), n_init=4, random_state=seed)
    fitted = means.fit((x - mean) / scale)
    return ClusterCodes(mean=mean, scale=scale, centres=fitted.cluster_centers_)
