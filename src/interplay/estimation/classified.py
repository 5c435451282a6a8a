"""The accuracy range of fixed predictions on the pairs, from samples, without one labelled pair."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.confidence import KINK, Replicated, estimate
from interplay.estimation.counts import CodedSet
from interplay.estimation.solved import envelope
from interplay.information import Array
from interplay.reconciliation import Repaired, maximum_likelihood_tables, shrink
from interplay.results import Estimate
from interplay.solvers.cells import cell_minimum_many

Ints = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassifiedPairs:
    """Pairs by (z1, z2, prediction): the cells (C,) that occur, and each row's position among them.

    Codes (z1, z2) that no pair has shown together may still have mass: they come with every prediction.
    """

    rows: Ints
    cols: Ints
    predictions: Ints
    set: CodedSet
    shape: tuple[int, int, int]


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassifiedTables:
    """Consistent tables (B, ...) with the mass (B, C) of each (z1, z2, prediction) cell beside them."""

    tables: Repaired
    mass: Array


def classify_pairs(pairs: CodedSet, predictions: Ints, shape: tuple[int, int, int]) -> ClassifiedPairs:
    """Put predictions (m,), as class positions, beside the codes of the pairs."""
    _, n2, k = shape
    shown = pairs.cells * k + predictions
    unseen = np.setdiff1d(np.arange(pairs.cell_count), pairs.cells)
    occurring = np.union1d(shown, (unseen[:, None] * k + np.arange(k)).ravel())
    position = np.searchsorted(occurring, shown)
    coarse = occurring // k
    rows = CodedSet(
        cells=position,
        cell_count=len(occurring),
        weights=pairs.weights,
        groups=pairs.groups,
    )
    return ClassifiedPairs(rows=coarse // n2, cols=coarse % n2, predictions=occurring % k, set=rows, shape=shape)


def consistent_tables(counts: list[Array], classified: ClassifiedPairs, *, added: float) -> ClassifiedTables:
    """Consistent tables of counts (B, C), (B, n1 K), (B, n2 K), `added` rows a cell (see `drawn.Draws`).

    The predictions of a cell keep their shares: labels say nothing about them.
    """
    n1, n2, k = classified.shape
    flat = classified.rows * n2 + classified.cols
    pairs = np.zeros((len(counts[0]), n1 * n2))
    np.add.at(pairs.T, flat, counts[0].T)
    flat_tables = [pairs.reshape(-1, n1, n2), counts[1].reshape(-1, n1, k), counts[2].reshape(-1, n2, k)]
    tables = maximum_likelihood_tables(*[shrink(t, added) for t in flat_tables], tolerance=1e-6)
    # a cell whose pairs were all left out of a replicate gives its predictions equal shares
    equal = np.broadcast_to(1 / np.bincount(flat, minlength=n1 * n2)[flat], counts[0].shape)
    share = np.divide(counts[0], pairs[:, flat], out=equal.copy(), where=pairs[:, flat] > 0)
    return ClassifiedTables(tables=tables, mass=share * tables.p12.reshape(-1, n1 * n2)[:, flat])


def prediction_accuracy(
    cells: ClassifiedPairs, sample: list[Array], drawn: list[Array], *, freedom: float, confidence: float, looks: int
) -> Estimate:
    """Range of the accuracy of exactly these predictions: one linear program at each end.

    sample: counts (1, C), (1, n1 K), (1, n2 K); drawn: those of the replicates (B, ...).
    """
    right = np.eye(cells.shape[2])[cells.predictions]

    def end(sign: float, added: float) -> Replicated:
        tables = [consistent_tables(counts, cells, added=added) for counts in (sample, drawn)]
        return fixed_end(cells.rows, cells.cols, sign * right, *tables, sign=sign, freedom=freedom)

    low, high = end(1.0, 0.5), end(-1.0, 0.0)
    return estimate(low, high, confidence=confidence, unit="probability", looks=looks)


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
) -> Replicated:
    """sign * min <cost, r> over the set, replicated: with cost = sign * [prediction == y] (C, K), the low
    (sign 1) or the high (sign -1) end of a fixed classifier's accuracy."""
    at, drawn = (
        cell_minimum_many(rows, cols, t.mass, t.tables.p1y, t.tables.p2y, cost=cost, tolerance=tolerance)
        for t, tolerance in ((point, 1e-8), (batch, 1e-5))
    )
    fixed = envelope(rows, cols, batch.mass, batch.tables, cost=cost, lam=at.lam[0], mu=at.mu[0])
    return Replicated(
        value=sign * float(at.value[0]),
        replicates=sign * drawn.value,
        envelope=sign * fixed,
        factor=KINK,
        optimism=optimism,
        proportion=True,
        freedom=freedom,
    )
