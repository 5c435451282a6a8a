"""Two or more modalities at once: cells of codes, consistent tables of each modality by maximum likelihood."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.chance import Labelled
from interplay.estimation.coding import CodedSamples
from interplay.estimation.counts import CodedSet
from interplay.estimation.replicates import freedom, replicate_counts
from interplay.information import Array
from interplay.reconciliation import shrink
from interplay.samples import PAIRS

Ints = NDArray[np.intp]
ALL_CELLS = 400  # combinations of codes up to which those are kept that no pair shows
ROWS_PER_CELL = 0.5  # of shrinkage for low ends of accuracies (see `estimation.drawn`)


@dataclass(frozen=True, kw_only=True, eq=False)
class ManyCounts:
    """Coded rows of m modalities. codes (C,m): combinations of codes; pairs: their counts;
    labeled: one set a modality, cells (code, label) in C order, of all m or of all but the last. sizes: codes
    a modality. unseen: variance of each labelled modality's accuracy that its rows do not show."""

    names: tuple[str, ...]
    codes: Ints
    pairs: CodedSet
    labeled: tuple[CodedSet, ...]
    sizes: tuple[int, ...]
    classes: int
    unseen: tuple[float, ...] = ()

    @property
    def labelled(self) -> list[Labelled]:
        """Labels, weights and groups of each labelled modality."""
        return [(s.cells % self.classes, s.weights, s.groups) for s in self.labeled]


@dataclass(frozen=True, kw_only=True, eq=False)
class ManyTables:
    """Consistent tables of B samples: mass (B,C) of the cells and, for each labelled modality, (B,n_i,K).
    joint (B,C,K): the likeliest one, which has these tables."""

    mass: Array
    margins: tuple[Array, ...]
    joint: Array


@dataclass(frozen=True, kw_only=True, eq=False)
class PairLabels:
    """Labels of some pairs: which part of each cell's pairs has one (C,), and their class shares, of the sample
    (1,C,K) and of replicates (B,C,K)."""

    part: Array
    shares: tuple[Array, Array]


@dataclass(frozen=True, kw_only=True, eq=False)
class ManyDraws:
    """Tables of the sample (1, ...) and of its replicates (B, ...), from their counts when first asked for."""

    counts: ManyCounts
    flat: tuple[list[Array], list[Array]]
    labels: PairLabels | None

    @cached_property
    def plain(self) -> tuple[ManyTables, ManyTables]:
        """For upper limits."""
        return self._tables(shrunk=False)

    @cached_property
    def shrunk(self) -> tuple[ManyTables, ManyTables]:
        """Shrunk to independence, for lower limits (see `estimation.drawn`)."""
        return self._tables(shrunk=True)

    @property
    def freedom(self) -> float:
        """Degrees of freedom of a standard error."""
        return freedom([self.counts.pairs, *self.counts.labeled])

    def _tables(self, *, shrunk: bool) -> tuple[ManyTables, ManyTables]:
        sample, drawn = (_consistent(self.counts, self.flat[i], self.labels, i, shrunk=shrunk) for i in (0, 1))
        return sample, drawn


def count_many(
    coded: CodedSamples,
    names: Sequence[str],
    weights: dict[str, Array | None],
    *,
    unlabeled: tuple[str, Ints, int] | None = None,
) -> ManyCounts:
    """Cells of the pairs and of the labelled rows. weights: by modality and "pairs". unlabeled: one more
    modality, last, that no label has been seen with: name, codes of the pairs (n,), number of codes."""
    samples, k = coded.samples, len(coded.samples.classes)
    columns = [coded.pair_codes[n] for n in names] + ([] if unlabeled is None else [unlabeled[1]])
    sizes = (*(coded.code_counts[n] for n in names), *(() if unlabeled is None else unlabeled[2:]))
    codes, position = _cells(np.stack(columns, axis=1), sizes)
    labeled = tuple(
        CodedSet(
            cells=coded.codes[n] * k + samples.labeled[n].labels,
            cell_count=coded.code_counts[n] * k,
            weights=weights[n],
            groups=samples.labeled[n].groups,
        )
        for n in names
    )
    pairs = CodedSet(cells=position, cell_count=len(codes), weights=weights[PAIRS], groups=samples.pair_groups)
    more = () if unlabeled is None else unlabeled[:1]
    unseen = tuple(coded.unseen(n, weights[n]) for n in names)
    return ManyCounts(
        names=(*names, *more), codes=codes, pairs=pairs, labeled=labeled, sizes=sizes, classes=k, unseen=unseen
    )


