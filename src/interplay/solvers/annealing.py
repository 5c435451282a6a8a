"""Annealing over the vertices of a polytope: the schedule, for any walk that knows its neighbours.

Every step evaluates all neighbours at once and takes one by the heat bath: the best of their values plus Gumbel noise
of the temperature. It falls in cycles, each twice as long as the one before, and every cycle ends in a descent.
"""

from collections.abc import Callable
from typing import Protocol

from numpy.random import Generator

from interplay.information import Array
from interplay.solvers.arrays import Index

HOT = 1.0  # temperature at the start of a cycle, in units
FIRST = 250  # steps of the first cycle
NOTHING = 1e-14  # a smaller fall is rounding


class Walk(Protocol):
    """A vertex and its value."""

    value: float

    def neighbours(self) -> tuple[Array, Index, Array]:
        """Values (d,) of all neighbours, what blocks the way to each, and how far it is."""

    def step(self, k: int, block: int, length: float) -> None:
        """Go to the k-th neighbour."""

    def point(self) -> Array:
        """The vertex."""


def anneal(
    walk: Walk,
    *,
    unit: float,
    cold: float,
    deadline: Callable[[], bool],
    rng: Generator,
    target: float,
) -> Array:
    """The best vertex met until the deadline, or a value at most the target.

    unit: of temperatures, about what one cell is worth; cold: temperature at the end of a cycle, in units.
    """
    best, point = walk.value, walk.point()
    length, count = FIRST, 0
    while best > target and not deadline():
        heat = unit * HOT * (cold / HOT) ** (count / length) if count < length else 0.0
        values, block, lengths = walk.neighbours()
        if not len(values):
            break
        noisy = values if heat == 0.0 else values - heat * rng.gumbel(size=len(values))
        k = int(noisy.argmin())
        if heat == 0.0 and values[k] >= walk.value - NOTHING:
            length, count = 2 * length, 0
            continue
        walk.step(k, int(block[k]), float(lengths[k]))
        count += 1
        if walk.value < best - NOTHING:
            best, point = walk.value, walk.point()
    return point
