"""Where a table may lie, at any sample size: a ball of relative entropy around the frequencies."""

import math

import numpy as np
from scipy.optimize import brentq
from scipy.special import rel_entr

from interplay.information import Array


def ball_radius(cells: int, rows: float, miss: float) -> float:
    """Nats r with P(KL(frequencies || truth) > r) <= miss, for `rows` independent rows over `cells` cells.

    Agrawal 2020, theorem I.2: P(KL >= r) <= exp(-n r) (e n r / (k - 1))^(k - 1) for n r > k - 1: exact for
    every n, whatever the truth, zeros included. One cell: 0.
    """
    free = cells - 1
    if free == 0:
        return 0.0

    def excess(t: float) -> float:
        return t - free * (1 + math.log(t / free)) + math.log(miss)

    upper = 2.0 * free + 1.0
    while excess(upper) < 0:
        upper *= 2
    return float(brentq(excess, free, upper, xtol=1e-10)) / rows


def smallest_mean(frequencies: Array, values: Array, radius: float) -> tuple[float, Array]:
    """Certified minimum of <p, values> over tables p with KL(frequencies || p) <= radius, and about its minimiser.

    Arrays of one shape. Weak duality: nu + exp(sum_j f_j log(values_j - nu) - radius) is a lower bound for
    every nu below all values (also of cells without rows); the best nu is found on a line, and any nu is valid.
    """
    f, c = frequencies.ravel(), values.ravel()
    least, spread = float(c.min()), float(np.ptp(c))
    if spread == 0 or radius == 0:
        mean = float(f @ c)
        return mean, frequencies
    seen = f > 0
    above = c[seen] - least

    weights = f[seen]

    def slope(log_distance: float) -> float:
        """Zero at the best nu = least - distance."""
        shifted = above + math.exp(log_distance)
        return float(weights @ np.log(shifted)) + math.log(weights @ (1 / shifted)) - radius

    nearest, farthest = math.log(spread) - 25.0, math.log(spread) + 12.0 - 0.5 * math.log(min(radius, 1.0))
    best = nearest if slope(nearest) <= 0 else float(brentq(slope, nearest, farthest, xtol=1e-7))
    distance = math.exp(best)
    scale = math.exp(weights @ np.log(above + distance) - radius)
    p = np.zeros_like(f)
    p[seen] = weights * scale / (above + distance)
    p[int(c.argmin())] += max(1.0 - p.sum(), 0.0)  # what the frequencies do not pin goes where it is cheapest
    return least - distance + scale, p.reshape(frequencies.shape)


def cell_ranges(frequencies: Array, radius: float) -> tuple[Array, Array]:
    """Smallest and largest probability of each cell in the ball: two cells (this one, the rest) are coarser."""
    low, high = np.empty(frequencies.size), np.empty(frequencies.size)
    for i, f in enumerate(frequencies.ravel()):
        low[i] = _edge(float(f), 0.0, radius)
        high[i] = _edge(float(f), 1.0, radius)
    return low.reshape(frequencies.shape), high.reshape(frequencies.shape)


def _edge(f: float, end: float, radius: float) -> float:
    """Outermost p between f and the end with binary KL(f || p) <= radius, rounded outwards."""

    def excess(p: float) -> float:
        return float(rel_entr(f, p) + rel_entr(1 - f, 1 - p)) - radius

    if f == end or excess(end) <= 0:
        return end
    edge = float(brentq(excess, f, end, xtol=1e-12)) if excess(f) < 0 else f
    return min(max(edge + math.copysign(1e-11, end - f), 0.0), 1.0)
