"""What is at stake in each cell: how far the unseen joint can move its part of the answer, and what one label tells."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from interplay.information import Array, entropy, to_bits
from interplay.solvers.cell_program import Known, cell_ranges

Ints = NDArray[np.intp]
Target = Literal["accuracy", "synergy"]
LEAST_SPREAD = 1 / 8  # of one label's worth: a few equal labels do not make a cell certain
HALVINGS = 40


@dataclass(frozen=True, kw_only=True, eq=False)
class Stakes:
    """unsure (C,): by how much each cell can still move the target, 0 where its labels are known. spread (C,): standard
    deviation of one label's worth there; most: the largest possible. In the target's unit."""

    unsure: Array
    spread: Array
    most: float


def stakes(target: Target, codes: Ints, mass: Array, margins: list[Array], known: Known, likeliest: Array) -> Stakes:
    """Of each cell, for the gain of the best classifier over the better single modality or for the synergy.

    codes, mass, margins, known: as in `solvers.cell_program`; likeliest (C,K): class shares that one label meets.
    """
    low, high = cell_ranges(codes, mass, margins, known)
    if target == "accuracy":
        best = int(np.argmax([m.max(1).sum() for m in margins]))
        unsure = gain_ranges(low, high, mass, margins[best].argmax(1)[codes[:, best]])
        spread, most = _hit_spread(likeliest), 0.5
    else:
        unsure = entropy_ranges(low, high, mass)
        spread, most = _surprise_spread(likeliest), _most_surprise_spread(likeliest.shape[1])
    return Stakes(unsure=np.where(known.which, 0.0, unsure), spread=np.maximum(spread, LEAST_SPREAD), most=most)


def gain_ranges(low: Array, high: Array, mass: Array, answers: Ints) -> Array:
    """(C,): largest minus smallest of max_y r_cy - r_c,answer in each cell, of r between low and high (C,K).

    answers (C,): what the better single modality says.
    """
    at = np.arange(len(mass))
    others = np.ones_like(low, dtype=bool)
    others[at, answers] = False
    most = np.where(others, np.minimum(high, mass[:, None]) - low[at, answers][:, None], -np.inf).max(1)
    least = np.where(others, low - high[at, answers][:, None], -np.inf).max(1)
    return np.asarray(np.maximum(most, 0.0) - np.maximum(least, 0.0))


def entropy_ranges(low: Array, high: Array, mass: Array) -> Array:
    """(C,): largest minus smallest of mass * H(Y | cell), bits, of r between low and high (C,K) with sum mass (C,).

    The largest has shares as equal as the limits allow. The smallest fills one label after another, beginning with
    each: exact for two labels.
    """
    floor, ceiling = np.zeros_like(mass), high.max(1)
    for _ in range(HALVINGS):
        level = (floor + ceiling) / 2
        above = np.clip(level[:, None], low, high).sum(1) > mass
        floor, ceiling = np.where(above, floor, level), np.where(above, level, ceiling)
    equal = _weighted(np.clip(ceiling[:, None], low, high))
    least = [_weighted(_filled(low, high, mass, first)) for first in range(low.shape[1])]
    return np.asarray(np.maximum(equal - np.min(least, axis=0), 0.0))


def _filled(low: Array, high: Array, mass: Array, first: int) -> Array:
    """r (C,K) in which one label has all that it may, then the one that may have most of the others, and so on."""
    reach = high.copy()
    reach[:, first] = np.inf
    order = np.argsort(-reach, axis=1)
    room = np.take_along_axis(high - low, order, 1)
    left = (mass - low.sum(1))[:, None] - np.cumsum(room, axis=1) + room
    filled = low.copy()
    np.put_along_axis(filled, order, np.take_along_axis(low, order, 1) + np.clip(left, 0.0, room), 1)
    return filled


def _weighted(r: Array) -> Array:
    """mass * H(Y | cell) of each cell (C,)."""
    return np.asarray(entropy(r, batch=1) - entropy(r.sum(1, keepdims=True), batch=1))


def _hit_spread(shares: Array) -> Array:
    """Standard deviation of whether a label is what the cell would answer."""
    right = shares.max(1)
    return np.asarray(np.sqrt(right * (1 - right)))


def _surprise_spread(shares: Array) -> Array:
    """Standard deviation of -log2 p(label)."""
    surprise = -to_bits(np.log(np.where(shares > 0, shares, 1.0)))
    mean = (shares * surprise).sum(1, keepdims=True)
    return np.asarray(np.sqrt((shares * (surprise - mean) ** 2).sum(1)))


def _most_surprise_spread(classes: int) -> float:
    """Bound on the former over all shares (Reeb and Wolf 2015: a variance below log^2(K - 1) / 4 + 1 nats^2)."""
    return float(to_bits(math.sqrt(math.log(max(classes - 1, 1)) ** 2 / 4 + 1)))
