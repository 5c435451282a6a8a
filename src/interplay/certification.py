"""Certify any multimodal model: ranges of how often it is right on unlabelled pairs, without one labelled pair."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interplay.documents import estimate_document, plain
from interplay.errors import InputError, ShapeError
from interplay.estimation.coding import CodedSamples, Progress
from interplay.estimation.confidence import Levels
from interplay.estimation.judged import (
    Judged,
    Seeds,
    balanced,
    both,
    combinations,
    fixed,
    judge,
    precision,
    recall,
    right,
    width,
)
from interplay.estimation.preparation import Options, Prepared, prepare, silent
from interplay.information import Array
from interplay.inputs import to_labels
from interplay.results import Estimate

Ints = NDArray[np.intp]
Judges = Mapping[tuple[str, str], Judged]


@dataclass(frozen=True, kw_only=True)
class Certification:
    """Ranges of a model's performance on the pairs, each with its confidence interval.

    accuracy, balanced_accuracy: with three or more modalities the narrowest range of any two, its level
    corrected for the choice. recall, precision: by class. confusion: share of the pairs by (label, answer).
    cost: expected cost, if a cost matrix was given. pairs: accuracy by pair of modalities. warnings: sentences.
    """

    accuracy: Estimate
    balanced_accuracy: Estimate
    recall: Mapping[str, Estimate]
    precision: Mapping[str, Estimate]
    confusion: Mapping[tuple[str, str], Estimate]
    cost: Estimate | None
    pairs: Mapping[tuple[str, str], Estimate]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it, schema interplay/certification/1."""
        one = {name: estimate_document(getattr(self, name)) for name in ("accuracy", "balanced_accuracy")}
        by_class = {n: {c: estimate_document(e) for c, e in getattr(self, n).items()} for n in ("recall", "precision")}
        confusion = [{"label": y, "answer": a, "share": estimate_document(e)} for (y, a), e in self.confusion.items()]
        pairs = [{"modalities": names, "accuracy": estimate_document(e)} for names, e in self.pairs.items()]
        cost = {} if self.cost is None else {"cost": estimate_document(self.cost)}
        told = {"confusion": confusion, "pairs": pairs, "warnings": self.warnings}
        return plain({"schema": "interplay/certification/1", **one, **cost, **by_class, **told})

    def __str__(self) -> str:
        lines = [f"accuracy           {self.accuracy}", f"balanced accuracy  {self.balanced_accuracy}"]
        lines += [f"recall of {c}  {e}" for c, e in self.recall.items()]
        lines += [] if self.cost is None else [f"expected cost  {self.cost}"]
        return "\n".join([*lines, *(f"warning: {w}" for w in self.warnings)])


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Several models on the same pairs. accuracy: of each, by name. difference: accuracy of the first minus
    that of the second name, for every two. better: for those differences that are certainly not zero, the name
    of the better model (the level holds for each comparison by itself). warnings: sentences."""

    accuracy: Mapping[str, Estimate]
    difference: Mapping[tuple[str, str], Estimate]
    better: Mapping[tuple[str, str], str]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it, schema interplay/comparison/1."""
        difference = [
            {"first": a, "second": b, "difference": estimate_document(e), "better": self.better.get((a, b))}
            for (a, b), e in self.difference.items()
        ]
        accuracy = {n: estimate_document(e) for n, e in self.accuracy.items()}
        told = {"accuracy": accuracy, "difference": difference, "warnings": self.warnings}
        return plain({"schema": "interplay/comparison/1", **told})

    def __str__(self) -> str:
        lines = [f"{n}  {e}" for n, e in self.accuracy.items()]
        for (a, b), e in self.difference.items():
            winner = self.better.get((a, b))
            lines.append(f"{a} minus {b}  {e}: {winner + ' is better' if winner else 'not decided'}")
        return "\n".join([*lines, *(f"warning: {w}" for w in self.warnings)])


