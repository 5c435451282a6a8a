"""Codes counted from files of any size, some thousand rows in memory at a time."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interplay.batches import labeled_rows, paired_rows
from interplay.errors import InputError, ShapeError, UnknownNameError
from interplay.estimation.tabulation import MOST_CODES
from interplay.information import Array
from interplay.inputs import Columns, select_column, select_features, to_features
from interplay.tables import PairTables


@dataclass(frozen=True, kw_only=True)
class Coder:
    """Codes that are not in the files yet. features: columns, as "embedding", "a,b" or "img_*". code: takes features
    (n, d) of a batch of rows, returns their codes (n,), such as `predict` of a fitted KMeans."""

    features: str
    code: Callable[[NDArray[np.floating]], Any]


def tables_from_files(
    *,
    labeled: Mapping[str, str | Path],
    pairs: str | Path,
    codes: Mapping[str, str | Coder],
    label: str,
    codebook: str = "",
) -> PairTables:
    """Count codes in files into tables for `quantify_tables` or `bound_*`, without loading the files.

    labeled: modality -> .parquet, .csv, .tsv or .npz file, or folder of .npy vectors, with the modality's columns and
    the label column. pairs: one such file, or a folder with a subfolder of .npy vectors a modality. codes: modality ->
    the column that holds its codes, whole numbers from 0, or a `Coder` that makes them from features, which must have
    been fixed without these rows. codebook: as in `tables_from_codes`, whose answer this is. An .npz file is loaded
    whole, others in batches. Raises UnknownNameError for a column that a file lacks, InputError for codes that are no
    such numbers and for missing values, FileError for what cannot be read.
    """
    if len(labeled) != 2 or set(labeled) != set(codes):
        raise UnknownNameError(
            f"labeled has modalities {sorted(map(str, labeled))} and codes {sorted(map(str, codes))}",
            expected="the same two modalities in both",
            next_step="count one pair of modalities at a time",
        )
    one, other = labeled
    needed = {n: c.features if isinstance(c, Coder) else c for n, c in codes.items()}
    counted = {}
    for n, path in labeled.items():
        rows = labeled_rows(path, n, [needed[n], label])
        counted[n] = _count(((_codes(b, codes[n], path), select_column(b, label, path)) for b in rows), path)
    rows = paired_rows(pairs, [one, other], [needed[one], needed[other]])
    both = _count(((_codes(b, codes[one], pairs), _codes(b, codes[other], pairs)) for b in rows), pairs)
    seen = {one: {a for a, _ in both}, other: {b for _, b in both}}
    classes = sorted({y for c in counted.values() for _, y in c}, key=_class_order)
    at = {y: k for k, y in enumerate(classes)}
    count = {n: 1 + max(_code(c, n) for c in seen[n] | {c for c, _ in counted[n]}) for n in labeled}
    tables = {n: _table({(int(c), at[y]): k for (c, y), k in counted[n].items()}, count[n], len(at)) for n in labeled}
    return PairTables(
        pairs=_table({(int(a), int(b)): k for (a, b), k in both.items()}, count[one], count[other]),
        first=tables[one],
        second=tables[other],
        names=(str(one), str(other)),
        classes=tuple(str(y) for y in classes),
        codebook=codebook,
        counts=True,
    )


def _class_order(value: Any) -> tuple[bool, Any]:
    """Numbers by size, then text by letters."""
    return isinstance(value, str), value


def _codes(batch: Columns, coder: str | Coder, path: str | Path) -> NDArray:
    """The codes (n,) of a batch: its column, or what the coder makes of its features."""
    if not isinstance(coder, Coder):
        return select_column(batch, coder, path)
    features = to_features(select_features(batch, coder.features, path), f"{coder.features!r} of {path}")
    codes = np.asarray(coder.code(features))
    if codes.shape != (len(features),):
        raise ShapeError(
            f"codes of shape {codes.shape} for {len(features)} rows of {path}",
            expected="one code a row",
            next_step="let the coder return a vector, as predict of a clustering does",
        )
    return codes


def _count(batches: Iterable[tuple[NDArray, NDArray]], path: str | Path) -> Counter[tuple[Any, Any]]:
    """How often each pair of values of two columns occurs."""
    found: Counter[tuple[Any, Any]] = Counter()
    for one, other in batches:
        found.update(zip(one.tolist(), other.tolist(), strict=True))
    holes = sum(k for (a, b), k in found.items() if a is None or b is None or a != a or b != b)
    if holes or not found:
        raise InputError(
            f"{path} has {holes} rows without a code or a label" if found else f"{path} has no rows",
            expected="a code and a label in every row",
            next_step="drop the rows without one" if found else "check how the file was written",
        )
    return found


def _code(value: Any, name: str) -> int:
    whole = isinstance(value, int | float) and value == int(value) and 0 <= value < MOST_CODES
    if not whole:
        raise InputError(
            f"a code {value!r} of {name!r}",
            expected=f"whole numbers from 0 to {MOST_CODES - 1}",
            next_step="number the codes from 0",
        )
    return int(value)


def _table(cells: Mapping[tuple[int, int], int], rows: int, columns: int) -> Array:
    table = np.zeros((rows, columns))
    for (i, j), k in cells.items():
        table[i, j] += k
    return table
