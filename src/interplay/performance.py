"""What the best multimodal model will reach before it exists: accuracy, mean recall, log loss, expected cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from interplay.bounds.accuracy import paper_interval
from interplay.bounds.cost import checked_prices
from interplay.estimation.best_accuracy import best_accuracy_estimates
from interplay.estimation.best_decisions import best_decisions_estimate, negated
from interplay.estimation.ceilings import information_ceiling
from interplay.estimation.chance import above_chance
from interplay.estimation.confidence import Levels, Replicated, estimate
from interplay.estimation.counts import count_pair
from interplay.estimation.drawn import Draws, draw_tables
from interplay.estimation.judged import combinations
from interplay.estimation.preparation import Options, prepare, silent
from interplay.estimation.unimodal import unimodal_accuracy
from interplay.fusion.rules import product_of_experts
from interplay.information import Array
from interplay.parallel import in_threads
from interplay.results import Estimate


@dataclass(frozen=True, kw_only=True)
class PairPerformance:
    """Of the best classifier of two modalities on their codes; each range holds every joint that agrees with the data.

    accuracy, balanced_accuracy (mean recall), log_loss (bits), cost (if prices were given): the guaranteed side of
    each (low accuracy, high loss and cost) holds for the raw modalities too. maximum_entropy, independence: accuracy
    under these assumptions. paper: mid-point of the published formulas, for comparison; it can exceed 1.
    """

    accuracy: Estimate
    balanced_accuracy: Estimate
    log_loss: Estimate
    cost: Estimate | None
    maximum_entropy: float
    independence: float
    paper: float


@dataclass(frozen=True, kw_only=True)
class Performance:
    """single: accuracy of each modality alone, by name. pairs: what any two can reach, by names."""

    single: Mapping[str, Estimate]
    pairs: Mapping[tuple[str, str], PairPerformance]

    def __str__(self) -> str:
        lines = [f"{n} alone  {e}" for n, e in self.single.items()]
        for names, p in self.pairs.items():
            told = {"accuracy": p.accuracy, "balanced accuracy": p.balanced_accuracy, "log loss": p.log_loss}
            told |= {} if p.cost is None else {"expected cost": p.cost}
            lines += [f"{' + '.join(names)}: {what}  {e}" for what, e in told.items()]
        return "\n".join(lines)


def predict_performance(
    *,
    labeled: Mapping[str, tuple[Any, Any]],
    pairs: Mapping[str, Any],
    cost: ArrayLike | None = None,
    confidence: float = 0.95,
    groups: Mapping[str, Any] | None = None,
    seed: int = 0,
    sample_weight: Mapping[str, Any] | None = None,
    prior: Mapping[Any, float] | Sequence[float] | None = None,
    codes: str | int = "auto",
    classifiers: Mapping[str, Any] | None = None,
    folds: int | None = None,
    replicates: int = 200,
    workers: int | None = None,
) -> Performance:
    """How well the best model of any two modalities will do, by several measures, without one labelled pair.

    cost: (M, K), paid for each of M decisions (row) when the label is each of the sorted classes (column); may be
    negative. The other arguments are those of `interplay.quantify`. Raises an InterplayError.
    """
    options = Options(
        confidence=confidence,
        seed=seed,
        codes=codes,
        classifiers=classifiers or {},
        folds=folds,
        replicates=replicates,
        workers=workers,
        progress=silent,
    )
    prepared = prepare(
        labeled=labeled, pairs=pairs, options=options, groups=groups, sample_weight=sample_weight, prior=prior
    )
    prices = None if cost is None else checked_prices(cost, len(prepared.coded.samples.classes))
    found = combinations(prepared)
    levels: Levels = {"confidence": confidence, "looks": len(found)}
    single = unimodal_accuracy(prepared.coded, prepared.weights, confidence=confidence)

    def one(job: tuple[tuple[str, str], np.random.SeedSequence]) -> PairPerformance:
        names, seeds = job
        counts = count_pair(prepared.coded, names, prepared.weights)
        draws = draw_tables(counts.sets, counts.shape, replicates, np.random.default_rng(seeds))
        best = _performance(draws, counts.unseen, prices, levels)
        accidents = prepared.coded.accidents(*names)
        return replace(best, accuracy=above_chance(best.accuracy, counts.labelled, accidents, looks=levels["looks"]))

    by_pair = dict(zip([names for names, _ in found], in_threads(one, found, workers=workers), strict=True))
    return Performance(single=single, pairs=by_pair)


def _performance(draws: Draws, unseen: tuple[float, float], prices: Array | None, levels: Levels) -> PairPerformance:
    s = draws.plain.point
    classes = s.tables.p1y.shape[2]
    paper = paper_interval(float(s.total_low[0]), float(s.total_high[0]), float(s.label[0]), classes)
    return PairPerformance(
        accuracy=best_accuracy_estimates(draws, unseen=unseen, **levels)[0],
        balanced_accuracy=best_decisions_estimate(draws, _recalls, unit="probability", proportion=True, **levels),
        log_loss=_log_loss(draws, levels),
        cost=None if prices is None else _cost(draws, prices, levels),
        maximum_entropy=float(s.maxent[0].max(2).sum()),
        independence=float(product_of_experts(s.tables.p1y, s.tables.p2y)[0].max(2).sum()),
        paper=(paper.low + paper.high) / 2,
    )


def _recalls(shares: Array) -> Array:
    """Worth of the right answer to a row of each class, so that the sum is the mean recall of those that occur."""
    return np.diag(np.divide(1.0, shares, out=np.zeros_like(shares), where=shares > 0) / (shares > 0).sum())


def _cost(draws: Draws, prices: Array, levels: Levels) -> Estimate:
    worth = best_decisions_estimate(draws, lambda shares: -prices, unit="cost", proportion=False, **levels)
    return negated(worth, "cost")


def _log_loss(draws: Draws, levels: Levels) -> Estimate:
    """H(Y) less the information, as the negative of what cannot exceed 0."""
    known, plain, top = draws.whole, draws.plain, information_ceiling(draws)
    low, high = (
        Replicated(
            value=float(known.point.total_low[0] - known.point.label[0]),
            replicates=known.batch.total_low - known.batch.label,
            ceiling=0.0,
            freedom=draws.freedom,
        ),
        Replicated(
            value=top.value - float(plain.point.label[0]),
            replicates=top.replicates - plain.batch.label,
            factor=top.factor,
            freedom=draws.freedom,
        ),
    )
    return negated(estimate(low, high, unit="bits", **levels), "bits")
