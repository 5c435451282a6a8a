"""Two modalities: from their coded counts to every range, each with its confidence interval."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.bounds.accuracy import highest_accuracy_given_entropy
from interplay.estimation.coding import CodedSamples
from interplay.estimation.confidence import KINK, Replicated, estimate
from interplay.estimation.counts import CodedSet, PairCounts
from interplay.estimation.ends import Cells, InformationEnds, accuracy_end, envelope, information_ends
from interplay.estimation.replicates import replicate_counts
from interplay.fusion.fused import FusedClassifier, predict_pairs
from interplay.fusion.rules import Rule, choose_rule, product_of_experts
from interplay.information import Array, entropy
from interplay.mismatch import Mismatch
from interplay.reconciliation import Repaired, maximum_likelihood_tables
from interplay.results import Estimate
from interplay.solvers.accuracy import highest_accuracy
from interplay.solvers.maxent import maximum_entropy
from interplay.solvers.synergy_max import largest_information
from interplay.tables import PairTables

SEARCH_SECONDS = 2.0  # for each sharp upper end; what is certified by then is reported


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One step of the assumption ladder: an accuracy and what must be true for it."""

    rung: str
    accuracy: float
    assumption: str


@dataclass(frozen=True, kw_only=True, eq=False)
class PairResult:
    """Every answer about two modalities; estimates in bits or as probabilities, keyed by name."""

    names: tuple[str, str]
    tables: PairTables
    reconciled: PairTables
    mismatch: Mismatch
    information: Mapping[str, Estimate]
    redundancy: Estimate
    unique: Mapping[str, Estimate]
    synergy: Estimate
    total: Estimate
    accuracy: Estimate
    guarantee: Estimate
    gain: Estimate
    ladder: tuple[Rung, ...]
    fused: FusedClassifier
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Batch:
    """Consistent tables with the mass (B, C) of the fused classifier's cells beside them."""

    tables: Repaired
    mass: Array


