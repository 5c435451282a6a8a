"""Limits of a box that every better point keeps: what the multipliers of its relaxation say of each cell alone.

For any multipliers a point with s_c = x costs at least what all slices without c cost, and the convex hulls of the
others' prices at x. These are the largest of the lines through neighbouring vertices of a hull, so a few lines
bound them, and x is cut off where the sum exceeds what is already known to be attained: a third to two thirds less
branching for an eighth of the time.
"""

import numpy as np

from interplay.information import Array
from interplay.solvers.slice_program import Priced, Relaxed
from interplay.solvers.slices import ROUNDING, Sliced

_EDGES = 4  # of a hull to either side: further ones hardly cut off more
_STEPS = 4  # of Newton's method, all of them valid


def better_limits(problem: Sliced, found: Relaxed, lo: Array, hi: Array, most: float) -> tuple[Array, Array]:
    """Limits (B,C) of the boxes' points that cost at most so much; lo, hi (B,C)."""
    left, right = (_furthest(problem, found, ends, most, sign) for ends, sign in ((-lo, -1.0), (hi, 1.0)))
    return np.clip(-left - ROUNDING, lo, hi), np.clip(right + ROUNDING, lo, hi)


def _furthest(problem: Sliced, found: Relaxed, ends: Array, most: float, sign: float) -> Array:
    """How far (B,C) sign times each cell can go; Newton's method comes from outside to where a convex function ends."""
    lines = [_lines(p, sign) for p in found.priced]
    slopes, values = list[Array](), list[Array]()
    for family, (slope, value) in zip(problem.families, lines, strict=True):
        for out, x in ((slopes, slope), (values, value)):
            by_cell = np.empty((len(x), *ends.shape))
            by_cell[:, :, family.cells] = x
            out.append(by_cell)
    flat = np.asarray(sum(v[0] for v in values))  # least prices of the slices of each cell
    room = most - found.lower[:, None] + flat
    x = ends
    for _ in range(_STEPS):
        height, rise = -room, np.zeros_like(room)
        for slope, value in zip(slopes, values, strict=True):
            line = slope * x + value
            top = line.argmax(axis=0)[None]
            height = height + np.take_along_axis(line, top, axis=0)[0]
            rise = rise + np.take_along_axis(slope, top, axis=0)[0]
        x = np.where((height > 0) & (rise > 0), x - height / np.where(rise > 0, rise, 1.0), x)
    return x


def _lines(priced: Priced, sign: float) -> tuple[Array, Array]:
    """Slopes and values at zero (T,B,S,n) of a hull's edges from its lowest vertex on, over sign times a coordinate."""
    v, price = sign * priced.v, priced.price
    start = price.argmin(axis=2)[..., None]
    y = np.repeat(np.take_along_axis(price, start, axis=2), v.shape[3], axis=2)
    x = np.take_along_axis(v, start[..., None], axis=2)[:, :, 0]
    slopes, values = [np.zeros_like(x)], [y]
    for _ in range(_EDGES):
        ahead = v - x[:, :, None]
        with np.errstate(all="ignore"):
            steep = np.where(ahead > ROUNDING, (price[..., None] - y[:, :, None]) / ahead, np.inf)
        nearest = steep.argmin(axis=2)[:, :, None]
        slope = np.take_along_axis(steep, nearest, axis=2)[:, :, 0]
        more = np.isfinite(slope)
        slopes.append(np.where(more, slope, 0.0))
        values.append(np.where(more, y - np.where(more, slope, 0.0) * x, -np.inf))
        x = np.where(more, np.take_along_axis(v, nearest, axis=2)[:, :, 0], x)
        y = np.where(more, np.take_along_axis(price, nearest[:, :, 0], axis=2), y)
    return np.stack(slopes), np.stack(values)