def _cells(rows: Ints, sizes: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Cells (C,m) and the position (n,) of each row among them: all combinations if they are few, for a sample
    may have missed some, else those that occur."""
    if math.prod(sizes) <= ALL_CELLS:
        return np.indices(sizes).reshape(len(sizes), -1).T, np.ravel_multi_index(tuple(rows.T), sizes)
    codes, position = np.unique(rows, axis=0, return_inverse=True)
    return codes, position.ravel()


def draw_many(
    counts: ManyCounts, replicates: int, rng: np.random.Generator, labels: PairLabels | None = None
) -> ManyDraws:
    """Consistent tables of the sample and of its replicates, with the labels that some pairs have."""
    sets = [counts.pairs, *counts.labeled]
    flat = [s.count()[None] for s in sets], replicate_counts(sets, replicates, rng)
    return ManyDraws(counts=counts, flat=flat, labels=labels)


def tables_of(counts: ManyCounts, labels: PairLabels | None = None) -> ManyTables:
    """Consistent tables of the sample alone."""
    return _consistent(counts, [s.count()[None] for s in (counts.pairs, *counts.labeled)], labels, 0, shrunk=False)


def _consistent(
    counts: ManyCounts,
    flat: list[Array],
    labels: PairLabels | None,
    which: int,
    *,
    shrunk: bool,
    tolerance: float = 1e-5,
    max_iterations: int = 500,
) -> ManyTables:
    """EM: each sample is the joint (C,K) with some variables missing; a step imputes them."""
    pairs = flat[0]
    tables = [n.reshape(-1, size, counts.classes) for n, size in zip(flat[1:], counts.sizes, strict=False)]
    if shrunk:
        pairs, tables = _shrunk_pairs(counts, pairs), [shrink(t, ROWS_PER_CELL) for t in tables]
    members = [np.eye(t.shape[1])[counts.codes[:, i]] for i, t in enumerate(tables)]  # (C, n_i)
    joint = _start(counts, pairs, tables)
    part = 0.0 if labels is None else labels.part
    seen = 0.0 if labels is None else (pairs * part)[:, :, None] * labels.shares[which]
    for _ in range(max_iterations):
        factor = _ratio(pairs * (1 - part), joint.sum(2))[:, :, None]
        for i, (member, table) in enumerate(zip(members, tables, strict=True)):
            now = np.einsum("cn,bck->bnk", member, joint)
            factor = factor + _ratio(table, now)[:, counts.codes[:, i]]
        new = joint * factor + seen
        new /= new.sum((1, 2), keepdims=True)
        moved = np.abs(new - joint).sum((1, 2)).max()
        joint = new
        if moved < tolerance:
            break
    margins = tuple(np.einsum("cn,bck->bnk", m, joint) for m in members)
    return ManyTables(mass=joint.sum(2), margins=margins, joint=joint)


def _shrunk_pairs(counts: ManyCounts, pairs: Array) -> Array:
    """Counts (B,C) with rows added that are spread like the product of the modalities' own shares."""
    n = pairs.sum(1, keepdims=True)
    product = np.ones_like(pairs)
    for i, size in enumerate(counts.sizes):
        member = np.eye(size)[counts.codes[:, i]]
        product *= ((pairs / n) @ member)[:, counts.codes[:, i]]
    product /= product.sum(1, keepdims=True)
    return pairs + np.minimum(ROWS_PER_CELL * pairs.shape[1], np.sqrt(n)) * product


def _start(counts: ManyCounts, pairs: Array, tables: list[Array]) -> Array:
    """A positive joint (B,C,K): cells as the pairs have them, a vote of the modalities on the label."""
    floor = pairs + 0.01 * pairs.sum(1, keepdims=True) / pairs.shape[1]
    label = np.mean([t.sum(1) / t.sum((1, 2))[:, None] for t in tables], axis=0)[:, None, :]
    vote = np.broadcast_to(label, (len(pairs), pairs.shape[1], counts.classes)).copy()
    for i, table in enumerate(tables):
        smooth = table + label * 0.5
        vote *= (smooth / smooth.sum(2, keepdims=True))[:, counts.codes[:, i]] / label
    vote /= vote.sum(2, keepdims=True)
    joint = floor[:, :, None] * (0.9 * vote + 0.1 * label)
    return np.asarray(joint / joint.sum((1, 2), keepdims=True))


def largest_entropy(codes: Ints, tables: ManyTables, *, tolerance: float = 1e-6, sweeps: int = 1000) -> Array:
    """The joints (B,C,K) of largest entropy on cells (C,m) with these tables: additive log odds (scaling, sweep by
    sweep)."""
    mass, margins = tables.mass, tables.margins
    joint = np.repeat(mass[:, :, None] / margins[0].shape[2], margins[0].shape[2], axis=2)
    members = [np.eye(m.shape[1])[codes[:, i]] for i, m in enumerate(margins)]
    for _ in range(sweeps):
        before = joint
        for i, (member, margin) in enumerate(zip(members, margins, strict=True)):
            joint = joint * _ratio(margin, np.einsum("cn,bck->bnk", member, joint))[:, codes[:, i]]
        joint = joint * _ratio(mass, joint.sum(2))[:, :, None]
        if np.abs(joint - before).sum((1, 2)).max() < tolerance:
            break
    return joint


def _ratio(n: Array, r: Array) -> Array:
    """n / r with 0 where nothing is."""
    return np.divide(n, r, out=np.zeros_like(np.asarray(n, dtype=float)), where=r > 1e-300)
