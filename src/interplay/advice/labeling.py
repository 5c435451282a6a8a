"""Which pairs to label first, how many, and when to stop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from interplay.advice.allocation import CellState, allocate
from interplay.advice.checks import check_budget, check_labels, check_several, check_target
from interplay.advice.collection import plain_estimate
from interplay.advice.narrowing import (
    Desk,
    Narrowing,
    cells_of,
    deciding_state,
    desk_of,
    held_of,
    narrowing_curve,
    narrowing_state,
    open_width,
    ranges_of,
)
from interplay.advice.stakes import Target
from interplay.estimation.coding import Progress
from interplay.estimation.many import count_many
from interplay.estimation.preparation import Options, check_classifiers, prepare, silent
from interplay.results import Estimate

Ints = NDArray[np.intp]
Goal = Literal["decide", "narrow"]
Decision = Literal["fuse", "do not fuse", "synergy", "no synergy", "undecided"]
VERDICTS: dict[Target, tuple[Decision, Decision]] = {
    "accuracy": ("fuse", "do not fuse"),
    "synergy": ("synergy", "no synergy"),
}


@dataclass(frozen=True, kw_only=True)
class PlannedCell:
    """A combination of codes: its pairs, how many labels the plan gives it, how far the unseen joint can move the
    gain (probability) or the total information (bits) there."""

    codes: tuple[int, ...]
    pairs: int
    labels: int
    value: float


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelPlan:
    """Which pairs to label next.

    rows: positions in the pairs that were passed, in the order to label. cells: best first. curve: expected
    narrowing. accuracy, gain: ranges of the best classifier, and of its gain over the best single modality: what labels
    have taught is the low end in cells with enough of them, the best that the labels' likeliest shares allow the high
    end; in the others anything that agrees with all samples is possible. synergy: range in bits, of two modalities
    (None for more), its lower limit for the modalities, its upper end for their codes. target, goal: what labels are
    for. decision: whether the gain, or the synergy, is more than `worth`; `stop` is True once nothing unknown can
    change it. labelled: positions of the pairs with labels so far. rounds: updates so far.
    """

    names: tuple[str, ...]
    rows: Ints
    cells: tuple[PlannedCell, ...]
    curve: tuple[Narrowing, ...]
    accuracy: Estimate
    gain: Estimate
    synergy: Estimate | None
    target: Target
    goal: Goal
    worth: float
    decision: Decision
    labelled: Ints
    rounds: int
    warnings: tuple[str, ...]
    desk: "Desk" = field(repr=False)
    labels: Ints = field(repr=False)

    @property
    def stop(self) -> bool:
        """Whether the decision no longer depends on what is unknown; a plan that narrows has rows even then."""
        return self.decision != "undecided"

    def update(self, rows: Any, labels: Any) -> "LabelPlan":
        """The plan after some pairs were labelled: rows (r,) positions in the pairs, labels (r,) their classes.

        Labels given before stay. Rows must have been drawn at random within their cells, as `rows` of a plan
        are; other rows bias the answer. Raises an InterplayError for rows that do not exist, rows labelled twice
        and unknown classes.
        """
        positions, classes = check_labels(rows, labels, self.desk.cell_of_row, self.desk.classes, self.labelled)
        rounds, planned = self.rounds + 1, self.desk.looks - 1
        more = (f"round {rounds} of {planned} planned: the level is no longer kept; plan with looks={rounds} or more.",)
        return _plan(
            self.desk,
            np.concatenate([self.labelled, positions]),
            np.concatenate([self.labels, classes]),
            target=self.target,
            goal=self.goal,
            worth=self.worth,
            warnings=self.warnings + more if rounds == planned + 1 else self.warnings,
            rounds=rounds,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers, schema interplay/label-plan/1."""
        return {
            "schema": "interplay/label-plan/1",
            "modalities": list(self.names),
            "rows": self.rows.tolist(),
            "labelled": self.labelled.tolist(),
            "cells": [
                {"codes": list(c.codes), "pairs": c.pairs, "labels": c.labels, "value": c.value} for c in self.cells
            ],
            "curve": [{"labels": n.labels, "expected": n.expected, "worst": n.worst} for n in self.curve],
            "accuracy": plain_estimate(self.accuracy),
            "gain": plain_estimate(self.gain),
            "synergy": None if self.synergy is None else plain_estimate(self.synergy),
            "target": self.target,
            "goal": self.goal,
            "worth": self.worth,
            "decision": self.decision,
            "stop": self.stop,
            "warnings": list(self.warnings),
        }

    def __str__(self) -> str:
        lines = [
            f"{self.decision.capitalize()}: with {len(self.labelled)} labelled pairs, {self._asked()}",
            f"accuracy of the best classifier {self.accuracy}",
        ]
        if self.synergy is not None:
            lines.append(f"synergy {self.synergy}")
        if self.stop:
            lines.append(
                f"{'Decided' if len(self.rows) else 'Stop'}: the decision no longer depends on what is unknown."
            )
        if len(self.rows):
            shown = ", ".join(map(str, self.rows[:12])) + ", ..." * (len(self.rows) > 12)
            lines.append(f"label next {len(self.rows)} pairs: {shown}")
            lines += [
                f"  after {n.labels} more: width of the {self.target} {n.expected:.3f} (at worst {n.worst:.3f})"
                for n in self.curve
            ]
        elif not self.stop:
            lines.append("No pair is left whose label would tell more; add pairs or labelled rows.")
        return "\n".join([*lines, *(f"warning: {w}" for w in self.warnings)])

    def _asked(self) -> str:
        """What the decision is about, in numbers."""
        together = " and ".join(self.names)
        if self.target == "synergy" and self.synergy is not None:
            low, high = self.synergy.limits
            return (
                f"the synergy of {together} is {low:.3f} to {high:.3f} bits (one-sided {self.synergy.confidence:.0%} "
                f"limits); it counts above {self.worth:g}."
            )
        low, high = (100 * v for v in self.gain.limits)
        return (
            f"fusing {together} gains {low:.1f} to {high:.1f} points (one-sided {self.gain.confidence:.0%} limits); it "
            f"is worth it above {100 * self.worth:g}."
        )


