"""Coded rows as counts: the three tables of a pair of modalities, by fold and in all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.chance import Labelled
from interplay.estimation.coding import CodedSamples
from interplay.information import Array
from interplay.samples import PAIRS
from interplay.tables import PairTables

Ints = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class CodedSet:
    """Rows of one set as cell numbers 0..cell_count-1, with weights and groups (or None)."""

    cells: Ints
    cell_count: int
    weights: Array | None
    groups: NDArray | None

    def count(self) -> Array:
        """Total weight of each cell, (cell_count,)."""
        return np.bincount(self.cells, weights=self.weights, minlength=self.cell_count).astype(float)


@dataclass(frozen=True, kw_only=True, eq=False)
class PairCounts:
    """The three coded sets of two modalities; cells are (z1, z2), (z1, y) and (z2, y) in C order.

    unseen: variance of each modality's accuracy that its rows do not show (`undecided.tied_variance`).
    """

    names: tuple[str, str]
    shape: tuple[int, int, int]
    pairs: CodedSet
    first: CodedSet
    second: CodedSet
    unseen: tuple[float, float] = (0.0, 0.0)

    @property
    def labelled(self) -> list[Labelled]:
        """Labels, weights and groups of first and of second."""
        return [(s.cells % self.shape[2], s.weights, s.groups) for s in (self.first, self.second)]

    @property
    def sets(self) -> tuple[CodedSet, CodedSet, CodedSet]:
        """pairs, first, second."""
        return self.pairs, self.first, self.second

    def tables(self) -> tuple[Array, Array, Array]:
        """Counts (n1,n2), (n1,K), (n2,K)."""
        n1, n2, k = self.shape
        first, second = self.first.count().reshape(n1, k), self.second.count().reshape(n2, k)
        return self.pairs.count().reshape(n1, n2), first, second


def count_pair(coded: CodedSamples, names: tuple[str, str], weights: dict[str, Array | None]) -> PairCounts:
    """Cells of the labelled rows and the pairs for two modalities. weights: by modality and "pairs"."""
    samples = coded.samples
    n1, n2 = (coded.code_counts[n] for n in names)
    k = len(samples.classes)
    pairs = CodedSet(
        cells=coded.pair_codes[names[0]] * n2 + coded.pair_codes[names[1]],
        cell_count=n1 * n2,
        weights=weights[PAIRS],
        groups=samples.pair_groups,
    )
    first, second = (
        CodedSet(
            cells=coded.codes[n] * k + samples.labeled[n].labels,
            cell_count=coded.code_counts[n] * k,
            weights=weights[n],
            groups=samples.labeled[n].groups,
        )
        for n in names
    )
    return PairCounts(
        names=names,
        shape=(n1, n2, k),
        pairs=pairs,
        first=first,
        second=second,
        unseen=(coded.unseen(names[0], weights[names[0]]), coded.unseen(names[1], weights[names[1]])),
    )


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
