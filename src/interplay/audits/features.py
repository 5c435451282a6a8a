"""Checks of one matrix of features: kinds, missing values, constant and repeated columns, odd values."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from interplay.audits.findings import Finding
from interplay.errors import InterplayError
from interplay.inputs import to_array, to_features

SENTINELS = (-9999.0, -999.0, -99.0, 9999.0, 99999.0)  # what people write where a value is missing
FAR = 1e12  # a float32 sum of squares of such values is no longer a number to rely on


def read_features(value: Any, where: str) -> tuple[NDArray[np.floating] | None, list[Finding]]:
    """The matrix (n, d), or None with the reason; missing values are counted, not the first one only."""
    try:
        return to_features(value, where), []
    except InterplayError as error:
        missing = _missing(value, where)
        return None, [missing or Finding(weight="error", where=where, what=error.found, next_step=error.next_step)]


def _missing(value: Any, where: str) -> Finding | None:
    """How many values are missing or infinite, in how many rows and which columns."""
    try:
        matrix = np.asarray(to_array(value, where), dtype=float)
    except (InterplayError, TypeError, ValueError):
        return None
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if matrix.ndim != 2:
        return None
    bad = ~np.isfinite(matrix)
    columns = np.flatnonzero(bad.any(axis=0))
    shown = ", ".join(str(c) for c in columns[:5]) + (" ..." if len(columns) > 5 else "")
    infinite = int(np.isinf(matrix).sum())
    kinds = "missing values (nan)" if not infinite else f"missing or infinite values ({infinite} infinite)"
    first = int(np.flatnonzero(bad.any(axis=1))[0]) if bad.any() else -1
    if first < 0:
        return None
    return Finding(
        weight="error",
        where=where,
        what=f"{int(bad.sum()):,} {kinds} in {int(bad.any(axis=1).sum()):,} of {len(matrix):,} rows (first: row "
        f"{first}), {len(columns):,} of {matrix.shape[1]:,} columns ({shown})",
        next_step="impute them, the same way in all sets, or drop these rows or columns",
    )


def check_matrix(x: NDArray[np.floating], where: str) -> list[Finding]:
    """Columns that say nothing, values that stand for missing ones, numbers too large."""
    if x.size == 0:
        return [Finding(weight="error", where=where, what=f"no values, shape {x.shape}", next_step="pass some rows")]
    constant = np.ptp(x, axis=0) == 0
    found = [_constant(constant, where)] if constant.any() else []
    repeated = _repeated(x[:, ~constant])
    if repeated:
        found.append(_note(where, f"{repeated} columns repeat another column", "none needed, repeats are dropped"))
    sentinels = [s for s in SENTINELS if _stands_out(x, s)]
    if sentinels:
        count = int(np.isin(x, sentinels).sum())
        found.append(
            Finding(
                weight="warning",
                where=where,
                what=f"{count:,} values are {', '.join(f'{s:g}' for s in sentinels)}, far from all others",
                next_step="if they stand for missing values, impute them or drop these rows",
            )
        )
    if np.abs(x).max() > FAR:
        what = f"values as large as {np.abs(x).max():.1e}"
        found.append(Finding(weight="warning", where=where, what=what, next_step="rescale or clip the features"))
    return found


def _constant(constant: NDArray[np.bool_], where: str) -> Finding:
    if constant.all():
        step = "check how the features were made"
        return Finding(weight="error", where=where, what="no column varies", next_step=step)
    what = f"{int(constant.sum()):,} of {len(constant):,} columns are constant"
    return _note(where, what, "none needed, they are dropped where they are constant in all sets")


def _note(where: str, what: str, next_step: str) -> Finding:
    return Finding(weight="note", where=where, what=what, next_step=next_step)


def _repeated(x: NDArray[np.floating]) -> int:
    """How many columns equal an earlier one."""
    return x.shape[1] - len({np.ascontiguousarray(column).tobytes() for column in (x + 0.0).T})


def _stands_out(x: NDArray[np.floating], value: float) -> bool:
    """Whether a value occurs, and lies outside the range of the others by more than that range."""
    hit = x == value
    if not hit.any() or hit.all():
        return False
    low, high = x[~hit].min(), x[~hit].max()
    return not low - (high - low) <= value <= high + (high - low)
