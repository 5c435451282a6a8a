"""What labels of pairs are expected to narrow: the state of each cell, and the interval's width label by label."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from interplay.advice.allocation import CellState, allocate, expected_width, gain_ranges
from interplay.estimation.coding import CodedSamples
from interplay.estimation.labelled_cells import LabelledCells, label_cells
from interplay.estimation.labelled_pairs import accuracy_with_labels, draw_with_labels
from interplay.estimation.many import ManyCounts, ManyTables, count_many, draw_many, largest_entropy
from interplay.information import Array
from interplay.results import Estimate
from interplay.solvers.cell_program import Known

Ints = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """Width of the accuracy interval that is expected after so many more labels; worst: if labels tell least."""

    labels: int
    expected: float
    worst: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Desk:
    """What stays the same from update to update. prior (C,K), priors (B,C,K): class shares at maximum entropy, of the
    sample and of its replicates."""

    names: tuple[str, ...]
    classes: NDArray
    counts: ManyCounts
    prior: Array
    priors: Array
    groups: NDArray | None  # of the pairs
    budget: int
    confidence: float
    looks: int
    seed: int

    @property
    def cell_of_row(self) -> Ints:
        """The cell of each pair."""
        return self.counts.pairs.cells

    @property
    def quantile(self) -> float:
        """Standard errors to each side of a two-sided interval that holds for all rounds."""
        return float(norm.ppf(1 - (1 - self.confidence) / self.looks / 2))


def desk_of(
    coded: CodedSamples,
    names: tuple[str, ...],
    weights: dict[str, Array | None],
    *,
    budget: int,
    confidence: float,
    looks: int,
    seed: int,
    replicates: int,
) -> Desk:
    """What a plan starts from: counts of the modalities' codes and joints of largest entropy; rest as in `Desk`."""
    counts = count_many(coded, names, weights)
    draws = draw_many(counts, replicates, np.random.default_rng(seed)).plain
    sample, drawn = (_most_likely(counts.codes, t) for t in draws)
    return Desk(
        names=names,
        classes=coded.samples.classes,
        counts=counts,
        prior=sample[0],
        priors=drawn,
        groups=coded.samples.pair_groups,
        budget=budget,
        confidence=confidence,
        looks=looks,
        seed=seed,
    )


def _most_likely(codes: Ints, tables: ManyTables) -> Array:
    """Class shares (B,C,K) at maximum entropy; those of all rows in cells without mass."""
    joint = largest_entropy(codes, tables)
    joint = np.where(joint.sum(2, keepdims=True) > 0, joint, joint.sum(1, keepdims=True))
    return np.asarray(joint / joint.sum(2, keepdims=True))


def cells_of(desk: Desk, labelled: Ints, labels: Ints) -> LabelledCells:
    """The labels (r,) of the pairs at positions labelled (r,), in the order of labelling."""
    groups = None if desk.groups is None else desk.groups[labelled]
    mass = np.bincount(desk.cell_of_row, minlength=len(desk.prior)) / len(desk.cell_of_row)
    return label_cells(desk.cell_of_row[labelled], labels, desk.prior, mass, groups)


def state_of(desk: Desk, cells: LabelledCells, tables: ManyTables, accuracy: Estimate) -> CellState:
    """What the plan knows of each cell, from the labels so far."""
    codes, mass, margins = desk.counts.codes, tables.mass[0], [m[0] for m in tables.margins]
    best = int(np.argmax([m.max(1).sum() for m in margins]))
    answers = margins[best].argmax(1)[codes[:, best]]
    used = cells.count.astype(np.intp)
    spread = _spread(((cells.seen + cells.prior) / (cells.count + 1)[:, None]).max(1))
    spent = float(((mass * spread)[cells.known] ** 2 / used[cells.known]).sum())
    variance = float(np.mean(np.square(accuracy.details["standard_error"])))
    shares = np.divide(tables.joint[0], mass[:, None], out=cells.prior.copy(), where=mass[:, None] > 0)
    return CellState(
        mass=mass,
        unsure=gain_ranges(codes, mass, margins, Known(which=cells.known, shares=shares, hits=mass), answers),
        spread=spread,
        labels=used,
        room=np.bincount(desk.cell_of_row, minlength=len(mass)) - used,
        floor=max(variance - spent, 1e-8),
    )


def _spread(share: Array) -> Array:
    """Standard deviation of whether a label is what the cell would answer; a quarter of the largest at least."""
    return np.asarray(np.sqrt(np.clip(share * (1 - share), 1 / 64, None)))


def expected_narrowing(desk: Desk) -> tuple[Narrowing, ...]:
    """The interval's expected width now and after up to `budget` labels, drawn as a plan would, decided or not."""
    nothing = np.zeros(0, dtype=np.intp)
    cells = cells_of(desk, nothing, nothing)
    draws = draw_with_labels(desk.counts, cells, desk.priors, desk.seed)
    accuracy, _ = accuracy_with_labels(desk.counts, cells, draws, confidence=desk.confidence, looks=desk.looks)
    state, now = state_of(desk, cells, draws.tables.plain[0], accuracy), accuracy.ci[1] - accuracy.ci[0]
    order = allocate(state, min(desk.budget, int(state.room.sum())), open_width(accuracy))
    return Narrowing(labels=0, expected=now, worst=now), *narrowing_curve(state, order, accuracy, desk.quantile)


def open_width(accuracy: Estimate) -> float:
    """Width of what the identified set leaves open, without sampling error."""
    return max(accuracy.high - accuracy.low, 0.0)


def narrowing_curve(
    state: CellState, order: Sequence[tuple[int, int]], accuracy: Estimate, quantile: float
) -> tuple[Narrowing, ...]:
    """Expected widths at quarters of the labels that `order` (cell, labels) gives.

    The model of `expected_width` says by what share the interval narrows; it is applied to the interval's width now,
    which also holds corrections that the model leaves out.
    """
    labels, total, points, width = state.labels.copy(), 0, [], open_width(accuracy)
    modelled = expected_width(state, labels, width, quantile=quantile, worst=False)
    scale = (accuracy.ci[1] - accuracy.ci[0]) / modelled if modelled > 0 else 1.0
    steps = {round(s * sum(n for _, n in order)) for s in (0.25, 0.5, 0.75, 1.0)}
    for cell, count in order:
        labels[cell] += count
        total += count
        if any(total - count < s <= total for s in steps):
            expected, worst = (
                scale * expected_width(state, labels, width, quantile=quantile, worst=w) for w in (False, True)
            )
            points.append(Narrowing(labels=total, expected=expected, worst=worst))
    return tuple(points)
