"""Codes that the user already has, counted: rows to the three tables, in one pass."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interplay.errors import InputError, ShapeError, UnknownNameError
from interplay.information import Array
from interplay.inputs import to_labels
from interplay.tables import PairTables

Ints = NDArray[np.intp]
MOST_CODES = 1000  # more distinct codes are likely to be features


def tables_from_codes(
    *, labeled: Mapping[str, tuple[Any, Any]], pairs: Mapping[str, Any], codebook: str = ""
) -> PairTables:
    """Count codes that you already have, of two modalities, into tables for `quantify_tables` or `bound_*`.

    labeled: name -> (codes (n,), labels (n,)). pairs: name -> codes (m,), rows aligned. Codes are whole numbers
    from 0; a modality has as many codes as its largest says. codebook: names what made the codes, so that
    tables of other codes are not added by mistake. Raises an InterplayError that names the set.
    """
    if len(labeled) != 2 or set(labeled) != set(pairs):
        raise UnknownNameError(
            f"labeled has modalities {sorted(map(str, labeled))} and pairs {sorted(map(str, pairs))}",
            expected="the same two modalities in both",
            next_step="count one pair of modalities at a time",
        )
    one, other = labeled
    names = (str(one), str(other))
    codes = {n: _codes(labeled[n][0], f"the labelled codes of {n!r}") for n in names}
    labels = {n: to_labels(labeled[n][1], f"the labels of {n!r}") for n in names}
    paired = {n: _codes(pairs[n], f"the paired codes of {n!r}") for n in names}
    for n in names:
        _check_aligned(f"{len(codes[n])} codes and {len(labels[n])} labels of {n!r}", codes[n], labels[n])
    pair_one, pair_other = paired[names[0]], paired[names[1]]
    _check_aligned(f"{len(pair_one)} and {len(pair_other)} paired codes", pair_one, pair_other)
    classes = np.unique(np.concatenate(list(labels.values())))
    count = {n: 1 + int(max(codes[n].max(), paired[n].max())) for n in names}
    first, second = (_count(codes[n], np.searchsorted(classes, labels[n]), (count[n], len(classes))) for n in names)
    return PairTables(
        pairs=_count(pair_one, pair_other, (count[names[0]], count[names[1]])),
        first=first,
        second=second,
        names=names,
        classes=tuple(str(c) for c in classes),
        codebook=codebook,
        counts=True,
    )


def check_rows(tables: PairTables) -> None:
    """Refuse tables that do not say how many rows they count."""
    whole = all(np.array_equal(t, np.round(t)) for t in (tables.pairs, tables.first, tables.second))
    if not tables.counts or not whole:
        raise InputError(
            "tables of probabilities or of weighted counts",
            expected="counts of rows, which say how sure the tables are",
            next_step="pass counts, or call quantify with sample_weight on the rows",
        )


def _codes(values: Any, what: str) -> Ints:
    codes = to_labels(values, what)
    if codes.dtype.kind not in "iub" or len(codes) == 0 or codes.min() < 0 or codes.max() >= MOST_CODES:
        found = f"of type {codes.dtype}" if codes.dtype.kind not in "iub" else "outside the range, or none at all"
        raise InputError(
            f"{what} {found}",
            expected=f"whole numbers from 0 to {MOST_CODES - 1}, one a row",
            next_step="number the codes from 0, or pass features to quantify",
        )
    return codes.astype(np.intp)


def _check_aligned(found: str, one: NDArray, other: NDArray) -> None:
    if len(one) != len(other):
        raise ShapeError(found, expected="as many, row by row", next_step="keep complete rows, in one order")


def _count(one: Ints, other: Ints, shape: tuple[int, int]) -> Array:
    return np.bincount(one * shape[1] + other, minlength=shape[0] * shape[1]).reshape(shape).astype(float)