def certify(
    predictions: Any,
    *,
    labeled: Mapping[str, tuple[Any, Any]],
    pairs: Mapping[str, Any],
    confidence: float = 0.95,
    groups: Mapping[str, Any] | None = None,
    seed: int = 0,
    sample_weight: Mapping[str, Any] | None = None,
    prior: Mapping[Any, float] | Sequence[float] | None = None,
    cost: ArrayLike | None = None,
    codes: str | int = "auto",
    classifiers: Mapping[str, Any] | None = None,
    folds: int | None = None,
    replicates: int = 200,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Certification:
    """Ranges, with confidence, of how often any model's predictions on the pairs are right.

    predictions: one class a pair (m,), in the order of the pairs; the model must not have been trained or
    chosen on these pairs or labelled rows. cost: (K, K), paid for answer i (row) when the label is j (column), both
    in the order of the sorted classes; may be negative. The other arguments are those of `interplay.quantify`. The
    predictions are put beside codes of each modality; each number is linear in the unseen joint, so each end is a
    linear program over all joints that agree with the samples. Raises an InterplayError for a wrong length or a
    class that no labelled set has.
    """
    options = Options(
        confidence=confidence,
        seed=seed,
        codes=codes,
        classifiers=classifiers or {},
        folds=folds,
        replicates=replicates,
        workers=workers,
        progress=progress or silent,
    )
    prepared = prepare(
        labeled=labeled, pairs=pairs, options=options, groups=groups, sample_weight=sample_weight, prior=prior
    )
    samples = prepared.coded.samples
    prices = None if cost is None else _checked_cost(cost, len(samples.classes))
    answers = _positions(predictions, prepared.coded)
    judges = _judges(prepared, combinations(prepared), answers, len(samples.classes), replicates)
    return _certified(judges, [str(c) for c in samples.classes], prices, confidence, samples.warnings)


def _certified(
    judges: Judges, classes: Sequence[str], prices: Array | None, confidence: float, warnings: tuple[str, ...]
) -> Certification:
    """All ranges; those by class and cost from the two modalities that tell most about the accuracy."""
    levels: Levels = {"confidence": confidence, "looks": len(judges)}
    k = len(classes)
    by_pair = {names: j.range(right(k), **levels) for names, j in judges.items()}
    chosen = min(by_pair, key=lambda names: width(by_pair[names]))
    judged = judges[chosen]
    one = {(i, j): judged.one_against_rest(j, i) for i, j in np.ndindex(k, k)}
    return Certification(
        accuracy=by_pair[chosen],
        balanced_accuracy=judged.range(balanced(k), **levels),
        recall={c: one[i, i].range(recall, **levels) for i, c in enumerate(classes)},
        precision={c: one[i, i].range(precision, **levels) for i, c in enumerate(classes)},
        confusion={(classes[i], classes[j]): o.range(both, **levels) for (i, j), o in one.items()},
        cost=None if prices is None else judged.range(fixed(prices), **levels, unit="cost", proportion=False),
        pairs=by_pair,
        warnings=warnings,
    )


def compare_models(
    predictions: Mapping[str, Any],
    *,
    labeled: Mapping[str, tuple[Any, Any]],
    pairs: Mapping[str, Any],
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
    progress: Progress | None = None,
) -> Comparison:
    """Which of several models is certainly more accurate on the pairs, without one labelled pair.

    predictions: by model's name, as for `certify`, whose other arguments these are. Where two models agree, neither
    gains, whatever the label; only pairs on which they differ widen the range of the difference.
    """
    options = Options(
        confidence=confidence,
        seed=seed,
        codes=codes,
        classifiers=classifiers or {},
        folds=folds,
        replicates=replicates,
        workers=workers,
        progress=progress or silent,
    )
    _check_models(predictions)
    prepared = prepare(
        labeled=labeled, pairs=pairs, options=options, groups=groups, sample_weight=sample_weight, prior=prior
    )
    answers = {name: _positions(p, prepared.coded) for name, p in predictions.items()}
    seeds, k = combinations(prepared), len(prepared.coded.samples.classes)
    levels: Levels = {"confidence": confidence, "looks": len(seeds)}
    accuracy, difference = {}, {}
    for name, a in answers.items():
        judges = _judges(prepared, seeds, a, k, replicates)
        accuracy[name] = min((j.range(right(k), **levels) for j in judges.values()), key=width)
    for (m, a), (n, b) in itertools.combinations(answers.items(), 2):
        together = np.where(a == b, 0, a * k + b)  # one symbol for all on which they agree
        symbols, answers_of_both = np.unique(together, return_inverse=True)
        gained = fixed(np.eye(k)[symbols // k] - np.eye(k)[symbols % k])
        judges = _judges(prepared, seeds, answers_of_both, len(symbols), replicates)
        difference[m, n] = min((j.range(gained, **levels, proportion=False) for j in judges.values()), key=width)
    better = {pair: w for pair, e in difference.items() if (w := _winner(pair, e)) is not None}
    return Comparison(accuracy=accuracy, difference=difference, better=better, warnings=prepared.coded.samples.warnings)


def _winner(names: tuple[str, str], difference: Estimate) -> str | None:
    low, high = difference.ci
    return names[0] if low > 0 else names[1] if high < 0 else None


def _judges(
    prepared: Prepared, seeds: Seeds, answers: Ints, answer_count: int, replicates: int
) -> dict[tuple[str, str], Judged]:
    return {
        names: judge(
            prepared, names, answers, answer_count, replicates=replicates, stream=np.random.default_rng(stream)
        )
        for names, stream in seeds
    }


def _check_models(predictions: Mapping[str, Any]) -> None:
    if not isinstance(predictions, Mapping) or len(predictions) < 2:
        found = f"{len(predictions)} models" if isinstance(predictions, Mapping) else type(predictions).__name__
        raise InputError(
            f"predictions of {found}",
            expected="a dict of two or more models' predictions, by name",
            next_step="pass {'ours': ..., 'theirs': ...}, or call certify for one model",
        )


def _checked_cost(cost: ArrayLike, classes: int) -> Array:
    prices = np.array(cost, dtype=float)
    if prices.shape != (classes, classes):
        raise ShapeError(
            f"cost of shape {prices.shape}",
            expected=f"({classes}, {classes}): a row for each answer, a column for each label",
            next_step="put the costs in the order of the sorted classes",
        )
    if not np.isfinite(prices).all():
        raise InputError("a cost that is not finite", expected="finite costs", next_step="use a large cost instead")
    return prices


def _positions(predictions: Any, coded: CodedSamples) -> Ints:
    """Predicted classes as positions in `classes`."""
    samples = coded.samples
    values = to_labels(predictions, "the predictions")
    if len(values) != samples.pair_count:
        raise ShapeError(
            f"{len(values)} predictions for {samples.pair_count} pairs",
            expected="one prediction a pair, in the same order",
            next_step="predict the pairs that you pass",
        )
    if (values.dtype.kind in "US") != (samples.classes.dtype.kind in "US"):
        values = values.astype(str)
    known = samples.classes.astype(str) if values.dtype.kind in "US" else samples.classes
    unknown = np.setdiff1d(values, known)
    if len(unknown):
        raise InputError(
            f"predicted class {unknown[0]!s}",
            expected=f"one of {[str(c) for c in known]}",
            next_step="map the model's answers to the classes of the labels",
        )
    order = np.argsort(known)
    return order[np.searchsorted(known, values, sorter=order)]
