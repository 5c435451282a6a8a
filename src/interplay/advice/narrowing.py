"""What labels of pairs are expected to narrow: the state of each cell, and the interval's width label by label."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from interplay.advice.allocation import CellState, allocate, expected_width
from interplay.advice.stakes import Stakes, Target, stakes
from interplay.estimation.chance import above_chance
from interplay.estimation.confidence import Levels
from interplay.estimation.labelled_accuracy import accuracy_with_labels
from interplay.estimation.labelled_cells import LabelledCells, label_cells
from interplay.estimation.labelled_draws import LabelledDraws
from interplay.estimation.labelled_synergy import TOLERANCE, synergy_with_labels
from interplay.estimation.many import ManyCounts, ManyTables, draw_many, largest_entropy
from interplay.information import Array, entropy
from interplay.results import Estimate
from interplay.solvers.cell_program import Known
from interplay.solvers.union import union_information_many

Ints = NDArray[np.intp]
TWO_SIDED = 1.96  # standard errors to a side, not corrected for rounds: more of them leave more cells open in trials
OTHER = 0.05  # weight of what labels can tell in all, beside what they can tell on the side that decides


@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """Width of the target's interval that is expected after so many more labels; worst: if labels tell least."""

    labels: int
    expected: float
    worst: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Desk:
    """What stays the same from update to update. prior (C,K), priors (B,C,K): class shares at maximum entropy, of the
    sample and of its replicates. accidents: by modality, the p-value of its telling nothing about the label. lost:
    information that the codes of two modalities lose, None where their synergy is not asked for. looks: times that the
    ranges are asked for, before the first label among them."""

    classes: NDArray
    counts: ManyCounts
    prior: Array
    priors: Array
    accidents: tuple[float, ...]
    lost: tuple[float, float] | None
    budget: int
    confidence: float
    looks: int
    seed: int

    @property
    def cell_of_row(self) -> Ints:
        """The cell of each pair."""
        return self.counts.pairs.cells

    @property
    def hidden(self) -> float:
        """Variance of an accuracy that its rows do not show, for cells without labels (`ManyCounts.unseen`)."""
        return max(self.counts.unseen, default=0.0)

    @property
    def quantile(self) -> float:
        """Standard errors to each side of a two-sided interval that holds for all rounds."""
        return float(norm.ppf(1 - (1 - self.confidence) / self.looks / 2))


@dataclass(frozen=True, kw_only=True, eq=False)
class Ranges:
    """What samples and labels say. synergy: of two modalities, None for more. tables: the sample's likeliest."""

    accuracy: Estimate
    gain: Estimate
    synergy: Estimate | None
    tables: ManyTables

    def narrowed(self, target: Target) -> Estimate:
        """What labels are to narrow."""
        return self.synergy if target == "synergy" and self.synergy is not None else self.accuracy

    def asked(self, target: Target) -> Estimate:
        """What the decision is about."""
        return self.synergy if target == "synergy" and self.synergy is not None else self.gain


