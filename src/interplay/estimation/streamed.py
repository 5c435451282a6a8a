"""Codes counted from Parquet files of any size: two columns of a few thousand rows in memory at a time."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from interplay.errors import FileError, InputError, UnknownNameError
from interplay.estimation.tabulation import MOST_CODES
from interplay.information import Array
from interplay.inputs import BROKEN
from interplay.tables import PairTables

BATCH = 65_536  # rows


def tables_from_files(
    *, labeled: Mapping[str, str | Path], pairs: str | Path, codes: Mapping[str, str], label: str, codebook: str = ""
) -> PairTables:
    """Count codes in Parquet files into tables for `quantify_tables` or `bound_*`, without loading the files.

    labeled: modality -> Parquet file with the modality's column of codes and the label column. pairs: Parquet file
    with both columns of codes. codes: modality -> name of its column; whole numbers from 0. codebook: as in
    `tables_from_codes`, whose answer this is. Raises UnknownNameError for a column that a file lacks, InputError
    for codes that are no such numbers and for missing values, FileError for a file that is not Parquet.
    """
    if len(labeled) != 2 or set(labeled) != set(codes):
        raise UnknownNameError(
            f"labeled has modalities {sorted(map(str, labeled))} and codes {sorted(map(str, codes))}",
            expected="the same two modalities in both",
            next_step="count one pair of modalities at a time",
        )
    one, other = labeled
    counted = {n: _count(labeled[n], codes[n], label) for n in (one, other)}
    both = _count(pairs, codes[one], codes[other])
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


def _count(path: str | Path, first: str, second: str) -> Counter[tuple[Any, Any]]:
    """How often each pair of values of two columns occurs."""
    found: Counter[tuple[Any, Any]] = Counter()
    try:
        file = pq.ParquetFile(path)
        missing = [name for name in (first, second) if name not in file.schema_arrow.names]
        if missing:
            raise UnknownNameError(
                f"{path} has no column {missing[0]!r}",
                expected=f"one of its columns: {', '.join(file.schema_arrow.names[:8])}",
                next_step="correct the name",
            )
        for batch in file.iter_batches(batch_size=BATCH, columns=[first, second]):
            table = batch.to_pydict()
            found.update(zip(table[first], table[second], strict=True))
    except UnknownNameError:
        raise
    except BROKEN as error:
        raise FileError(
            f"{path} could not be read ({error})", expected="a Parquet file", next_step="check the path"
        ) from error
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
