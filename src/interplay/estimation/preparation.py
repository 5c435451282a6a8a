"""What every answer from samples begins with: checked options, validated samples, weights, codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interplay.errors import InputError, SparseError, UnknownNameError
from interplay.estimation.codes import Kind, check_kind
from interplay.estimation.coding import CodedSamples, Progress, code_samples
from interplay.estimation.fitted import Reader, bind, readers_of
from interplay.estimation.folds import assign_folds, default_fold_count, fold_weights
from interplay.information import Array
from interplay.samples import PAIRS, Samples, make_samples

FEWEST_ROWS = 10  # with fewer an accuracy is not even known to 30 points


def silent(what: str, done: int, of: int) -> None:
    """No progress shown."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Options:
    """How to compute; see `interplay.quantify` for each."""

    confidence: float = 0.95
    seed: int = 0
    codes: str | int = "auto"
    classifiers: Mapping[str, Any] = field(default_factory=dict)
    folds: int | None = None
    replicates: int = 200
    workers: int | None = None
    progress: Progress = silent


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """Coded samples, the weights of each set (by modality and "pairs"), and the seeds that are left."""

    coded: CodedSamples
    weights: dict[str, Array | None]
    kind: Kind
    stream: np.random.SeedSequence


def prepare(
    *,
    labeled: Mapping[str, tuple[Any, Any]],
    pairs: Mapping[str, Any],
    options: Options,
    groups: Mapping[str, Any] | None = None,
    sample_weight: Mapping[str, Any] | None = None,
    prior: Mapping[Any, float] | Sequence[float] | None = None,
    least: int = 2,
) -> Prepared:
    """Validate samples, weigh them, split them into folds and code every row by classifiers that never saw it.

    least: modalities that must be given.
    """
    _check_numbers(options)
    kind, count = check_kind(options.codes)
    classifiers = check_classifiers(options.classifiers, labeled)
    readers = readers_of(classifiers)
    samples = make_samples(
        labeled=labeled,
        pairs=pairs,
        groups=groups,
        sample_weight=sample_weight,
        folds=options.folds or 2,
        readers=readers,
        least=least,
    )
    _check_rows(samples)
    weights = _weights(samples, prior)
    streams = np.random.SeedSequence(options.seed).spawn(2)
    rng = np.random.default_rng(streams[0])
    folds = assign_folds(samples, options.folds or default_fold_count(samples), rng)
    starts = rng.integers(2**31 - 1000, size=len(samples.names))
    coded = code_samples(
        samples,
        folds,
        kind=kind,
        count=count,
        classifiers={**classifiers, **_bound(readers, samples)},
        weights={n: weights[n] for n in samples.names},
        seeds={n: int(s) for n, s in zip(samples.names, starts, strict=True)},
        workers=options.workers,
        progress=options.progress,
    )
    shares = {n: fold_weights(f, folds.count, weights[n]) for n, f in folds.labeled.items()}
    shares[PAIRS] = fold_weights(folds.pairs, folds.count, weights[PAIRS])
    return Prepared(coded=coded, weights=shares, kind=kind, stream=streams[1])


def _bound(readers: Mapping[str, Reader], samples: Samples) -> dict[str, Any]:
    """Classifiers that are not to be fitted, with their columns in the order of the classes."""
    known = {n: (r, samples.labeled[n]) for n, r in readers.items() if n in samples.names}
    return {n: bind(r, n, rows.features, rows.labels, samples.classes) for n, (r, rows) in known.items()}


def _weights(samples: Samples, prior: Mapping[Any, float] | Sequence[float] | None) -> dict[str, Array | None]:
    """Row weights of each set; a known prior gives each class its share in the labelled sets."""
    weights = {n: s.weights for n, s in samples.labeled.items()} | {PAIRS: samples.pair_weights}
    if prior is None:
        return weights
    share = _check_prior(prior, samples.classes)
    for name, s in samples.labeled.items():
        w = np.ones(len(s.labels)) if s.weights is None else s.weights
        have = np.bincount(s.labels, weights=w, minlength=len(share)) / w.sum()
        weights[name] = w * (share / have)[s.labels]
    return weights


def _check_prior(prior: Mapping[Any, float] | Sequence[float], classes: NDArray) -> Array:
    shares = prior if isinstance(prior, Mapping) else dict(zip(classes, np.ravel(prior), strict=False))
    by_name = {str(c): float(p) for c, p in shares.items()}
    expected = [str(c) for c in classes]
    share = np.array([by_name.get(c, np.nan) for c in expected])
    if set(by_name) != set(expected) or not (share > 0).all() or abs(share.sum() - 1) > 1e-6:
        raise InputError(
            f"prior {by_name}",
            expected=f"a positive share for each of {expected}, summing to 1",
            next_step="pass prior={class: share, ...}",
        )
    return share


def _check_numbers(options: Options) -> None:
    confidence, replicates, folds = options.confidence, options.replicates, options.folds
    if not 0.5 <= confidence < 1:
        raise InputError(f"confidence={confidence}", expected="a number from 0.5 to below 1", next_step="pass 0.95")
    if replicates < 20:
        raise InputError(f"replicates={replicates}", expected="at least 20", next_step="leave it at 200")
    if folds is not None and folds < 2:
        raise InputError(f"folds={folds}", expected="at least 2", next_step="leave it at None")


def check_classifiers(classifiers: Any, labeled: Any) -> dict[str, Any]:
    """Classifiers by modality, each of a modality that has labels."""
    given = {} if classifiers is None else classifiers
    known = list(labeled) if isinstance(labeled, Mapping) else list(given)
    unknown = [n for n in given if n not in known] if isinstance(given, Mapping) else [type(given).__name__]
    if unknown:
        raise UnknownNameError(
            f"a classifier for {unknown[0]!r}",
            expected=f"a dict with names among the labelled {known}",
            next_step="key classifiers by modality",
        )
    return dict(given)


def _check_rows(samples: Samples) -> None:
    """Refuse sets from which no interval would say anything."""
    rows = {f"labelled rows of {n!r}": len(s.labels) for n, s in samples.labeled.items()}
    rows["pairs"] = samples.pair_count
    fewest = min(rows, key=lambda name: rows[name])
    if rows[fewest] < FEWEST_ROWS:
        raise SparseError(
            f"{rows[fewest]} {fewest}",
            expected=f"at least {FEWEST_ROWS} rows in every set (hundreds for a useful answer)",
            next_step="collect more rows",
        )
