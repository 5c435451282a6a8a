"""Bootstrap replicates of count tables: rows, weighted rows or whole groups drawn again in each set."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.counts import CodedSet
from interplay.information import Array


def replicate_counts(sets: Sequence[CodedSet], count: int, rng: np.random.Generator) -> list[Array]:
    """`count` replicates (B, cells) of each set, drawn within the set.

    Rows are drawn again one by one; with groups, whole groups are, and a group that occurs in several
    sets (a subject with labelled rows and pairs) is drawn for all of them at once.
    """
    multiplicity = _group_draws(sets, count, rng)
    replicates = []
    for s in sets:
        if s.groups is not None:
            replicates.append(_of_groups(s, multiplicity))
        elif s.weights is not None:
            replicates.append(_of_weighted_rows(s, count, rng))
        else:
            counts = s.count()
            replicates.append(rng.multinomial(len(s.cells), counts / counts.sum(), size=count).astype(float))
    return replicates


def freedom(sets: Sequence[CodedSet]) -> float:
    """Degrees of freedom of a standard error: one less than the fewest groups of a set; infinite without groups."""
    return min((len(np.unique(s.groups.astype(str))) - 1.0 for s in sets if s.groups is not None), default=np.inf)


def _of_weighted_rows(s: CodedSet, count: int, rng: np.random.Generator) -> Array:
    assert s.weights is not None
    out = np.empty((count, s.cell_count))
    for b in range(count):
        drawn = rng.integers(len(s.cells), size=len(s.cells))
        out[b] = np.bincount(s.cells[drawn], weights=s.weights[drawn], minlength=s.cell_count)
    return out


def _group_draws(sets: Sequence[CodedSet], count: int, rng: np.random.Generator) -> dict[str, Array]:
    """How often each group is drawn in each replicate: name -> (B,)."""
    names = sorted({str(g) for s in sets if s.groups is not None for g in np.unique(s.groups)})
    if not names:
        return {}
    draws = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=count).astype(float)
    return {name: draws[:, i] for i, name in enumerate(names)}


def _of_groups(s: CodedSet, multiplicity: dict[str, Array]) -> Array:
    names, group = _group_positions(s.groups)
    table = np.zeros((len(names), s.cell_count))
    np.add.at(table, (group, s.cells), 1.0 if s.weights is None else s.weights)
    draws = np.stack([multiplicity[n] for n in names], axis=1)  # (B, G)
    counts = draws @ table
    empty = counts.sum(axis=1) == 0  # no group of this set was drawn: keep the sample itself
    counts[empty] = table.sum(axis=0)
    return counts


def _group_positions(groups: NDArray | None) -> tuple[list[str], NDArray[np.intp]]:
    assert groups is not None
    names, position = np.unique(groups.astype(str), return_inverse=True)
    return [str(n) for n in names], position
