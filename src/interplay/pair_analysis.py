"""Two modalities: from their coded counts to every range, each with its confidence interval."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from interplay.bounds.robustness import accuracy_against_slack
from interplay.estimation.atoms import atom_estimates
from interplay.estimation.best_accuracy import best_accuracy_estimates
from interplay.estimation.chance import above_chance
from interplay.estimation.coding import CodedSamples
from interplay.estimation.confidence import Levels
from interplay.estimation.counts import PairCounts
from interplay.estimation.drawn import affordable, draw_tables
from interplay.estimation.population import compare_samples
from interplay.estimation.proofs import Proof, collect_proofs
from interplay.estimation.solved import Solved
from interplay.fusion.fused import FusedClassifier
from interplay.fusion.minimax import fuse_pair
from interplay.fusion.rules import product_of_experts
from interplay.mismatch import Mismatch
from interplay.results import Estimate, RobustnessCurve
from interplay.tables import PairTables

SLACKS = (0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1)


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
    proofs: tuple[Proof, ...]

    @cached_property
    def robustness(self) -> RobustnessCurve:
        """Smallest best accuracy when each labelled table may be off by a total variation of up to each slack.

        `breakdown` is the robustness value: the slack from which fusing may no longer beat the better single
        modality. Plug-in, on the reconciled tables; computed when first asked for (seconds for 10 x 10 x 10 cells).
        """
        return accuracy_against_slack(self.reconciled, SLACKS)


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
    draws = draw_tables(counts.sets, counts.shape, replicates, rng)
    levels: Levels = {"confidence": confidence, "looks": looks}
    accuracy, gain = best_accuracy_estimates(draws, unseen=counts.unseen, **levels)
    fused, guarantee = fuse_pair(coded, counts, draws, **levels)
    promised = above_chance(accuracy, counts.labelled, coded.accidents(*counts.names), looks=looks)
    mismatch = compare_samples(counts.sets, draws, counts.names, rng)
    lost = coded.lost(counts.names, dict(zip(counts.names, (counts.first.weights, counts.second.weights), strict=True)))
    atoms = atom_estimates(counts.names, draws, learned=coded.learned(*counts.names), lost=lost, **levels)
    return PairResult(
        names=counts.names,
        tables=raw,
        reconciled=raw.reconcile()[0],
        mismatch=mismatch,
        accuracy=_at_least(promised, guarantee),
        gain=gain,
        guarantee=guarantee,
        ladder=_ladder(draws.plain.point, accuracy),
        fused=fused,
        warnings=(*_warnings(counts, mismatch, accuracy), *_fewer(counts, replicates)),
        proofs=collect_proofs(draws, accuracy, atoms["total"]),
        **atoms,
    )


def _fewer(counts: PairCounts, replicates: int) -> list[str]:
    n1, n2, k = counts.shape
    drawn = affordable(counts.shape, replicates)
    what = f"{drawn} instead of {replicates} resamples, because tables of {n1} x {n2} codes and {k} classes are large."
    return [] if drawn == replicates else [f"{counts.names[0]} and {counts.names[1]}: {what}"]


def _at_least(accuracy: Estimate, guarantee: Estimate) -> Estimate:
    """The best classifier is at least as accurate as the fused one: the better lower limit holds for it."""
    return replace(
        accuracy,
        ci=(max(accuracy.ci[0], guarantee.ci[0]), accuracy.ci[1]),
        limits=(max(accuracy.limits[0], guarantee.limits[0]), accuracy.limits[1]),
    )


def _ladder(point: Solved, accuracy: Estimate) -> tuple[Rung, ...]:
    maxent, independent = point.maxent[0], product_of_experts(point.tables.p1y, point.tables.p2y)[0]
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


def _mismatch_words(mismatch: Mismatch) -> list[str]:
    """What disagrees, what explains it and what to do about it; nothing if nothing does."""
    cause, names = mismatch.cause(0.01), ", ".join(mismatch.disagreeing(0.01))
    disagree = f"the samples disagree about {names} (p = {mismatch.p_value:.2g})"
    moved = "The tables were moved to the closest consistent ones; guarantees hold only for one population."
    if cause == "no joint":
        return [
            f"the shared margins agree, yet no joint has all three tables (p = {mismatch.fit:.2g}). Check that the "
            f"rows of the pairs are aligned. {moved}"
        ]
    if cause == "class mix":
        return [f"{disagree}: the labelled sets have different class mixes. Pass prior= with the true shares. {moved}"]
    if cause == "label shift":
        shares = "; ".join(f"{n}: {', '.join(f'{s:.0%}' for s in w)}" for n, w in mismatch.shares.items())
        return [
            f"{disagree}, as another class mix in the pairs would make them (shares by {shares}). Pass prior= with the "
            f"shares of the pairs' population. {moved}"
        ]
    if cause == "other shift":
        return [f"{disagree}, which no change of the class mix explains. {moved}"]
    return []


def _warnings(counts: PairCounts, mismatch: Mismatch, accuracy: Estimate) -> tuple[str, ...]:
    n1, n2, _ = counts.shape
    between = f"{counts.names[0]} and {counts.names[1]}"
    sentences = [f"{between}: {sentence}" for sentence in _mismatch_words(mismatch)]
    per_cell = len(counts.pairs.cells) / (n1 * n2)
    if per_cell < 3:
        sentences.append(
            f"{between}: only {per_cell:.1f} pairs a cell ({n1} x {n2} codes); intervals are wide. Add pairs or "
            "pass fewer codes."
        )
    if accuracy.details["kinked"][0]:
        sentences.append(
            f"{between}: the plug-in best accuracy {accuracy.low:.3f} is inflated by chance (its bias exceeds its "
            "standard error); rely on the interval."
        )
    return tuple(sentences)
