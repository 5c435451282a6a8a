"""Bounds that hold at any sample size: the best dual against every table that the counts allow."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from interplay.errors import InputError
from interplay.estimation.ball import ball_radius, cell_ranges, smallest_mean
from interplay.estimation.dual_fit import Price, accuracy_price, information_price
from interplay.estimation.tabulation import check_rows
from interplay.information import Array, entropy, to_bits, uniform_entropy
from interplay.results import Interval
from interplay.solvers.cells_dual import label_price
from interplay.tables import PairTables

STEPS = 100
SMOOTHINGS = (0.05, 0.005)  # of the accuracy's price, on the way to its kinks


@dataclass(frozen=True, kw_only=True)
class FiniteSampleBounds:
    """Ranges that hold together with probability `confidence` at any sample size, over the identified set.

    accuracy: of the best classifier on codes. total: I({X1,X2};Y), in bits.
    """

    accuracy: Interval
    total: Interval
    confidence: float


def bound_finite_sample(tables: PairTables, *, confidence: float = 0.95) -> FiniteSampleBounds:
    """Ranges of the best accuracy and of the total information from counts, valid at any sample size.

    No large-sample argument: with probability `confidence` the true tables and p(y) lie in four balls of
    relative entropy around the counts (Agrawal 2020), and the low ends hold for all joints whose tables do.
    Much wider than `quantify_tables`, in whose place it stands where a guarantee must be exact or rows are very
    few. The high ends are simple ceilings. tables: counts of independent rows. Raises InputError for
    probabilities, weighted counts or a confidence outside [0.5, 1).
    """
    if not 0.5 <= confidence < 1:
        raise InputError(f"confidence={confidence}", expected="a number from 0.5 to below 1", next_step="pass 0.95")
    check_rows(tables)
    counts = (tables.pairs, tables.first, tables.second, tables.first.sum(0) + tables.second.sum(0))
    radii = [ball_radius(c.size, float(c.sum()), (1 - confidence) / 4) for c in counts]
    balls = [(c / c.sum(), r) for c, r in zip(counts, radii, strict=True)]
    least, most = _label_entropy(*balls[3])
    accuracy = max(_best_dual(balls[:3], accuracy_price, SMOOTHINGS), 1 / tables.shape[2])
    total = least + float(to_bits(_best_dual(balls[:3], information_price, (1.0,))))
    ball = "every joint whose tables lie in balls of relative entropy around the counts"
    return FiniteSampleBounds(
        accuracy=Interval(
            low=accuracy,
            high=_ceiling(balls[:3]),
            valid=True,
            reasons=(f"dual bound over {ball}", "no cell holds more of a class than each table allows"),
            unit="probability",
        ),
        total=Interval(
            low=max(total, 0.0),
            high=most,
            valid=True,
            reasons=(f"dual bound over {ball}", "entropy of the label"),
        ),
        confidence=confidence,
    )


def _best_dual(balls: list[tuple[Array, float]], price: Price, smoothings: tuple[float, ...]) -> float:
    """Largest certified value of lam (n1,K), mu (n2,K) against the worst tables of the three balls.

    Concave in the duals: L-BFGS. The value is computed anew at its end, without smoothing; any duals are valid.
    """
    (pairs, first, second) = (f for f, _ in balls)
    radii = [r for _, r in balls]
    sizes = [first.size, second.size]
    k = first.shape[1]

    def split(x: Array) -> tuple[Array, Array]:
        return x[: sizes[0]].reshape(-1, k), x[sizes[0] :].reshape(-1, k)

    def negated(x: Array, smoothing: float) -> tuple[float, Array]:
        lam, mu = split(x)
        v = (lam[:, None, :] + mu[None, :, :]).reshape(-1, k)
        priced, slope = price(v, smoothing)
        values, worst = [], []
        for f, c, r in zip(
            (first, second, pairs), (lam, mu, priced.reshape(pairs.shape)), (*radii[1:], radii[0]), strict=True
        ):
            value, at = smallest_mean(f, c, r)
            values.append(value)
            worst.append(at)
        flow = (worst[2].reshape(-1, 1) * slope).reshape(*pairs.shape, k)
        gradient = np.concatenate([(worst[0] + flow.sum(1)).ravel(), (worst[1] + flow.sum(0)).ravel()])
        return -sum(values), -gradient

    x = np.zeros(sum(sizes))
    best = -math.inf
    for smoothing in smoothings:
        x = minimize(negated, x, args=(smoothing,), jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x
        best = max(best, _certified(balls, *split(x), price))
    return best


def _certified(balls: list[tuple[Array, float]], lam: Array, mu: Array, price: Price) -> float:
    """Value of the duals against the balls, with the exact price."""
    (pairs, in_pairs), (first, in_first), (second, in_second) = balls
    v = lam[:, None, :] + mu[None, :, :]
    if price is accuracy_price:
        priced = label_price(v, None, np.ones(v.shape, dtype=bool))
    else:
        priced = information_price(v.reshape(-1, v.shape[2]), 1.0)[0].reshape(pairs.shape)
    parts = (first, lam, in_first), (second, mu, in_second), (pairs, priced, in_pairs)
    return sum(smallest_mean(f, c, r)[0] for f, c, r in parts)


def _label_entropy(frequencies: Array, radius: float) -> tuple[float, float]:
    """Smallest and largest H(Y), in bits, over the ball.

    H(p) = -<p, log q> - KL(p || q) for any q: the first term is linear, KL at most sum (p - q)^2 / q.
    """
    q = (frequencies + 1e-3) / (frequencies + 1e-3).sum()
    surprise = -np.log(q)
    low, high = cell_ranges(frequencies, radius)
    chi2 = float((np.maximum((low - q) ** 2, (high - q) ** 2) / q).sum())
    least = float(to_bits(smallest_mean(frequencies, surprise, radius)[0] - chi2))
    if len(q) == 2:  # concave in one number: an end is the smallest
        least = min(float(entropy([p, 1 - p])) for p in (low[0], high[0]))
    most = float(to_bits(-smallest_mean(frequencies, -surprise, radius)[0]))
    return max(least, 0.0), min(most, uniform_entropy(len(q)))


def _ceiling(balls: list[tuple[Array, float]]) -> float:
    """No cell can hold more of a class than the largest p(x1,x2), p(x1,y) and p(x2,y) in the balls."""
    pairs, first, second = (cell_ranges(f, r)[1] for f, r in balls)
    allowed = np.minimum(np.minimum(first[:, None, :], second[None, :, :]), pairs[:, :, None])
    return min(float(allowed.max(axis=2).sum()), 1.0)
