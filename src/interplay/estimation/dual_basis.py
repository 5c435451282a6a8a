"""Functions of a modality's class probabilities, of which dual functions are made."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.information import Array

Ints = NDArray[np.intp]

FLOOR = 1e-3  # probabilities closer to 0 or 1 are not told apart
KNOTS = 5
OWN_SHAPES = 3  # up to so many classes each has shapes of its own; more classes share them


@dataclass(frozen=True, kw_only=True, eq=False)
class Basis:
    """Piecewise linear functions of a class's log odds, the centred log-probability, and "most probable".

    knots (m,): of the log odds. A dual function is f(x, y) = sum_j coefficient[shape of y, j] * basis_j(x, y).
    """

    knots: Array
    class_count: int

    @property
    def width(self) -> int:
        """Functions a class."""
        return len(self.knots) + 1

    @property
    def shapes(self) -> Ints:
        """Row of the coefficients (class_count,) that each class uses."""
        own = self.class_count <= OWN_SHAPES
        return np.arange(self.class_count) if own else np.zeros(self.class_count, dtype=np.intp)

    def __call__(self, posterior: Array) -> Array:
        """Values (n, K, width) for class probabilities (n, K); any numbers from 0 to 1 do."""
        p = np.clip(posterior, FLOOR, 1 - FLOOR)
        log = np.log(p)
        hats = _hats(log - np.log1p(-p), self.knots)[..., 1:]  # the first hat is what the others leave of one
        centred = log - log.mean(axis=1, keepdims=True)
        top = np.eye(self.class_count)[posterior.argmax(axis=1)]
        return np.concatenate([hats, centred[..., None], top[..., None]], axis=2)


def fit_basis(posterior: Array) -> Basis:
    """Knots at the quantiles of the log odds (n, K) that occur, more of them where a class is likely."""
    p = np.clip(posterior, FLOOR, 1 - FLOOR)
    odds = np.log(p) - np.log1p(-p)
    quantiles = np.quantile(odds.max(axis=1), np.linspace(0, 1, KNOTS))
    knots = np.unique(np.concatenate([[odds.min(), -4.0, -2.0, 0.0], quantiles, -quantiles[quantiles < 2]]))
    knots = knots[(knots >= odds.min()) & (knots <= odds.max())]
    kept = [knots[0]]
    for knot in knots[1:]:
        if knot - kept[-1] > 0.25:
            kept.append(knot)
    if len(kept) < 2:
        kept = [knots[0] - 1.0, knots[0] + 1.0]
    return Basis(knots=np.array(kept), class_count=posterior.shape[1])


def _hats(values: Array, knots: Array) -> Array:
    """Weights (..., m) of the two knots around each value; values outside count as the end knots."""
    values = np.clip(values, knots[0], knots[-1])
    left = np.clip(np.searchsorted(knots, values, side="right") - 1, 0, len(knots) - 2)
    share = (values - knots[left]) / (knots[left + 1] - knots[left])
    weights = np.zeros((*values.shape, len(knots)))
    np.put_along_axis(weights, left[..., None], (1 - share)[..., None], axis=-1)
    np.put_along_axis(weights, left[..., None] + 1, share[..., None], axis=-1)
    return weights
