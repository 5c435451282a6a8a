"""Labelled rows of single modalities and unlabelled pairs, validated once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interplay.errors import InputError, ShapeError, UnknownNameError
from interplay.inputs import to_array, to_features, to_labels

Features = NDArray[np.floating]
PLENTY = 0.9  # share of distinct rows from which equal rows are no coincidence
Reader = Callable[[Any, str], Features]  # (what the user passed, modality) -> features
PAIRS, LABELED = "pairs", "labeled"  # keys among groups and weights that are no modality


@dataclass(frozen=True, kw_only=True, eq=False)
class LabeledSet:
    """Rows of one modality with labels: features (n, d), labels (n,) as positions in `classes`."""

    features: Features
    labels: NDArray[np.intp]
    groups: NDArray | None
    weights: NDArray[np.float64] | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Samples:
    """What was observed. names: modalities in the user's order. pairs: features by name, rows aligned.

    pair_groups and pair_weights: (n,) or None. warnings: sentences about columns that were dropped or
    rows that look wrong. kept: the feature columns of each modality that vary. readers: by modality, what
    turns its raw rows into features (a fitted classifier into probabilities).
    """

    names: tuple[str, ...]
    classes: NDArray
    labeled: Mapping[str, LabeledSet]
    pairs: Mapping[str, Features]
    pair_groups: NDArray | None
    pair_weights: NDArray[np.float64] | None
    kept: Mapping[str, NDArray[np.intp]]
    widths: Mapping[str, int]
    warnings: tuple[str, ...] = ()
    readers: Mapping[str, Reader] = field(default_factory=dict)

    @property
    def pair_count(self) -> int:
        """Number of unlabelled pairs."""
        return len(next(iter(self.pairs.values())))

    def select(self, name: str, features: Any) -> Features:
        """New rows of one modality, reduced to the columns that are in use."""
        if name not in self.names:
            raise UnknownNameError(
                f"no modality {name!r}", expected=f"one of {list(self.names)}", next_step="correct the name"
            )
        matrix = _read(features, name, f"the features of {name!r}", self.readers)
        width = self.widths[name]
        if matrix.shape[1] != width:
            raise ShapeError(
                f"{name!r} has {matrix.shape[1]} features",
                expected=f"{width}, as in the samples",
                next_step="pass the same columns in the same order",
            )
        return matrix[:, self.kept[name]]


def row_keys(features: NDArray) -> list[bytes]:
    """One key a row, equal for equal rows."""
    return [row.tobytes() for row in np.ascontiguousarray(features, dtype=float) + 0.0]


def copies_matter(keys: list[bytes]) -> bool:
    """Whether rows are so distinct otherwise that equal ones are copies, not coincidence."""
    return len(set(keys)) >= PLENTY * len(keys)


def make_samples(
    *,
    labeled: Mapping[str, tuple[Any, Any]],
    pairs: Mapping[str, Any],
    groups: Mapping[str, Any] | None = None,
    sample_weight: Mapping[str, Any] | None = None,
    folds: int = 2,
    readers: Mapping[str, Reader] | None = None,
    least: int = 2,
) -> Samples:
    """Validate everything that a user passes and drop columns that say nothing. least: modalities.

    labeled: name -> (features (n, d), labels (n,)). pairs: name -> features (m, d), rows aligned across
    modalities. groups, sample_weight: by modality name for its labelled rows, and "pairs" for the pairs
    (or {"labeled": {...}, "pairs": ...}). readers: by modality, what turns its rows into features, all of
    which are kept. Raises an InterplayError that names the set and the row.
    """
    names = _modalities(labeled, pairs, least)
    readers = readers or {}
    groups, weights = _by_set(groups, names, "groups"), _by_set(sample_weight, names, "sample_weight")
    raw_pairs = {n: _read(pairs[n], n, f"the pairs of {n!r}", readers) for n in names}
    count = _pair_count(raw_pairs)
    raw = {n: _labeled_pair(labeled[n], n, readers) for n in names}
    classes = _classes({n: y for n, (_, y) in raw.items()}, folds)
    sentences: list[str] = []
    kept = {}
    for n in names:
        if raw[n][0].shape[1] != raw_pairs[n].shape[1]:
            raise ShapeError(
                f"{n!r} has {raw[n][0].shape[1]} features where labelled and {raw_pairs[n].shape[1]} in the pairs",
                expected="the same columns",
                next_step="build both with the same feature extractor",
            )
        whole = np.arange(raw_pairs[n].shape[1])
        kept[n] = whole if n in readers else _informative_columns(raw[n][0], raw_pairs[n], n, sentences)
    sets = {
        n: LabeledSet(
            features=x[:, kept[n]],
            labels=np.searchsorted(classes, y),
            groups=_groups(groups.get(n), len(y), n),
            weights=_weights(weights.get(n), len(y), n),
        )
        for n, (x, y) in raw.items()
    }
    return Samples(
        names=names,
        classes=classes,
        labeled=sets,
        pairs={n: x[:, kept[n]] for n, x in raw_pairs.items()},
        pair_groups=_groups(groups.get(PAIRS), count, PAIRS),
        pair_weights=_weights(weights.get(PAIRS), count, PAIRS),
        kept=kept,
        widths={n: x.shape[1] for n, x in raw_pairs.items()},
        warnings=tuple(sentences),
        readers=readers,
    )


def _modalities(labeled: Any, pairs: Any, least: int) -> tuple[str, ...]:
    for what, value in (("labeled", labeled), ("pairs", pairs)):
        if not isinstance(value, Mapping):
            raise InputError(
                f"{what} of type {type(value).__name__}",
                expected="a dict keyed by modality name",
                next_step=f"pass {what}={{'image': ..., 'text': ...}}",
            )
    if len(labeled) < least or set(labeled) != set(pairs):
        raise UnknownNameError(
            f"labeled has modalities {sorted(map(str, labeled))} and pairs {sorted(map(str, pairs))}",
            expected=f"the same {'two or more ' if least > 1 else ''}modalities in both",
            next_step="name each modality alike in labeled and pairs",
        )
    for name in labeled:
        if not isinstance(name, str) or name in (PAIRS, LABELED):
            raise InputError(
                f"a modality named {name!r}",
                expected=f"a string other than {PAIRS!r} and {LABELED!r}",
                next_step="rename the modality",
            )
    return tuple(labeled)


def _read(value: Any, name: str, what: str, readers: Mapping[str, Reader]) -> Features:
    return readers[name](value, name) if name in readers else to_features(value, what)


def _labeled_pair(value: Any, name: str, readers: Mapping[str, Reader]) -> tuple[Features, NDArray]:
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise InputError(
            f"labeled[{name!r}] of type {type(value).__name__}",
            expected="a pair (features, labels)",
            next_step=f"pass labeled={{{name!r}: (X, y), ...}}",
        )
    x = _read(value[0], name, f"the labelled features of {name!r}", readers)
    y = to_labels(value[1], f"the labels of {name!r}")
    if len(x) != len(y):
        raise ShapeError(
            f"{name!r} has {len(x)} rows and {len(y)} labels",
            expected="one label a row",
            next_step="align features and labels",
        )
    return x, y


def _pair_count(pairs: Mapping[str, Features]) -> int:
    counts = {n: len(x) for n, x in pairs.items()}
    if len(set(counts.values())) != 1:
        raise ShapeError(
            "pairs with " + " and ".join(f"{c} rows of {n!r}" for n, c in counts.items()),
            expected="row i of every modality to be the same person or item",
            next_step="keep only complete pairs, in one order",
        )
    count = next(iter(counts.values()))
    if count == 0:
        raise InputError("no pairs", expected="at least one unlabelled pair", next_step="pass some pairs")
    return count


def _classes(labels: Mapping[str, NDArray], folds: int) -> NDArray:
    """The classes, common to all labelled sets, each with enough rows to be in every fold."""
    kinds = {y.dtype.kind in "US" for y in labels.values()}
    if len(kinds) > 1:
        raise InputError(
            "labels that are text in one set and numbers in another",
            expected="one kind of label",
            next_step="convert the labels of all sets alike",
        )
    classes = np.unique(np.concatenate(list(labels.values())))
    if len(classes) < 2:
        raise InputError(
            f"a single class, {classes[0] if len(classes) else 'none'!s}",
            expected="at least two",
            next_step="add rows of another class",
        )
    for name, y in labels.items():
        counts = {c: int((y == c).sum()) for c in classes}
        missing = [str(c) for c, n in counts.items() if n == 0]
        if missing:
            raise InputError(
                f"class {', '.join(missing)} has no labelled row of {name!r}",
                expected="every class in every labelled set",
                next_step="add such rows, or drop the class from the other sets",
            )
        rarest = min(counts, key=lambda c: counts[c])
        if counts[rarest] < folds:
            raise InputError(
                f"class {rarest!s} has {counts[rarest]} labelled rows of {name!r}",
                expected=f"at least {folds}, one a fold",
                next_step="add rows, merge rare classes or pass fewer folds",
            )
    return classes


def _informative_columns(labeled: Features, pairs: Features, name: str, sentences: list[str]) -> NDArray[np.intp]:
    """Columns that vary and repeat no earlier column, judged on labelled rows and pairs together."""
    both = np.concatenate([labeled, pairs]) + 0.0  # -0.0 becomes 0.0
    varying = np.flatnonzero(np.ptp(both, axis=0) > 0)
    first: dict[bytes, int] = {}
    for column in varying:
        first.setdefault(np.ascontiguousarray(both[:, column]).tobytes(), int(column))
    kept = np.array(sorted(first.values()), dtype=np.intp)
    constant, repeated = both.shape[1] - len(varying), len(varying) - len(kept)
    if len(kept) == 0:
        raise InputError(
            f"{name!r} has no column that varies",
            expected="features that differ between rows",
            next_step="check how the features were made",
        )
    if constant or repeated:
        sentences.append(f"{name}: dropped {constant} constant and {repeated} duplicate columns.")
    return kept


def _by_set(value: Any, names: tuple[str, ...], what: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InputError(
            f"{what} of type {type(value).__name__}",
            expected=f"a dict with keys among {[*names, PAIRS]}",
            next_step=f"pass {what}={{'{names[0]}': ..., '{PAIRS}': ...}}",
        )
    nested = value.get(LABELED, {})
    if not isinstance(nested, Mapping):
        raise InputError(
            f"{what}[{LABELED!r}] of type {type(nested).__name__}",
            expected="a dict keyed by modality name",
            next_step=f"pass {what}={{'{names[0]}': ..., '{PAIRS}': ...}}",
        )
    flat = {**nested, **{k: v for k, v in value.items() if k != LABELED}}
    unknown = sorted(set(flat) - {*names, PAIRS})
    if unknown:
        raise UnknownNameError(
            f"{what} for {unknown[0]!r}",
            expected=f"keys among {[*names, PAIRS]}",
            next_step="use the names of the modalities",
        )
    return {k: v for k, v in flat.items() if v is not None}


def _groups(value: Any, count: int, name: str) -> NDArray | None:
    if value is None:
        return None
    what = f"groups of {name!r}"
    return _aligned(to_labels(value, what), count, what)


def _weights(value: Any, count: int, name: str) -> NDArray[np.float64] | None:
    if value is None:
        return None
    what = f"sample_weight of {name!r}"
    array = to_features(_aligned(to_array(value, what), count, what), what)[:, 0].astype(float)
    if (array < 0).any() or array.sum() <= 0:
        raise InputError(
            f"{what} with negative or only zero weights",
            expected="weights >= 0, some positive",
            next_step="correct the weights",
        )
    return array


def _aligned(array: NDArray, count: int, what: str) -> NDArray:
    if array.shape != (count,):
        raise ShapeError(f"{what} of shape {array.shape}", expected=f"({count},)", next_step="pass one value a row")
    return array
