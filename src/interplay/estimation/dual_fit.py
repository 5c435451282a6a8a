"""Dual functions fitted to rows: the best bound after a penalty for what chance could have added.

Three sample means make a bound: of lam(x1, y), of mu(x2, y) and of the price of lam + mu over the pairs. Their
sum without a penalty grows without limit on small samples, in directions where the three samples merely
disagree; so the sum less a multiple of its own standard error is maximised. That also picks, among functions
that differ in what cannot matter, those of least variance.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from interplay.information import Array

Ints = NDArray[np.intp]
Price = Callable[[Array, float], tuple[Array, Array]]  # v (n, K), smoothing -> value (n,), gradient (n, K)

CAUTION = 8.0  # standard errors; a fit over d directions that do not matter gains sqrt(d) of them by chance
RIDGE = 1e-4
STEPS = 100


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """One set of rows for fitting: basis values (n, K, width) by modality, labels (n,) or None, weights (n,)."""

    values: tuple[Array, ...]
    labels: Ints | None
    weights: Array


@dataclass(frozen=True, kw_only=True, eq=False)
class DualFunctions:
    """offset (K,), shared by both functions; lam (K, width), mu (K, width): coefficients by class."""

    offset: Array
    lam: Array
    mu: Array


def information_price(v: Array, smoothing: float) -> tuple[Array, Array]:
    """-log sum_y exp(v_y), in nats, and its gradient: what one unit of mass takes from -H(Y|X1,X2)."""
    value, share = _soft_maximum(v)
    return -value, -share


def accuracy_price(v: Array, smoothing: float) -> tuple[Array, Array]:
    """min_k (1 - sum of the k largest v) / k, smoothed (from below), and its gradient."""
    k = np.arange(1, v.shape[1] + 1)
    order = np.argsort(-v, axis=1)
    choices = (1.0 - np.cumsum(np.take_along_axis(v, order, axis=1), axis=1)) / k
    value, share = _soft_maximum(-choices / smoothing)
    gradient = np.empty_like(v)
    np.put_along_axis(gradient, order, -np.cumsum((share / k)[:, ::-1], axis=1)[:, ::-1], axis=1)
    return -smoothing * value, gradient


def _soft_maximum(v: Array) -> tuple[Array, Array]:
    """log sum exp of each row (n,), and its gradient (n, K); SciPy's checks cost more than the sum."""
    top = v.max(axis=1)
    e = np.exp(v - top[:, None])
    total = e.sum(axis=1)
    return top + np.log(total), e / total[:, None]


def fit_dual_functions(
    first: Rows, second: Rows, pairs: Rows, shapes: Ints, price: Price, smoothings: tuple[float, ...]
) -> DualFunctions:
    """Maximise the sum of the three means less CAUTION of its standard errors, by L-BFGS.

    shapes (K,): which coefficients a class uses. smoothings: of the price, one after the other. Any result is
    a valid pair of dual functions; a poor one gives a low bound.
    """
    problem = _Problem(first, second, pairs, shapes, price)
    options = {"maxiter": STEPS, "maxfun": 2 * STEPS, "ftol": 1e-7}
    x = np.zeros(problem.size)
    for smoothing in smoothings:
        x = minimize(problem, x, args=(smoothing,), jac=True, method="L-BFGS-B", options=options).x
    offset, lam, mu = problem.split(x)
    return DualFunctions(offset=offset, lam=lam[shapes], mu=mu[shapes])


class _Problem:
    """The penalised bound, negated, and its gradient."""

    def __init__(self, first: Rows, second: Rows, pairs: Rows, shapes: Ints, price: Price):
        assert first.labels is not None
        assert second.labels is not None
        self.y, self.shapes, self.price = (first.labels, second.labels), shapes, price
        self.paired = tuple(np.ascontiguousarray(v.transpose(1, 0, 2)) for v in pairs.values)  # (K, n, width)
        self.own = tuple(r.values[0][np.arange(len(y)), y] for r, y in zip((first, second), self.y, strict=True))
        self.is_class = tuple(np.eye(first.values[0].shape[1])[y].T for y in self.y)  # (K, n)
        self.is_shape = np.eye(int(shapes.max()) + 1)[shapes].T  # (blocks, K)
        self.K, self.width = first.values[0].shape[1], tuple(v.shape[2] for v in pairs.values)
        blocks = int(shapes.max()) + 1
        self.sizes = [self.K, blocks * self.width[0], blocks * self.width[1]]
        self.size = sum(self.sizes)
        rows = [len(y) for y in self.y]
        self.share = np.array(rows) / sum(rows)  # of the offset, by labelled set
        self.weights = (*self._agreeing(first, second), pairs.weights / pairs.weights.sum())
        self.errors = [float((w**2).sum()) for w in self.weights]

    def _agreeing(self, first: Rows, second: Rows) -> list[Array]:
        """Weights under which both labelled sets have their pooled class frequencies: else the offsets run off."""
        have = [
            np.bincount(y, r.weights / r.weights.sum(), self.K) for r, y in zip((first, second), self.y, strict=True)
        ]
        pooled = self.share @ np.array(have)
        weights = []
        for r, y, h in zip((first, second), self.y, have, strict=True):
            w = r.weights * np.divide(pooled, h, out=np.zeros(self.K), where=h > 0)[y]
            weights.append(w / w.sum())
        return weights

    def split(self, x: Array) -> tuple[Array, Array, Array]:
        offset, lam, mu = np.split(x, np.cumsum(self.sizes)[:-1])
        return offset, lam.reshape(-1, self.width[0]), mu.reshape(-1, self.width[1])

    def __call__(self, x: Array, smoothing: float) -> tuple[float, Array]:
        offset, *coefficients = self.split(x)
        terms = [
            (own * c[self.shapes[y]]).sum(axis=1) + share * offset[y]
            for own, c, y, share in zip(self.own, coefficients, self.y, self.share, strict=True)
        ]
        v = offset + sum(
            (p @ c[self.shapes][:, :, None])[..., 0].T for p, c in zip(self.paired, coefficients, strict=True)
        )
        priced, slope = self.price(v, smoothing)
        terms.append(priced)
        means = [w @ t for w, t in zip(self.weights, terms, strict=True)]
        off = [t - m for t, m in zip(terms, means, strict=True)]
        variance = sum(e * (w @ d**2) for e, w, d in zip(self.errors, self.weights, off, strict=True))
        error = np.sqrt(variance + 1e-12)
        pull = [w * (1 - CAUTION * e * d / error) for e, w, d in zip(self.errors, self.weights, off, strict=True)]
        value = sum(means) - CAUTION * error - RIDGE * (x @ x)
        return -value, 2 * RIDGE * x - self._gradient(pull, slope * pull[2][:, None])

    def _gradient(self, pull: list[Array], cell: Array) -> Array:
        """pull: derivative of the value by each row's term; cell (n, K): by each pair's v."""
        offset = cell.sum(axis=0)
        parts = []
        for m in (0, 1):
            offset = offset + self.share[m] * (self.is_class[m] @ pull[m])
            by_class = (cell.T[:, None, :] @ self.paired[m])[:, 0]
            by_class += self.is_class[m] @ (self.own[m] * pull[m][:, None])
            parts.append((self.is_shape @ by_class).ravel())
        return np.concatenate([offset, *parts])
