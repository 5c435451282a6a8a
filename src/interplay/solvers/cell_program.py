"""The best classifier's accuracy over many modalities' cells, some of them known: linear programs of any width.

A cell is a combination of codes, one a modality: codes (C,m), mass (C,). r (C,K) spreads each mass over the
labels; the table of each modality, margins[i] (n_i,K), is met or missed at PRICE a unit, so that estimated
cells never leave the program without a solution. In known cells r = mass * shares (C,K), and the classifier is
right with probability hits (C,); elsewhere it answers as well as r allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from interplay.information import Array
from interplay.solvers.cells_dual import label_price
from interplay.solvers.identified_set import solve

Ints = NDArray[np.intp]
Block = tuple[Ints, Ints, float | Array]  # rows, columns, values of entries
PRICE = 3.0  # multipliers of these programs stay below it on consistent tables (theory: three suffice)


@dataclass(frozen=True, kw_only=True, eq=False)
class Known:
    """Cells whose labels are known: which (C,), their class shares (C,K), how often the answer is right (C,)."""

    which: NDArray[np.bool_]
    shares: Array
    hits: Array


@dataclass(frozen=True, kw_only=True, eq=False)
class CellEnd:
    """One end. value: certified from the multipliers alone where it is a low end. joint (C,K): attains it.
    multipliers: (n_i,K) for each modality's table."""

    value: float
    joint: Array = field(repr=False)
    multipliers: tuple[Array, ...] = field(repr=False)


def nothing_known(cells: int, classes: int) -> Known:
    """No label seen yet."""
    return Known(which=np.zeros(cells, dtype=bool), shares=np.zeros((cells, classes)), hits=np.zeros(cells))


def smallest_best_accuracy(codes: Ints, mass: Array, margins: Sequence[Array], known: Known) -> CellEnd:
    """Smallest accuracy of the best classifier: minimise sum_c max_y r_cy over unknown cells."""
    program = _Program(codes, mass, margins, known)
    if not program.count:
        return program.settled(1.0)
    c, k, n = program.count, program.classes, program.count * program.classes
    each, cell = np.arange(n), np.repeat(np.arange(c), k)
    below: list[Block] = [(each, each, 1.0), (each, n + cell, -1.0)]  # r_cy <= t_c
    return program.end(np.ones(c), below, np.zeros(n), sign=1.0)


def largest_best_accuracy(codes: Ints, mass: Array, margins: Sequence[Array], known: Known) -> CellEnd:
    """Upper bound on the best classifier's accuracy: maximise sum_c sum_y z_cy, z_cy <= r_cy if y is the answer.

    The choice of the answer is relaxed to weights w_cy that sum to one: z <= U w and z <= r - L (1 - w) with
    L <= r <= U, the bounds that cell and tables give (McCormick); for two labels this is the chord.
    """
    program = _Program(codes, mass, margins, known)
    if not program.count:
        return program.settled(-1.0)
    c, k, n = program.count, program.classes, program.count * program.classes
    low, high = (b.ravel() for b in program.ranges())
    r = np.arange(n)
    z, w, cell = n + r, 2 * n + r, 2 * n + np.repeat(np.arange(c), k)
    below: list[Block] = [
        *((r, z, 1.0), (r, w, -high)),  # z <= U w
        *((z, r, -1.0), (z, z, 1.0), (z, w, -low)),  # z <= r - L + L w
        (cell, w, 1.0),  # sum w <= 1
    ]
    limits = np.concatenate([np.zeros(n), -low, np.ones(c)])
    return program.end(np.concatenate([-np.ones(n), np.zeros(n)]), below, limits, sign=-1.0)


def cell_ranges(codes: Ints, mass: Array, margins: Sequence[Array], known: Known) -> tuple[Array, Array]:
    """L <= r <= U, (C,K) each, that single cells and tables allow; known cells have their shares."""
    program = _Program(codes, mass, margins, known)
    low, high = program.fixed(), program.fixed()
    low[program.unknown], high[program.unknown] = program.ranges()
    return low, high


