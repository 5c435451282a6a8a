"""The best classifier's accuracy from samples, and its gain over the better single modality."""

import numpy as np

from interplay.bounds.accuracy import highest_accuracy_given_entropy
from interplay.estimation.atoms import information_ends
from interplay.estimation.confidence import KINK, Replicated, estimate
from interplay.estimation.linear_ends import Cells, accuracy_end, envelope
from interplay.information import Array, entropy
from interplay.reconciliation import Repaired
from interplay.results import Estimate
from interplay.solvers.accuracy import highest_accuracy

SEARCH_SECONDS = 2.0  # for the sharp upper end; what is certified by then is reported


def best_accuracy_estimates(
    point: Repaired, batch: Repaired, *, confidence: float, looks: int
) -> tuple[Estimate, Estimate]:
    """Best classifier's accuracy, and its gain over the better single modality."""
    cells, mass = _grid(batch)
    at_mass = point.p12[:, cells.rows, cells.cols]
    at = accuracy_end(cells, at_mass, point, sign=1, tolerance=1e-8)
    drawn = accuracy_end(cells, mass, batch, sign=1, tolerance=1e-5)
    fixed = envelope(cells, mass, batch, sign=1, lam=at.lam[0], mu=at.mu[0])
    value = float(at.value[0])
    low = Replicated(value=value, replicates=drawn.value, envelope=fixed, factor=KINK)
    outer, outer_drawn = _accuracy_ceiling(point), _accuracy_ceiling(batch)
    high = Replicated(value=float(outer[0]), replicates=outer_drawn)
    p12, p1y, p2y = point.p12[0], point.p1y[0], point.p2y[0]
    sharp = highest_accuracy(p12, p1y, p2y, time_limit=SEARCH_SECONDS).bound
    accuracy = estimate(
        low, high, confidence=confidence, unit="probability", looks=looks, shown_high=min(sharp, high.value)
    )
    single, single_drawn = _best_single(point), _best_single(batch)
    better = int(point.p2y[0].max(1).sum() > point.p1y[0].max(1).sum())
    gain_low = Replicated(
        value=value - float(single[0]),
        replicates=drawn.value - single_drawn,
        envelope=fixed - _fixed_single(point, batch, better),
    )
    gain_high = Replicated(value=high.value - float(single[0]), replicates=outer_drawn - single_drawn)
    gain = estimate(
        gain_low,
        gain_high,
        confidence=confidence,
        unit="probability",
        looks=looks,
        shown_high=accuracy.high - float(single[0]),
    )
    return accuracy, gain


def _best_single(tables: Repaired) -> Array:
    """Accuracy (B,) of the better single modality's best rule on codes."""
    return np.maximum(tables.p1y.max(2).sum(1), tables.p2y.max(2).sum(1))


def _fixed_single(point: Repaired, batch: Repaired, better: int) -> Array:
    """The point tables' single-modality rule, on each replicate: linear in the margins."""
    at, drawn = (point.p1y, batch.p1y) if better == 0 else (point.p2y, batch.p2y)
    best = at[0].argmax(1)
    return drawn[:, np.arange(len(best)), best].sum(1)


def _accuracy_ceiling(tables: Repaired) -> Array:
    """Upper bound (B,) on any classifier's accuracy on codes: Fano at the coupling bound, and cell by cell.

    No cell (z1, z2) can hold more of one class than p(z1, y), p(z2, y) and p(z1, z2) allow.
    """
    p12, p1y, p2y = tables.p12, tables.p1y, tables.p2y
    k = p1y.shape[2]
    cap = np.minimum(np.minimum(p1y[:, :, None, :], p2y[:, None, :, :]), p12[..., None]).max(3).sum((1, 2))
    ends = information_ends(tables).total_high
    label = entropy(p1y.sum(1), batch=1)
    fano = [highest_accuracy_given_entropy(float(c), k) for c in label - ends]
    return np.minimum(np.minimum(cap, fano), 1.0)


def _grid(tables: Repaired) -> tuple[Cells, Array]:
    """All (z1, z2) cells that have mass in some table, and their mass (B, C)."""
    rows, cols = np.nonzero(tables.p12.max(axis=0) > 0)
    return Cells(rows=rows, cols=cols), tables.p12[:, rows, cols]