def desk_of(
    counts: ManyCounts,
    classes: NDArray,
    *,
    accidents: tuple[float, ...],
    lost: tuple[float, float] | None,
    budget: int,
    confidence: float,
    looks: int,
    seed: int,
    replicates: int,
) -> Desk:
    """What a plan starts from: counts of the modalities' codes and joints of largest entropy; rest as in `Desk`."""
    draws = draw_many(counts, replicates, np.random.default_rng(seed)).plain
    sample, drawn = (_most_likely(counts.codes, t) for t in draws)
    return Desk(
        classes=classes,
        counts=counts,
        prior=sample[0],
        priors=drawn,
        accidents=accidents,
        lost=lost,
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
    pairs = desk.counts.pairs
    groups, weights = (None if v is None else v[labelled] for v in (pairs.groups, pairs.weights))
    mass = pairs.count() / pairs.count().sum()
    return label_cells(pairs.cells[labelled], labels, desk.prior, mass, groups, weights)


def ranges_of(desk: Desk, cells: LabelledCells) -> Ranges:
    """All that samples and labels say so far."""
    levels: Levels = {"confidence": desk.confidence, "looks": desk.looks}
    draws = LabelledDraws(counts=desk.counts, cells=cells, priors=desk.priors, seed=desk.seed)
    accuracy, gain = accuracy_with_labels(draws, **levels)
    if not cells.known.any():  # no label of a pair tells what no modality does
        accuracy = above_chance(accuracy, desk.counts.labelled, desk.accidents, looks=desk.looks)
    synergy = None if desk.lost is None else synergy_with_labels(draws, lost=desk.lost, **levels)
    return Ranges(accuracy=accuracy, gain=gain, synergy=synergy, tables=draws.tables.plain[0])


def held_of(desk: Desk, cells: LabelledCells, found: Ranges, target: Target) -> Stakes:
    """What is at stake in each cell, from the labels so far."""
    tables = found.tables
    mass, joint = tables.mass[0], tables.joint[0]
    shares = np.divide(joint, mass[:, None], out=cells.prior.copy(), where=mass[:, None] > 0)
    known = Known(which=cells.known, shares=shares, hits=mass)
    met = (cells.seen + cells.prior) / (cells.count + 1)[:, None]
    return stakes(target, desk.counts.codes, mass, [m[0] for m in tables.margins], known, met, cells.rows)


def narrowing_state(desk: Desk, cells: LabelledCells, found: Ranges, target: Target, held: Stakes) -> CellState:
    """What narrows the target's interval."""
    error = found.narrowed(target).details["standard_error"]
    return _state(
        desk,
        cells,
        found,
        unsure=held.most - held.least,
        spread=held.spread,
        largest=held.largest,
        variance=float(np.mean(np.square(error))),
        hidden=0.0,  # labels spread over big cells for it left more open in trials
        errors=2 * TWO_SIDED,
    )


def deciding_state(
    desk: Desk, cells: LabelledCells, found: Ranges, target: Target, held: Stakes, worth: float
) -> CellState:
    """What brings the limit that decides to where the likeliest joint has the gain or the synergy.

    If that is above `worth`, the lower limit decides, and labels can raise it from the least to the likeliest; if it is
    below, the upper limit, from the most.
    """
    above = _likeliest(found, target, held) > worth
    unsure = held.likely - held.least if above else held.most - held.likely
    error = found.asked(target).details["standard_error"][0 if above else 1]
    return _state(
        desk,
        cells,
        found,
        unsure=unsure + OTHER * (held.most - held.least),
        spread=held.turning,
        largest=held.largest,
        variance=float(error) ** 2,
        hidden=desk.hidden if target == "accuracy" and not above else 0.0,
        errors=desk.quantile,
    )


def _likeliest(found: Ranges, target: Target, held: Stakes) -> float:
    """The gain, or the synergy, of the likeliest joint."""
    if target == "accuracy":
        return float(held.likely.sum())
    first, second = found.tables.margins
    union = union_information_many(first, second, tolerance=TOLERANCE).value[0]
    return float(held.likely.sum() + entropy(first[0].sum(0)) - union)


def _state(
    desk: Desk,
    cells: LabelledCells,
    found: Ranges,
    *,
    unsure: Array,
    spread: Array,
    largest: float,
    variance: float,
    hidden: float,
    errors: float,
) -> CellState:
    mass, spread, known = found.tables.mass[0], np.sqrt(cells.design) * spread, cells.known
    spent = float(((mass * spread)[known] ** 2 / cells.rows[known]).sum()) + hidden * float(mass[~known].sum()) ** 2
    return CellState(
        mass=mass,
        unsure=np.where(known, 0.0, unsure),
        spread=spread,
        most=float(np.sqrt(cells.design)) * largest,
        labels=cells.rows,
        room=np.bincount(desk.cell_of_row, minlength=len(mass)) - cells.rows,
        floor=max(variance - spent, 1e-8),
        hidden=hidden,
        errors=errors,
    )


def expected_narrowing(desk: Desk) -> tuple[Narrowing, ...]:
    """The accuracy interval's expected width now and after up to `budget` labels, drawn as a plan would, decided or
    not."""
    nothing = np.zeros(0, dtype=np.intp)
    cells = cells_of(desk, nothing, nothing)
    found = ranges_of(desk, cells)
    accuracy, held = found.accuracy, held_of(desk, cells, found, "accuracy")
    state = narrowing_state(desk, cells, found, "accuracy", held)
    now = accuracy.ci[1] - accuracy.ci[0]
    order = allocate(state, min(desk.budget, int(state.room.sum())), open_width(accuracy))
    return Narrowing(labels=0, expected=now, worst=now), *narrowing_curve(state, order, accuracy)


def open_width(target: Estimate) -> float:
    """Width of what the identified set leaves open, without sampling error."""
    return max(target.high - target.low, 0.0)


def narrowing_curve(state: CellState, order: Sequence[tuple[int, int]], target: Estimate) -> tuple[Narrowing, ...]:
    """Expected widths at quarters of the labels that `order` (cell, labels) gives.

    The model of `expected_width` says by what share the interval narrows; it is applied to the interval's width now,
    which also holds corrections that the model leaves out.
    """
    labels, total, points, width = state.labels.copy(), 0, [], open_width(target)
    modelled = expected_width(state, labels, width, worst=False)
    scale = (target.ci[1] - target.ci[0]) / modelled if modelled > 0 else 1.0
    steps = {round(s * sum(n for _, n in order)) for s in (0.25, 0.5, 0.75, 1.0)}
    for cell, count in order:
        labels[cell] += count
        total += count
        if any(total - count < s <= total for s in steps):
            expected, worst = (scale * expected_width(state, labels, width, worst=w) for w in (False, True))
            points.append(Narrowing(labels=total, expected=expected, worst=worst))
    return tuple(points)
