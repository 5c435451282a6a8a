"""What is at stake in each cell: how far the unseen joint can move its part of the answer, and what one label tells."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from interplay.estimation.labelled_cells import LEAST
from interplay.information import Array, entropy, to_bits
from interplay.solvers.cell_program import Known, cell_ranges

Ints = NDArray[np.intp]
Target = Literal["accuracy", "synergy"]
LEAST_SPREAD = 1 / 8  # of one label's worth: a few equal labels do not make a cell certain
LEAST_TURNED = 0.02  # probability that labels turn an answer: none is settled for good
HALVINGS = 40


@dataclass(frozen=True, kw_only=True, eq=False)
class Stakes:
    """What each cell may add to the target, in its unit. least, most (C,): of all that the tables allow; likely (C,):
    by the likeliest joint, and in known cells all three. spread (C,): standard deviation of one label's worth there;
    turning (C,): of its worth for the sum of what cells add; largest: of `spread`, the largest possible."""

    least: Array
    likely: Array
    most: Array
    spread: Array
    turning: Array
    largest: float


def stakes(
    target: Target, codes: Ints, mass: Array, margins: list[Array], known: Known, shares: Array, labels: Ints
) -> Stakes:
    """Of each cell: its part of the gain of the best classifier over the better single modality, or of the
    information.

    codes, mass, margins, known: as in `solvers.cell_program`, known.shares those of the likeliest joint in every cell;
    shares (C,K): what the next label meets; labels (C,): those so far.
    """
    low, high = cell_ranges(codes, mass, margins, known)
    if target == "accuracy":
        best = int(np.argmax([m.max(1).sum() for m in margins]))
        single = margins[best].argmax(1)[codes[:, best]]
        least, most = gain_range(low, high, mass, single)
        likely = mass * (known.shares.max(1) - known.shares[np.arange(len(mass)), single])
        spread, largest = np.maximum(_hit_spread(shares), LEAST_SPREAD), 0.5
        turning = _turning_spread(shares, single, labels)
    else:
        least, most = information_range(low, high, mass)
        likely = -_weighted(mass[:, None] * known.shares)
        largest = _most_surprise_spread(shares.shape[1])
        spread = turning = np.maximum(_surprise_spread(shares), LEAST_SPREAD)
    likely = np.clip(likely, least, most)
    return Stakes(
        least=np.where(known.which, likely, least),
        likely=likely,
        most=np.where(known.which, likely, most),
        spread=spread,
        turning=turning,
        largest=largest,
    )


def gain_range(low: Array, high: Array, mass: Array, single: Ints) -> tuple[Array, Array]:
    """(C,) each: smallest and largest max_y r_cy - r_c,single in each cell, of r between low and high (C,K).

    single (C,): what the better single modality answers.
    """
    at = np.arange(len(mass))
    others = np.ones_like(low, dtype=bool)
    others[at, single] = False
    most = np.where(others, np.minimum(high, mass[:, None]) - low[at, single][:, None], -np.inf).max(1)
    least = np.where(others, low - high[at, single][:, None], -np.inf).max(1)
    return np.maximum(least, 0.0), np.maximum(most, 0.0)


def information_range(low: Array, high: Array, mass: Array) -> tuple[Array, Array]:
    """(C,) each: smallest and largest -mass * H(Y | cell), bits, of r between low and high (C,K) with sum mass (C,).

    The smallest has shares as equal as the limits allow. The largest fills one label after another, beginning with
    each: exact for two labels.
    """
    floor, ceiling = np.zeros_like(mass), high.max(1)
    for _ in range(HALVINGS):
        level = (floor + ceiling) / 2
        above = np.clip(level[:, None], low, high).sum(1) > mass
        floor, ceiling = np.where(above, floor, level), np.where(above, level, ceiling)
    equal = _weighted(np.clip(ceiling[:, None], low, high))
    least = np.min([_weighted(_filled(low, high, mass, first)) for first in range(low.shape[1])], axis=0)
    return -np.maximum(equal, least), -least


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


def _turning_spread(shares: Array, single: Ints, labels: Ints) -> Array:
    """Of what a label adds to the gain: it has a part only where labels may yet turn the answer away from `single`."""
    at, rest = np.arange(len(single)), shares.copy()
    rest[at, single] = -1.0
    right, wrong = rest.max(1), shares[at, single]
    spread = np.maximum(np.sqrt(np.maximum(right + wrong - (right - wrong) ** 2, 0.0)), LEAST_SPREAD)
    turned = ndtr((right - wrong) * np.sqrt(labels + LEAST) / spread)
    return np.asarray(spread * np.maximum(turned, LEAST_TURNED))


def _surprise_spread(shares: Array) -> Array:
    """Standard deviation of -log2 p(label)."""
    surprise = -to_bits(np.log(np.where(shares > 0, shares, 1.0)))
    mean = (shares * surprise).sum(1, keepdims=True)
    return np.asarray(np.sqrt((shares * (surprise - mean) ** 2).sum(1)))


def _most_surprise_spread(classes: int) -> float:
    """Bound on the former over all shares (Reeb and Wolf 2015: a variance below log^2(K - 1) / 4 + 1 nats^2)."""
    return float(to_bits(math.sqrt(math.log(max(classes - 1, 1)) ** 2 / 4 + 1)))