class _Program:
    """Equations that both ends share: r of the unknown cells, then extra variables, then slack of the tables."""

    def __init__(self, codes: Ints, mass: Array, margins: Sequence[Array], known: Known):
        self.codes, self.mass, self.margins, self.known = codes, mass, margins, known
        self.unknown = np.flatnonzero(~known.which)
        self.count, self.classes = len(self.unknown), margins[0].shape[1]
        self.rest = [m - _table(codes[:, i], self.fixed(), len(m)) for i, m in enumerate(margins)]

    def fixed(self) -> Array:
        """r (C,K) in the known cells, zero elsewhere."""
        return np.where(self.known.which[:, None], self.mass[:, None] * self.known.shares, 0.0)

    def ranges(self) -> tuple[Array, Array]:
        """L and U (C',K) of r in the unknown cells, from its mass and what is left of the tables."""
        mass = self.mass[self.unknown][:, None]
        high = np.broadcast_to(mass, (self.count, self.classes)).copy()
        for i, rest in enumerate(self.rest):
            high = np.minimum(high, np.maximum(rest, 0.0)[self.codes[self.unknown, i]])
        # where estimated cells have used up a table, the program pays for what it misses: only that much may move
        missed = np.maximum(mass - high.sum(1, keepdims=True), 0.0).sum()
        high = np.minimum(high + missed, mass)
        low = np.maximum(mass - (high.sum(1, keepdims=True) - high), 0.0)
        return low, high

    def end(self, cost: Array, below: Sequence[Block], limits: Array, *, sign: float) -> CellEnd:
        n, k = self.count * self.classes, self.classes
        rows = np.concatenate([m.ravel() for m in self.rest])
        extra, slack = len(cost), np.arange(len(rows))
        width = n + extra + 2 * len(rows)
        each = np.arange(n)
        codes = self.codes[self.unknown]
        starts = np.cumsum([0, *(m.size for m in self.rest)])
        label = np.tile(np.arange(k), self.count)
        tables = [self.count + at + np.repeat(codes[:, i], k) * k + label for i, at in enumerate(starts[:-1])]
        equal = [
            (np.repeat(np.arange(self.count), k), each, 1.0),
            *((table, each, 1.0) for table in tables),
            (self.count + slack, n + extra + slack, 1.0),
            (self.count + slack, n + extra + len(rows) + slack, -1.0),
        ]
        found = solve(
            np.concatenate([np.zeros(n), cost, np.full(2 * len(rows), PRICE)]),
            A_ub=_sparse(below, (len(limits), width)),
            b_ub=limits,
            A_eq=_sparse(equal, (self.count + len(rows), width)),
            b_eq=np.concatenate([self.mass[self.unknown], rows]),
            bounds=(0, None),
        )
        marginals = np.asarray(found.eqlin.marginals, dtype=float)[self.count :]
        return self._found(found.x[:n], float(found.fun), marginals, sign)

    def settled(self, sign: float) -> CellEnd:
        """The end where every cell is known: nothing to solve, and what the tables miss is paid for."""
        missed = np.concatenate([m.ravel() for m in self.rest])
        return self._found(np.zeros(0), PRICE * float(np.abs(missed).sum()), PRICE * np.sign(missed), sign)

    def _found(self, x: Array, cost: float, marginals: Array, sign: float) -> CellEnd:
        """From r of the unknown cells, the program's value and the multipliers of the tables."""
        joint = self.fixed()
        joint[self.unknown] = np.maximum(x, 0.0).reshape(-1, self.classes)
        multipliers = self._split(sign * marginals)
        right = float(self.mass[self.known.which] @ self.known.hits[self.known.which])
        value = right + sign * cost
        if sign > 0:
            value = fixed_low_end(self.codes, self.mass, self.margins, self.known, multipliers)
        return CellEnd(value=value, joint=joint, multipliers=multipliers)

    def _split(self, flat: Array) -> tuple[Array, ...]:
        edges = np.cumsum([m.size for m in self.margins])[:-1]
        return tuple(part.reshape(m.shape) for part, m in zip(np.split(flat, edges), self.margins, strict=True))


def fixed_low_end(
    codes: Ints, mass: Array, margins: Sequence[Array], known: Known, multipliers: Sequence[Array]
) -> float:
    """What any multipliers prove: a lower bound, linear in the tables, the masses and the known shares."""
    v = prices(codes, multipliers)
    linear = sum(float((m * lam).sum()) for m, lam in zip(margins, multipliers, strict=True))
    open_cells = mass[~known.which] @ label_price(v[~known.which], None, np.ones(v[~known.which].shape, dtype=bool))
    seen = mass[known.which] @ (known.hits - (known.shares * v).sum(1))[known.which]
    return linear + float(open_cells) + float(seen)


def prices(codes: Ints, multipliers: Sequence[Array]) -> Array:
    """Sum over modalities of the multipliers at each cell, (C,K)."""
    return np.sum([lam[codes[:, i]] for i, lam in enumerate(multipliers)], axis=0)


def _table(codes: Ints, joint: Array, size: int) -> Array:
    table = np.zeros((size, joint.shape[1]))
    np.add.at(table, codes, joint)
    return table


def _sparse(blocks: Sequence[Block], shape: tuple[int, int]) -> sp.csr_matrix:
    """One matrix from blocks of entries."""
    rows, cols = (np.concatenate([block[i] for block in blocks]) for i in (0, 1))
    values = np.concatenate([np.broadcast_to(value, len(at)) for at, _, value in blocks])
    return sp.csr_matrix((values, (rows, cols)), shape=shape)
