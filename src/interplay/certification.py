"""Certify any multimodal model: the range of its accuracy on unlabelled pairs, without one labelled pair."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from interplay.errors import InputError, ShapeError
from interplay.estimation.classified import classify_pairs, prediction_accuracy
from interplay.estimation.coding import CodedSamples, Progress
from interplay.estimation.counts import count_pair
from interplay.estimation.preparation import Options, prepare, silent
from interplay.estimation.replicates import freedom, replicate_counts
from interplay.inputs import to_labels
from interplay.results import Estimate


@dataclass(frozen=True, kw_only=True)
class Certification:
    """Range of a model's accuracy. accuracy: the narrowest range of any pair of modalities, with a level
    corrected for the choice. pairs: the range by pair. warnings: sentences."""

    accuracy: Estimate
    pairs: Mapping[tuple[str, str], Estimate]
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        return f"accuracy {self.accuracy}"


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
    codes: str | int = "auto",
    classifiers: Mapping[str, Any] | None = None,
    folds: int | None = None,
    replicates: int = 200,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Certification:
    """Range, with confidence, of the accuracy of any model's predictions on the pairs.

    predictions: one class a pair (m,), in the order of the pairs; the model must not have been trained or
    chosen on these pairs or labelled rows. The other arguments are those of `interplay.quantify`. The
    predictions are put beside codes of each modality; accuracy is linear in the unseen joint, so each end
    is a linear program over all joints that agree with the samples. Raises an InterplayError for a wrong
    length or a class that no labelled set has.
    """
    prepared = prepare(
        labeled=labeled,
        pairs=pairs,
        options=Options(
            confidence=confidence,
            seed=seed,
            codes=codes,
            classifiers=classifiers or {},
            folds=folds,
            replicates=replicates,
            workers=workers,
            progress=progress or silent,
        ),
        groups=groups,
        sample_weight=sample_weight,
        prior=prior,
    )
    coded = prepared.coded
    positions = _positions(predictions, coded)
    combinations = list(itertools.combinations(coded.samples.names, 2))
    ranges = {}
    for names, stream in zip(combinations, prepared.stream.spawn(len(combinations)), strict=True):
        counts = count_pair(coded, names, prepared.weights)
        classified = classify_pairs(counts.pairs, positions, counts.shape)
        sets = (classified.set, counts.first, counts.second)
        drawn = replicate_counts(sets, replicates, np.random.default_rng(stream))
        sample = [s.count()[None] for s in sets]
        ranges[names] = prediction_accuracy(
            classified, sample, drawn, freedom=freedom(sets), confidence=confidence, looks=len(combinations)
        )
    narrowest = min(ranges.values(), key=lambda e: e.ci[1] - e.ci[0])
    return Certification(accuracy=narrowest, pairs=ranges, warnings=coded.samples.warnings)


def _positions(predictions: Any, coded: CodedSamples) -> np.ndarray:
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
