"""Fixed answers on the pairs beside the codes: cells, consistent tables, and both ends of linear functionals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.confidence import KINK, Replicated
from interplay.estimation.counts import CodedSet
from interplay.estimation.solved import envelope
from interplay.information import Array
from interplay.reconciliation import Repaired, maximum_likelihood_tables, shrink
from interplay.solvers.cells import cell_minimum_many

Ints = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassifiedPairs:
    """Pairs by (z1, z2, answer): the cells (C,) that occur, and each row's position among them.

    answers (C,): symbols 0..answer_count-1, a class or anything else that a model or several say about a pair.
    Codes (z1, z2) that no pair has shown together may still have mass: one cell each, with the symbol
    answer_count, of which nothing is known.
    """

    rows: Ints
    cols: Ints
    answers: Ints
    answer_count: int
    set: CodedSet
    shape: tuple[int, int, int]


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassifiedTables:
    """Consistent tables (B, ...) with the mass (B, C) of each (z1, z2, answer) cell beside them."""

    tables: Repaired
    mass: Array


def classify_pairs(pairs: CodedSet, answers: Ints, count: int, shape: tuple[int, int, int]) -> ClassifiedPairs:
    """Put answers (m,), symbols below `count`, beside the codes of the pairs."""
    n2, symbols = shape[1], count + 1
    shown = pairs.cells * symbols + answers
    unseen = np.setdiff1d(np.arange(pairs.cell_count), pairs.cells)
    occurring = np.union1d(shown, unseen * symbols + count)
    coarse = occurring // symbols
    rows = CodedSet(
        cells=np.searchsorted(occurring, shown),
        cell_count=len(occurring),
        weights=pairs.weights,
        groups=pairs.groups,
    )
    return ClassifiedPairs(
        rows=coarse // n2, cols=coarse % n2, answers=occurring % symbols, answer_count=count, set=rows, shape=shape
    )


def consistent_tables(counts: list[Array], classified: ClassifiedPairs, *, added: float) -> ClassifiedTables:
    """Consistent tables of counts (B, C), (B, n1 K), (B, n2 K), `added` rows a cell (see `drawn.Draws`).

    The answers in a cell keep their shares: labels say nothing about them.
    """
    n1, n2, k = classified.shape
    flat = classified.rows * n2 + classified.cols
    pairs = np.zeros((len(counts[0]), n1 * n2))
    np.add.at(pairs.T, flat, counts[0].T)
    flat_tables = [pairs.reshape(-1, n1, n2), counts[1].reshape(-1, n1, k), counts[2].reshape(-1, n2, k)]
    tables = maximum_likelihood_tables(*[shrink(t, added) for t in flat_tables], tolerance=1e-6)
    # a cell whose pairs were all left out of a replicate gives its answers equal shares
    equal = np.broadcast_to(1 / np.bincount(flat, minlength=n1 * n2)[flat], counts[0].shape)
    share = np.divide(counts[0], pairs[:, flat], out=equal.copy(), where=pairs[:, flat] > 0)
    return ClassifiedTables(tables=tables, mass=share * tables.p12.reshape(-1, n1 * n2)[:, flat])


def fixed_end(
    rows: Ints,
    cols: Ints,
    cost: Array,
    point: ClassifiedTables,
    batch: ClassifiedTables,
    *,
    sign: float,
    freedom: float,
    optimism: float = 0.0,
    unseen: float = 0.0,
    drawn_cost: Array | None = None,
    proportion: bool = True,
) -> Replicated:
    """sign * min <cost, r> over the set, replicated: with cost = sign * [answer == y] (C, K), the low
    (sign 1) or the high (sign -1) end of a fixed classifier's accuracy.

    drawn_cost (B, C, K): of each replicate, where it differs. proportion: the value lies between 0 and 1.
    """
    scale = float(np.abs(cost).max()) or 1.0  # the solver's box is made for costs of the order of 1
    cost, redrawn = cost / scale, (cost if drawn_cost is None else drawn_cost) / scale
    at, drawn = (
        cell_minimum_many(rows, cols, t.mass, t.tables.p1y, t.tables.p2y, cost=c, tolerance=tolerance)
        for t, c, tolerance in ((point, cost, 1e-7), (batch, redrawn, 1e-4))
    )
    fixed = envelope(rows, cols, batch.mass, batch.tables, cost=redrawn, lam=at.lam[0], mu=at.mu[0])
    return Replicated(
        value=sign * scale * float(at.value[0]) + 0.0,  # no negative zero
        replicates=sign * scale * drawn.value,
        envelope=sign * scale * fixed,
        factor=KINK,
        optimism=optimism,
        unseen=unseen,
        proportion=proportion,
        freedom=freedom,
    )
