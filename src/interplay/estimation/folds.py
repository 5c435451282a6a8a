"""Folds: every row fills the tables in the one fold whose classifiers never saw it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.errors import InputError
from interplay.samples import PAIRS, Samples

Ints = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class Folds:
    """Fold of each labelled row by modality, and of each pair."""

    count: int
    labeled: Mapping[str, Ints]
    pairs: Ints


def default_fold_count(samples: Samples) -> int:
    """More folds where rows are few and classifiers need them all; two where fitting is the cost."""
    rows = min(len(s.labels) for s in samples.labeled.values())
    rarest = min(int(np.bincount(s.labels).min()) for s in samples.labeled.values())
    return min(5 if rows < 3000 else 3 if rows < 10000 else 2, rarest)


def assign_folds(samples: Samples, count: int, rng: np.random.Generator) -> Folds:
    """Random folds, stratified by label; rows of one group, in whatever set, share a fold.

    Raises InputError where there are fewer rows or groups than folds.
    """
    sets = {name: s.groups for name, s in samples.labeled.items()} | {PAIRS: samples.pair_groups}
    grouped = {name: g.astype(str) for name, g in sets.items() if g is not None}
    fold_of_group = _group_folds(grouped, count, rng)
    folds = {}
    for name, s in samples.labeled.items():
        if name in grouped:
            folds[name] = _look_up(fold_of_group, grouped[name])
        else:
            folds[name] = _stratified(s.labels, count, rng)
    size = samples.pair_count
    if size < count:
        raise InputError(
            f"{size} pairs",
            expected=f"at least {count}, one a fold",
            next_step="add pairs or pass fewer folds",
        )
    if PAIRS in grouped:
        pairs = _look_up(fold_of_group, grouped[PAIRS])
    else:
        pairs = _stratified(np.zeros(size, dtype=np.intp), count, rng)
    _check_training_classes(samples, folds, count)
    return Folds(count=count, labeled=folds, pairs=pairs)


def _stratified(labels: Ints, count: int, rng: np.random.Generator) -> Ints:
    """Deal the rows of each class out in random order, starting where the last class stopped."""
    folds = np.empty(len(labels), dtype=np.intp)
    order = np.lexsort((rng.random(len(labels)), labels))
    folds[order] = np.arange(len(labels)) % count
    return folds


def _group_folds(grouped: Mapping[str, NDArray], count: int, rng: np.random.Generator) -> dict[str, int]:
    """Largest group first into the fold with the fewest rows."""
    if not grouped:
        return {}
    for name, groups in grouped.items():
        if len(np.unique(groups)) < count:
            raise InputError(
                f"{len(np.unique(groups))} groups in {name!r}",
                expected=f"at least {count}, one a fold",
                next_step="pass fewer folds, or no groups if rows are independent",
            )
    names, sizes = np.unique(np.concatenate(list(grouped.values())), return_counts=True)
    order = np.lexsort((rng.random(len(names)), -sizes))
    load = np.zeros(count)
    result = {}
    for g in order:
        fold = int(load.argmin())
        result[str(names[g])] = fold
        load[fold] += sizes[g]
    return result


def _look_up(fold_of_group: Mapping[str, int], groups: NDArray) -> Ints:
    names, inverse = np.unique(groups, return_inverse=True)
    return np.array([fold_of_group[str(n)] for n in names], dtype=np.intp)[inverse]


def _check_training_classes(samples: Samples, folds: Mapping[str, Ints], count: int) -> None:
    """Groups can leave a class without a training row in some fold: refuse with the reason."""
    for name, s in samples.labeled.items():
        for fold in range(count):
            training = s.labels[folds[name] != fold]
            missing = np.setdiff1d(np.arange(len(samples.classes)), training)
            if len(missing):
                raise InputError(
                    f"class {samples.classes[missing[0]]} of {name!r} lies within one fold's groups",
                    expected="every class in several groups",
                    next_step="add groups with this class, or pass fewer folds",
                )
