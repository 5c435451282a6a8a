"""Least information when the table of all codes is known: Newton's method, as in maxent.py for two modalities.

With c(x) = -logsumexp_y(sum of labelled duals) the dual is a smooth problem in the labelled duals alone,
sum p(x) logsumexp_y - <p(x_i,y), lam_i>: a multinomial logistic regression on the codes. At the boundary, where
no optimal duals exist, long steps and the linearised joint finish as described in maxent.py.
"""

import numpy as np

from interplay.information import Array
from interplay.solvers.arrays import Flags
from interplay.solvers.code_cells import Cells, curvature
from interplay.solvers.dense import DenseFactor
from interplay.solvers.least_point import Best, hold_gauge

STEPS = 100
POLISH = 4
STRETCH = (1.0, 4.0, 16.0)
REACH = 20.0  # largest change of the summed duals in one step, in nats


def solve(cells: Cells, mass: Array, lam: Array, best: Best, *, sizes: tuple[int, ...], tolerance: float) -> None:
    """Put into `best` what is found for cells of mass (N,) from duals lam (U,); stops at a gap of `tolerance` nats."""
    held = hold_gauge(cells, sizes)
    for count in range(STEPS):
        s, lse = cells.softmax(lam)
        q = mass[:, None] * s
        factor = DenseFactor(cells.blocks(curvature(q, s)).toarray(), held)
        missing = cells.first - cells.labels.T @ q.ravel()
        step = np.where(held, 0.0, factor.solve(np.where(held, 0.0, missing)))
        slope = float(missing @ step)
        if slope < 2.0 * tolerance or count % 16 == 15:
            best.keep(_primal(cells, mass, q, s, step, factor, held), lam, -(cells.tables.T @ lse))
            if best.gap <= tolerance:
                break
        lam = _advance(cells, mass, lam, step, slope, lse)


def _primal(cells: Cells, mass: Array, q: Array, s: Array, step: Array, factor: DenseFactor, held: Flags) -> Array:
    """The linearised step, made non-negative, with the cells' masses, corrected a few times."""
    joint = q
    for _ in range(POLISH):
        change = (cells.labels @ step).reshape(q.shape)
        joint = np.maximum(joint + q * (change - (s * change).sum(axis=1, keepdims=True)), 0.0)
        joint *= (mass / np.maximum(joint.sum(axis=1), 1e-300))[:, None]
        step = np.where(held, 0.0, factor.solve(np.where(held, 0.0, cells.first - cells.labels.T @ joint.ravel())))
    return joint


def _advance(cells: Cells, mass: Array, lam: Array, step: Array, slope: float, lse: Array) -> Array:
    """The best of the stretched steps, else halve until the dual falls."""
    reach = float(np.abs(cells.labels @ step).max(initial=0.0))
    step, slope = step * min(1.0, REACH / max(reach, 1e-300)), slope * min(1.0, REACH / max(reach, 1e-300))

    def value(duals: Array, sums: Array) -> float:
        return float(mass @ sums - cells.first @ duals)

    now = value(lam, lse)
    tried = [(value(lam + t * step, cells.softmax(lam + t * step)[1]), t) for t in STRETCH]
    best, length = min(tried)
    if best < now - 1e-7 * slope:
        return np.asarray(lam + length * step)
    length = 0.5
    while (
        length > 1e-3
        and value(lam + length * step, cells.softmax(lam + length * step)[1]) >= now - 1e-4 * length * slope
    ):
        length *= 0.5
    return np.asarray(lam + (1.0 if slope < 1e-6 else length) * step)
