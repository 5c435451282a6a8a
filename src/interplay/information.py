"""Information measures of probability tables, in bits: the only file that knows log 2.

Every function accepts zeros (0 log 0 = 0), does not normalise, and never clips.
"""

import math
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr, rel_entr

Array = NDArray[np.float64]

NATS_PER_BIT = math.log(2.0)


T = TypeVar("T", float, Array)


def to_bits(nats: T) -> T:
    """Convert nats (number or array) to bits."""
    return nats / NATS_PER_BIT


def to_nats(bits: T) -> T:
    """Convert bits (number or array) to nats."""
    return bits * NATS_PER_BIT


def _axes(p: Array, batch: int) -> tuple[int, ...]:
    return tuple(range(batch, p.ndim))


def entropy(p: ArrayLike, *, batch: int = 0) -> Any:
    """Shannon entropy in bits of the table(s) p; the first `batch` axes are kept."""
    p = np.asarray(p, dtype=float)
    return to_bits(entr(p).sum(axis=_axes(p, batch)))


def uniform_entropy(count: int) -> float:
    """Entropy in bits of `count` >= 1 equally likely symbols, the largest that so many can have."""
    return float(to_bits(math.log(count)))


def divergence(p: ArrayLike, q: ArrayLike, *, batch: int = 0) -> Any:
    """Kullback-Leibler divergence KL(p || q) in bits; inf where q = 0 < p."""
    p = np.asarray(p, dtype=float)
    return to_bits(rel_entr(p, np.asarray(q, dtype=float)).sum(axis=_axes(p, batch)))


def mutual_information(pxy: ArrayLike, *, batch: int = 0) -> Any:
    """I(X;Y) in bits of a table whose last axis is Y and whose others (after `batch`) are X.

    Shape (..., n, K) or (..., n1, n2, K), where X is then the pair (X1, X2). Computed as
    one expected log ratio, so that independence gives 0 to rounding.
    """
    p = np.asarray(pxy, dtype=float)
    x_axes = tuple(range(batch, p.ndim - 1))
    px = p.sum(axis=-1, keepdims=True)
    py = p.sum(axis=x_axes, keepdims=True)
    total = p.sum(axis=_axes(p, batch), keepdims=True)
    scale = np.where(total > 0, total, 1.0)
    return to_bits(rel_entr(p, px * py / scale).sum(axis=_axes(p, batch)))


def conditional_mutual_information(joint: ArrayLike, *, batch: int = 0) -> Any:
    """I(X1;Y|X2) in bits of a joint of shape (..., n1, n2, K)."""
    p = np.asarray(joint, dtype=float)
    return mutual_information(p, batch=batch) - mutual_information(p.sum(axis=batch), batch=batch)
