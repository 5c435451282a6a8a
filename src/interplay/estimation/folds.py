"""Folds: every row fills the tables in the one fold whose classifiers never saw it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.errors import InputError
from interplay.samples import PAIRS, Samples, copies_matter, row_keys

Ints = NDArray[np.intp]
TRIES = 20  # random folds drawn before rare classes are dealt out
MOST_OF_A_CLASS = 0.75


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
    grouped = [g for g in (samples.pair_groups, *(s.groups for s in samples.labeled.values())) if g is not None]
    groups = min((len(np.unique(g)) for g in grouped), default=2 * rows)
    return max(2, min(5 if rows < 3000 else 3 if rows < 10000 else 2, rarest, groups // 2))


def assign_folds(samples: Samples, count: int, rng: np.random.Generator) -> Folds:
    """Random folds of equal size; rows of one group, in whatever set, share a fold.

    Not stratified by label: where classes tie, a class that the sample happens to have more of would be answered more
    in every fold and be more frequent in every fold, and cross-fitted accuracies would be too high (0.3 standard
    errors on one tie among five classes, 1,000 rows). They are only where a class is too rare for random folds.

    Raises InputError where rows or groups are too few or too uneven for this many folds.
    """
    sizes = {name: len(s.labels) for name, s in samples.labeled.items()} | {PAIRS: samples.pair_count}
    sets = {name: s.groups for name, s in samples.labeled.items()} | {PAIRS: samples.pair_groups}
    grouped = {name: g.astype(str) for name, g in sets.items() if g is not None}
    _check_sizes(sizes, grouped, count)
    of_group = _group_folds(grouped, count, rng)
    folds = {
        name: _look_up(of_group, grouped[name]) if name in grouped else _dealt(_labels(samples, name), count, rng)
        for name in sizes
    }
    _follow_copies(samples, folds, grouped)
    empty = [name for name, f in folds.items() if len(np.unique(f)) < count]
    if empty:
        raise InputError(
            f"groups of {empty[0]!r} that cannot be spread over {count} folds",
            expected="several groups of similar size in each set",
            next_step="pass fewer folds, or finer groups",
        )
    pairs = folds.pop(PAIRS)
    _check_training_classes(samples, folds, count)
    return Folds(count=count, labeled=folds, pairs=pairs)


def _labels(samples: Samples, name: str) -> Ints:
    return np.zeros(samples.pair_count, dtype=np.intp) if name == PAIRS else samples.labeled[name].labels


def _check_sizes(sizes: Mapping[str, int], grouped: Mapping[str, NDArray], count: int) -> None:
    for name, size in sizes.items():
        what = f"the labelled rows of {name!r}" if name != PAIRS else "the pairs"
        if size < count:
            raise InputError(
                f"{size} rows in {what}",
                expected=f"at least {count}, one a fold",
                next_step="add rows or pass fewer folds",
            )
        if name in grouped and len(np.unique(grouped[name])) < count:
            raise InputError(
                f"{len(np.unique(grouped[name]))} groups in {what}",
                expected=f"at least {count}, one a fold",
                next_step="pass fewer folds, or no groups if rows are independent",
            )


def _dealt(labels: Ints, count: int, rng: np.random.Generator) -> Ints:
    """Random folds, none of which holds nearly all rows of a class: the others must train on it."""
    for _ in range(TRIES):
        folds = rng.permutation(len(labels)) % count
        held = np.bincount(labels * count + folds, minlength=(labels.max() + 1) * count).reshape(-1, count)
        if (held.max(axis=1) <= MOST_OF_A_CLASS * held.sum(axis=1)).all():
            return folds
    return _stratified(labels, count, rng)


def _stratified(labels: Ints, count: int, rng: np.random.Generator) -> Ints:
    """Deal the rows of each class out in random order, starting where the last class stopped."""
    folds = np.empty(len(labels), dtype=np.intp)
    order = np.lexsort((rng.random(len(labels)), labels))
    folds[order] = np.arange(len(labels)) % count
    return folds


def _group_folds(grouped: Mapping[str, NDArray], count: int, rng: np.random.Generator) -> dict[str, int]:
    """Largest group first into the fold that keeps every set's rows most evenly spread."""
    if not grouped:
        return {}
    names = np.unique(np.concatenate(list(grouped.values())))
    share = np.stack(  # (G, sets): part of each set's rows
        [np.bincount(np.searchsorted(names, g), minlength=len(names)) / len(g) for g in grouped.values()], axis=1
    )
    order = np.lexsort((rng.random(len(names)), -share.max(axis=1)))
    load = np.zeros((count, len(grouped)))
    result = {}
    for g in order:
        fold = int((((load + share[g]) ** 2).sum(axis=1) - (load**2).sum(axis=1)).argmin())
        result[str(names[g])] = fold
        load[fold] += share[g]
    return result


def fold_weights(folds: Ints, count: int, weights: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    """Row weights under which every fold weighs the same in its set.

    Each fold has codes of its own, so the three tables describe one mixture over folds only if its shares
    are the same in all of them; groups make folds unequal.
    """
    total = np.bincount(folds, weights=weights, minlength=count)
    if total.min() == 0 or total.max() <= 1.001 * total.min() + 1:
        return weights
    factor = (total.sum() / count / total)[folds]
    return factor if weights is None else weights * factor


def _follow_copies(samples: Samples, folds: dict[str, Ints], grouped: Mapping[str, NDArray]) -> None:
    """Labelled rows that are also among the pairs get the fold of the pair: else a classifier would code a row that
    it was fitted on. In place."""
    for name, s in samples.labeled.items():
        if name in grouped or PAIRS in grouped:
            continue
        keys = row_keys(samples.pairs[name])
        if copies_matter(keys):
            fold_of = dict(zip(keys, folds[PAIRS], strict=True))
            of_copy = [fold_of.get(key, -1) for key in row_keys(s.features)]
            folds[name] = np.where(np.array(of_copy) < 0, folds[name], of_copy).astype(np.intp)


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