def analyse_pair(
    coded: CodedSamples,
    counts: PairCounts,
    raw: PairTables,
    *,
    confidence: float,
    replicates: int,
    looks: int,
    rng: np.random.Generator,
) -> PairResult:
    """All ranges for two modalities. looks: intervals from which a best one is picked later."""
    rules = tuple(choose_rule(*counts.tables(without_fold=k)) for k in range(coded.folds.count))
    fused = FusedClassifier(names=counts.names, classes_=coded.samples.classes, rules=rules, coded=coded)
    fine = _refine(counts.pairs, predict_pairs(coded, counts.names, rules), counts.shape[2])
    reconciled, info = raw.reconcile()
    point = _consistent([s.count()[None] for s in (fine.set, counts.first, counts.second)], fine, counts.shape)
    drawn = replicate_counts((fine.set, counts.first, counts.second), replicates, rng)
    batch = _consistent(drawn, fine, counts.shape)
    estimates = _information_estimates(counts.names, point, batch, confidence=confidence, looks=looks)
    accuracy, gain = _accuracy_estimates(point, batch, confidence=confidence, looks=looks)
    guarantee = _guarantee_estimate(fine, point, batch, confidence=confidence, looks=looks)
    return PairResult(
        names=counts.names,
        tables=raw,
        reconciled=reconciled,
        mismatch=info.mismatch,
        accuracy=accuracy,
        gain=gain,
        guarantee=guarantee,
        ladder=_ladder(point.tables, accuracy),
        fused=fused,
        warnings=_warnings(counts, info.mismatch, accuracy, guarantee),
        **estimates,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Fine:
    """Pairs by (z1, z2, prediction): only the cells that occur."""

    set: CodedSet
    cells: Cells


def _refine(pairs: CodedSet, predictions: NDArray[np.intp], class_count: int) -> _Fine:
    occurring, position = np.unique(pairs.cells * class_count + predictions, return_inverse=True)
    coarse = occurring // class_count
    fine = CodedSet(
        cells=position, cell_count=len(occurring), folds=pairs.folds, weights=pairs.weights, groups=pairs.groups
    )
    # rows and cols hold the flat (z1, z2) cell until the shape is known
    return _Fine(set=fine, cells=Cells(rows=coarse, cols=coarse, predictions=occurring % class_count))


def _consistent(counts: list[Array], fine: _Fine, shape: tuple[int, int, int]) -> _Batch:
    """Maximum-likelihood tables; a cell's predictions keep their shares, of which labels say nothing."""
    n1, n2, k = shape
    flat = fine.cells.rows
    pairs = np.zeros((len(counts[0]), n1 * n2))
    np.add.at(pairs, (slice(None), flat), counts[0])
    tables = maximum_likelihood_tables(
        pairs.reshape(-1, n1, n2), counts[1].reshape(-1, n1, k), counts[2].reshape(-1, n2, k)
    )
    within = np.divide(counts[0], pairs[:, flat], out=np.zeros_like(counts[0]), where=pairs[:, flat] > 0)
    p12 = tables.p12.reshape(-1, n1 * n2)
    # a cell whose pairs were all left out of a replicate keeps equal shares
    share = np.where(pairs[:, flat] > 0, within, 1 / np.bincount(flat, minlength=n1 * n2)[flat])
    return _Batch(tables=tables, mass=share * p12[:, flat])


def _grid(tables: Repaired) -> tuple[Cells, Array]:
    """All (z1, z2) cells that have mass in some table, and their mass (B, C)."""
    rows, cols = np.nonzero(tables.p12.max(axis=0) > 0)
    return Cells(rows=rows, cols=cols), tables.p12[:, rows, cols]


def _information_estimates(
    names: tuple[str, str], point: _Batch, batch: _Batch, *, confidence: float, looks: int
) -> dict:
    at, drawn = information_ends(point.tables), information_ends(batch.tables)
    p12, p1y, p2y = point.tables.p12[0], point.tables.p1y[0], point.tables.p2y[0]
    largest = largest_information(p12, p1y, p2y, time_limit=SEARCH_SECONDS).bound
    total_high = min(largest, float(at.total_high[0]))

    def one(value, *, shown_high: float | None = None, high=None) -> Estimate:
        low_end = Replicated(value=float(value(at)[0]), replicates=value(drawn))
        high_end = low_end if high is None else Replicated(value=float(high(at)[0]), replicates=high(drawn))
        return estimate(
            low_end, high_end, confidence=confidence, unit="bits", looks=looks, shown_high=shown_high
        )

    def total_low(e: InformationEnds) -> Array:
        return e.total_low

    def total_up(e: InformationEnds) -> Array:
        return e.total_high

    return {
        "information": {names[0]: one(lambda e: e.first), names[1]: one(lambda e: e.second)},
        "redundancy": one(lambda e: e.first + e.second - e.union),
        "unique": {names[0]: one(lambda e: e.union - e.second), names[1]: one(lambda e: e.union - e.first)},
        "synergy": one(
            lambda e: e.total_low - e.union,
            high=lambda e: e.total_high - e.union,
            shown_high=total_high - float(at.union[0]),
        ),
        "total": one(total_low, high=total_up, shown_high=total_high),
    }


def _accuracy_estimates(
    point: _Batch, batch: _Batch, *, confidence: float, looks: int
) -> tuple[Estimate, Estimate]:
    """Best classifier's accuracy, and its gain over the better single modality."""
    cells, mass = _grid(batch.tables)
    at_mass = point.tables.p12[:, cells.rows, cells.cols]
    at = accuracy_end(cells, at_mass, point.tables, sign=1, tolerance=1e-8)
    drawn = accuracy_end(cells, mass, batch.tables, sign=1, tolerance=1e-5)
    fixed = envelope(cells, mass, batch.tables, sign=1, lam=at.lam[0], mu=at.mu[0])
    value = float(at.value[0])
    low = Replicated(value=value, replicates=drawn.value, envelope=fixed, factor=KINK)
    outer, outer_drawn = _accuracy_ceiling(point.tables), _accuracy_ceiling(batch.tables)
    high = Replicated(value=float(outer[0]), replicates=outer_drawn)
    p12, p1y, p2y = point.tables.p12[0], point.tables.p1y[0], point.tables.p2y[0]
    sharp = highest_accuracy(p12, p1y, p2y, time_limit=SEARCH_SECONDS).bound
    accuracy = estimate(
        low, high, confidence=confidence, unit="probability", looks=looks, shown_high=min(sharp, high.value)
    )
    single, single_drawn = _best_single(point.tables), _best_single(batch.tables)
    better = int(point.tables.p2y[0].max(1).sum() > point.tables.p1y[0].max(1).sum())
    gain_low = Replicated(
        value=value - float(single[0]),
        replicates=drawn.value - single_drawn,
        envelope=fixed - _fixed_single(point.tables, batch.tables, better),
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


def _guarantee_estimate(
    fine: _Fine, point: _Batch, batch: _Batch, *, confidence: float, looks: int
) -> Estimate:
    """Range of the accuracy of the fused classifier's own predictions: a linear program at each end."""
    n2 = point.tables.p12.shape[2]
    flat = fine.cells.rows
    cells = Cells(rows=flat // n2, cols=flat % n2, predictions=fine.cells.predictions)
    ends = []
    for sign in (1.0, -1.0):
        at = accuracy_end(cells, point.mass, point.tables, sign=sign, tolerance=1e-8)
        drawn = accuracy_end(cells, batch.mass, batch.tables, sign=sign, tolerance=1e-5)
        fixed = envelope(cells, batch.mass, batch.tables, sign=sign, lam=at.lam[0], mu=at.mu[0])
        ends.append(
            Replicated(
                value=sign * float(at.value[0]), replicates=sign * drawn.value, envelope=sign * fixed, factor=KINK
            )
        )
    return estimate(*ends, confidence=confidence, unit="probability", looks=looks)


def _ladder(tables: Repaired, accuracy: Estimate) -> tuple[Rung, ...]:
    p12, p1y, p2y = tables.p12[0], tables.p1y[0], tables.p2y[0]
    maxent = maximum_entropy(p12, p1y, p2y, tolerance=1e-4).joint
    independent = product_of_experts(p1y, p2y)
    return (
        Rung(rung="guaranteed", accuracy=accuracy.low, assumption="none beyond the three samples"),
        Rung(
            rung="maximum entropy",
            accuracy=float(maxent.max(2).sum()),
            assumption="no interaction of all three variables beyond what the three tables show",
        ),
        Rung(
            rung="conditional independence",
            accuracy=float(independent.max(2).sum()),
            assumption="the modalities are independent given the label",
        ),
        Rung(rung="largest possible", accuracy=accuracy.high, assumption="the most favourable joint, on codes"),
    )


def _warnings(
    counts: PairCounts, mismatch: Mismatch, accuracy: Estimate, guarantee: Estimate
) -> tuple[str, ...]:
    n1, n2, k = counts.shape
    between = f"{counts.names[0]} and {counts.names[1]}"
    sentences = []
    names = mismatch.disagreeing(0.01)
    if names:
        sentences.append(
            f"{between}: the samples disagree about {', '.join(names)} (p = {mismatch.p_value:.2g}); the tables "
            "were moved to the closest consistent ones, and guarantees hold only if the samples describe one "
            "population."
        )
    per_cell = len(counts.pairs.cells) / (n1 * n2)
    if per_cell < 3:
        sentences.append(
            f"{between}: only {per_cell:.1f} pairs a cell ({n1} x {n2} codes); intervals are wide. Add pairs or "
            "pass fewer codes."
        )
    for what, e in (("best accuracy", accuracy), ("guarantee", guarantee)):
        if e.details["kinked"][0]:
            sentences.append(
                f"{between}: the plug-in {what} {e.low:.3f} is inflated by chance (its bias exceeds its "
                "standard error); rely on the interval."
            )
    return tuple(sentences)
