"""Checks of one vector of labels: missing, too many, rare or lopsided classes, features that give them away."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from interplay.audits.findings import Finding
from interplay.errors import InterplayError
from interplay.inputs import to_labels

RARE = 20  # rows a class below which its share of every table is guesswork
LOPSIDED = 0.9
MANY_CLASSES = 100


def read_labels(value: Any, where: str) -> tuple[NDArray | None, list[Finding]]:
    """The labels (n,), or None with the reason."""
    try:
        return to_labels(value, f"the labels of {where}"), []
    except InterplayError as error:
        return None, [Finding(weight="error", where=where, what=error.found, next_step=error.next_step)]


def check_labels(y: NDArray, where: str) -> list[Finding]:
    """One class only, more classes than rows can carry, rare classes, one class that swallows the rest."""
    classes, counts = np.unique(y, return_counts=True)
    if len(classes) < 2:
        what = f"a single class, {classes[0]}" if len(classes) else "no labels"
        return [Finding(weight="error", where=where, what=what, next_step="add rows of another class")]
    if len(classes) > max(MANY_CLASSES, len(y) // 3):
        return [
            Finding(
                weight="error" if len(classes) > len(y) // 2 else "warning",
                where=where,
                what=f"{len(classes):,} different labels in {len(y):,} rows",
                next_step="name the label column, not an identifier, and bin a continuous target",
            )
        ]
    found = []
    single, rare = classes[counts < 2], classes[(counts < RARE) & (counts >= 2)]
    if len(single):
        what = f"{_named(single)} with a single row"
        found.append(Finding(weight="error", where=where, what=what, next_step="add rows or merge rare classes"))
    if len(rare):
        what = f"{_named(rare)} with fewer than {RARE} rows (fewest: {counts[counts >= 2].min()})"
        step = "add rows or merge rare classes; ranges will be wide"
        found.append(Finding(weight="warning", where=where, what=what, next_step=step))
    share = counts.max() / counts.sum()
    if share > LOPSIDED:
        what = f"class {classes[counts.argmax()]} holds {share:.1%} of the rows"
        step = "always naming it is already that accurate; look at the gain, not at the accuracy"
        found.append(Finding(weight="warning", where=where, what=what, next_step=step))
    return found


def _named(classes: NDArray) -> str:
    shown = ", ".join(str(c) for c in classes[:5]) + (f" and {len(classes) - 5} more" if len(classes) > 5 else "")
    return f"class {shown}" if len(classes) == 1 else f"classes {shown}"


def check_giveaway(x: NDArray[np.floating], y: NDArray, where: str) -> list[Finding]:
    """Columns that are the label in other numbers: one value a class, another for each class."""
    positions = np.unique(y, return_inverse=True)[1]
    count = positions.max() + 1
    if len(y) < 4 * count or count < 2:
        return []
    first = np.array([np.flatnonzero(positions == k)[0] for k in range(count)])
    same = (x == x[first][positions]).all(axis=0)
    distinct = np.array([len(np.unique(column)) == count for column in x[first].T])
    given = np.flatnonzero(same & distinct)
    if not len(given):
        return []
    shown = ", ".join(str(c) for c in given[:5])
    return [
        Finding(
            weight="warning",
            where=where,
            what=f"column {shown} of the features tells the label without error, one value a class",
            next_step="make sure that the label is not among the features",
        )
    ]