def plan_labels(
    *,
    labeled: Mapping[str, tuple[Any, Any]],
    pairs: Mapping[str, Any],
    modalities: Sequence[str] | None = None,
    budget: int = 100,
    target: Target = "accuracy",
    goal: Goal = "decide",
    worth: float = 0.02,
    looks: int = 5,
    confidence: float = 0.95,
    seed: int = 0,
    groups: Mapping[str, Any] | None = None,
    sample_weight: Mapping[str, Any] | None = None,
    codes: str | int = "auto",
    classifiers: Mapping[str, Any] | None = None,
    folds: int | None = None,
    replicates: int = 40,
    workers: int | None = None,
    progress: Progress | None = None,
) -> LabelPlan:
    """Which pairs to label first, how many, and what that is expected to tell.

    labeled, pairs and what is not named here: as in `interplay.quantify`. modalities: those to be fused (default:
    all). budget: labels of the next round, at most as many as there are pairs. target: what labels are to tell, the
    best classifier's "accuracy" or, of two modalities, their "synergy". goal: "decide", with the fewest labels, whether
    the gain (or the synergy) is more than `worth`, or "narrow" the target's interval, decided or not. worth: gain in
    accuracy over the better single modality above which fusing pays, or bits of synergy that count. looks: rounds of
    labels that you plan; each interval is corrected for them and for the plan before, so you may stop after any of
    them.

    The same arguments and seed give the same plan, so rows of a plan made yesterday fit one made today.
    """
    names = check_several(modalities, labeled)
    check_target(target, goal, names)
    options = Options(
        confidence=confidence,
        seed=seed,
        codes=codes,
        classifiers={n: c for n, c in check_classifiers(classifiers, labeled).items() if n in names},
        folds=folds,
        replicates=replicates,
        workers=workers,
        progress=progress or silent,
    )
    ready = prepare(
        labeled={n: labeled[n] for n in names},
        pairs={n: pairs[n] for n in names if n in pairs},
        options=options,
        groups=None if groups is None else {k: v for k, v in groups.items() if k in (*names, "pairs")},
        sample_weight=None
        if sample_weight is None
        else {k: v for k, v in sample_weight.items() if k in (*names, "pairs")},
        prior=None,
    )
    coded = ready.coded
    check_budget(budget, coded.samples.pair_count, worth, looks)
    desk = desk_of(
        count_many(coded, names, ready.weights),
        coded.samples.classes,
        accidents=coded.accidents(*names),
        lost=coded.lost((names[0], names[1]), ready.weights) if len(names) == 2 else None,
        replicates=replicates,
        budget=budget,
        confidence=confidence,
        looks=looks + 1,
        seed=seed,
    )
    return first_plan(desk, target=target, goal=goal, worth=worth, warnings=coded.samples.warnings)


