"""A labelled multimodal data set for studies: all rows paired and labelled, values checked when it is built."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.errors import InputError, ShapeError

LARGEST = 1e100  # larger values overflow when they are squared and summed


@dataclass(frozen=True, kw_only=True, eq=False)
class BenchmarkSet:
    """Rows (n, d) of each modality, labels (n,) integers from 0, groups (n,) or None.

    rows: what the rows are, in words ("test split"). notes: what was repaired, in sentences.
    """

    name: str
    features: Mapping[str, NDArray[np.float64]]
    labels: NDArray[np.intp]
    rows: str
    groups: NDArray | None = None
    notes: tuple[str, ...] = ()

    @property
    def class_count(self) -> int:
        """Number of classes."""
        return int(self.labels.max()) + 1


def checked_set(
    name: str,
    features: Mapping[str, NDArray],
    labels: NDArray,
    *,
    rows: str,
    groups: NDArray | None = None,
    keep: NDArray[np.bool_] | None = None,
) -> BenchmarkSet:
    """Build a set from raw arrays: modalities of any shape (n, ...), labels (n,) or (n, 1, ...) of any type.

    keep: which rows to use. Values that are missing, infinite or beyond 1e100 become 0 and are counted in the notes.
    Raises ShapeError for lengths that differ, InputError for a modality that is mostly unusable or for one class.
    """
    lengths = {modality: len(x) for modality, x in features.items()} | {"labels": len(labels)}
    if len(set(lengths.values())) != 1:
        raise ShapeError(
            f"{name} has " + ", ".join(f"{n} rows of {key}" for key, n in lengths.items()),
            expected="as many rows of each modality as labels",
            next_step="write the file again from rows that are aligned",
        )
    chosen = np.ones(len(labels), dtype=bool) if keep is None else np.asarray(keep, dtype=bool)
    notes: list[str] = []
    clean = {m: _clean(name, m, np.asarray(x)[chosen], notes) for m, x in features.items()}
    codes, note = _classes(np.asarray(labels)[chosen])
    if len(codes) == 0 or codes.max() == 0:
        raise InputError(
            f"{name} has {len(codes)} rows and {len(np.unique(codes))} class",
            expected="rows of at least two classes",
            next_step="check which rows and labels the file holds",
        )
    return BenchmarkSet(
        name=name,
        features=clean,
        labels=codes,
        rows=rows,
        groups=None if groups is None else np.asarray(groups)[chosen],
        notes=(*notes, *note),
    )


def _clean(name: str, modality: str, values: NDArray, notes: list[str]) -> NDArray[np.float64]:
    if values.dtype.kind not in "biuf":
        raise InputError(
            f"{modality} of {name} is of type {values.dtype}",
            expected="numbers",
            next_step="encode it as numbers first",
        )
    x = values.reshape(len(values), -1).astype(np.float64)
    bad = ~np.isfinite(x) | (np.abs(x) > LARGEST)
    count = int(bad.sum())
    if x.shape[1] == 0 or count * 2 > x.size:
        raise InputError(
            f"{modality} of {name} has {count} of {x.size} values that are missing, infinite or beyond {LARGEST:g}",
            expected="mostly finite numbers",
            next_step="check how the features were made",
        )
    if count:
        x[bad] = 0.0
        notes.append(f"{modality}: {count} of {x.size} values were missing, infinite or beyond {LARGEST:g}, set to 0")
    return x


def _classes(labels: NDArray) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """Labels from 0 on. Scores with many values are cut at 0, as the paper's code does with sentiment."""
    flat = labels.reshape(len(labels), -1)
    if flat.shape[1] != 1:
        raise ShapeError(
            f"labels of shape {labels.shape}", expected="one label a row", next_step="keep one column of labels"
        )
    values = flat[:, 0]
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise InputError("labels that are missing", expected="a label in every row", next_step="drop these rows")
    if values.dtype.kind == "f" and not np.array_equal(values, np.round(values)):
        return (values > 0).astype(np.intp), ("labels are scores, cut at 0",)
    return np.unique(values, return_inverse=True)[1].astype(np.intp), ()
