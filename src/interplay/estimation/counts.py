"""Coded rows as counts: the three tables of a pair of modalities, by fold and in all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.coding import CodedSamples
from interplay.information import Array
from interplay.samples import PAIRS
from interplay.tables import PairTables

Ints = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class CodedSet:
    """Rows of one set as cell numbers 0..cell_count-1, with the part, weights and groups (or None)."""

    cells: Ints
    cell_count: int
    parts: Ints
    weights: Array | None
    groups: NDArray | None

    def count(self, rows: NDArray[np.bool_] | slice = slice(None)) -> Array:
        """Total weight of each cell among some rows, (cell_count,)."""
        weights = None if self.weights is None else self.weights[rows]
        return np.bincount(self.cells[rows], weights=weights, minlength=self.cell_count).astype(float)


@dataclass(frozen=True, kw_only=True, eq=False)
class PairCounts:
    """The three coded sets of two modalities; cells are (z1, z2), (z1, y) and (z2, y) in C order."""

    names: tuple[str, str]
    shape: tuple[int, int, int]
    pairs: CodedSet
    first: CodedSet
    second: CodedSet

    @property
    def sets(self) -> tuple[CodedSet, CodedSet, CodedSet]:
        """pairs, first, second."""
        return self.pairs, self.first, self.second

    def tables(self) -> tuple[Array, Array, Array]:
        """Counts (n1,n2), (n1,K), (n2,K)."""
        pairs, first, second = self.tables_by_part(1)
        return pairs[0], first[0], second[0]

    def tables_by_part(self, parts: int) -> tuple[Array, Array, Array]:
        """Counts of each part (V,n1,n2), (V,n1,K), (V,n2,K); of all rows with parts = 1."""
        n1, n2, k = self.shape
        shapes = ((n1, n2), (n1, k), (n2, k))
        pairs, first, second = (
            np.stack([s.count(s.parts % parts == v) for v in range(parts)]).reshape(parts, *shape)
            for s, shape in zip(self.sets, shapes, strict=True)
        )
        return pairs, first, second


def count_pair(coded: CodedSamples, names: tuple[str, str], weights: dict[str, Array | None]) -> PairCounts:
    """Cells of the labelled rows and the pairs for two modalities. weights: by modality and "pairs"."""
    samples = coded.samples
    n1, n2 = (coded.code_counts[n] for n in names)
    k = len(samples.classes)
    pairs = CodedSet(
        cells=coded.pair_codes[names[0]] * n2 + coded.pair_codes[names[1]],
        cell_count=n1 * n2,
        parts=coded.folds.pairs,
        weights=weights[PAIRS],
        groups=samples.pair_groups,
    )
    first, second = (
        CodedSet(
            cells=coded.codes[n] * k + samples.labeled[n].labels,
            cell_count=coded.code_counts[n] * k,
            parts=coded.folds.labeled[n],
            weights=weights[n],
            groups=samples.labeled[n].groups,
        )
        for n in names
    )
    return PairCounts(names=names, shape=(n1, n2, k), pairs=pairs, first=first, second=second)


def pair_tables(counts: PairCounts, classes: NDArray, codebook: str) -> PairTables:
    """The raw count tables, with names: the sufficient statistics."""
    pairs, first, second = counts.tables()
    return PairTables(
        pairs=pairs,
        first=first,
        second=second,
        names=counts.names,
        classes=tuple(str(c) for c in classes),
        codebook=codebook,
        counts=True,
    )