def first_plan(
    desk: Desk, *, target: Target, worth: float, goal: Goal = "decide", warnings: tuple[str, ...] = ()
) -> LabelPlan:
    """The plan before any label; arguments as in `plan_labels`."""
    nothing = np.zeros(0, dtype=np.intp)
    return _plan(desk, nothing, nothing, target=target, goal=goal, worth=worth, warnings=warnings, rounds=0)


def _plan(
    desk: Desk,
    labelled: Ints,
    labels: Ints,
    *,
    target: Target,
    goal: Goal,
    worth: float,
    warnings: tuple[str, ...],
    rounds: int,
) -> LabelPlan:
    cells = cells_of(desk, labelled, labels)
    found = ranges_of(desk, cells)
    decision = _decide(target, found.asked(target), worth)
    held, narrowed = held_of(desk, cells, found, target), found.narrowed(target)
    state = narrowing_state(desk, cells, found, target, held)
    order: list[tuple[int, int]] = []
    if goal == "narrow":
        order = allocate(state, min(desk.budget, int(state.room.sum())), open_width(narrowed))
    elif decision == "undecided":
        deciding = deciding_state(desk, cells, found, target, held, worth)
        order = allocate(deciding, min(desk.budget, int(state.room.sum())), float(deciding.unsure.sum()))
    return LabelPlan(
        names=desk.counts.names,
        rows=_draw_rows(desk, labelled, order),
        cells=_cells(desk, state, order),
        curve=narrowing_curve(state, order, narrowed),
        accuracy=found.accuracy,
        gain=found.gain,
        synergy=found.synergy,
        target=target,
        goal=goal,
        worth=worth,
        decision=decision,
        labelled=labelled,
        labels=labels,
        rounds=rounds,
        warnings=warnings,
        desk=desk,
    )


def _decide(target: Target, asked: Estimate, worth: float) -> Decision:
    """Whether it is surely above, or surely below, what counts."""
    above, below = VERDICTS[target]
    return above if asked.limits[0] > worth else below if asked.limits[1] < worth else "undecided"


def _draw_rows(desk: Desk, labelled: Ints, order: Sequence[tuple[int, int]]) -> Ints:
    """Rows at random within each cell, none twice; the same whatever was labelled before."""
    shuffled = np.random.default_rng(desk.seed).permutation(len(desk.cell_of_row))
    free = shuffled[~np.isin(shuffled, labelled)]
    waiting = {c: list(free[desk.cell_of_row[free] == c]) for c, _ in order}
    chosen = [waiting[c].pop(0) for c, n in order for _ in range(n)]
    return np.array(chosen, dtype=np.intp)


def _cells(desk: Desk, state: CellState, order: Sequence[tuple[int, int]]) -> tuple[PlannedCell, ...]:
    planned = np.zeros(len(state.mass), dtype=int)
    for cell, count in order:
        planned[cell] += count
    ranked = np.lexsort((-state.unsure, -planned))
    return tuple(
        PlannedCell(
            codes=tuple(int(z) for z in desk.counts.codes[c]),
            pairs=int(state.labels[c] + state.room[c]),
            labels=int(planned[c]),
            value=float(state.unsure[c]),
        )
        for c in ranked
        if state.labels[c] + state.room[c] > 0
    )
