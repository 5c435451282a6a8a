"""Likeliest tables of the sample and of its replicates, given all samples and the labels that some pairs have."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.labelled_cells import PRIOR, LabelledCells
from interplay.estimation.many import ManyCounts, ManyDraws, ManyTables, PairLabels, draw_many, tables_of
from interplay.information import Array

Ints = NDArray[np.intp]
Hits = tuple[Array, Array]  # how often the answers of known cells are right: in the sample (1,C), in replicates (B,C)


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelledDraws:
    """What samples and labels say together, when first asked for; priors (B,C,K): class shares of the replicates at
    maximum entropy."""

    counts: ManyCounts
    cells: LabelledCells
    priors: Array
    seed: int

    @cached_property
    def tables(self) -> ManyDraws:
        """Likeliest given all samples and all labels."""
        return self._draw(self._labels(self.cells.sizes))

    @cached_property
    def cautious(self) -> ManyDraws:
        """The same with PRIOR more labels a cell, as maximum entropy has them: few labels seem to tell more than they
        do."""
        share = self.cells.count[:, None] / (self.cells.count[:, None] + PRIOR)
        labels = self._labels(self.cells.sizes)
        sample, drawn = (
            share * told + (1 - share) * prior
            for told, prior in zip(labels.shares, (self.cells.prior[None], self.priors), strict=True)
        )
        return self._draw(PairLabels(part=labels.part, shares=(sample, drawn)))

    @cached_property
    def shown(self) -> Array:
        """Hits (C,) of the sample's plain tables, what ends are shown by."""
        return self._judge([tables_of(self.counts, labels) for labels in self._halves], 0)[0]

    @cached_property
    def hits(self) -> Hits:
        """Hits of the shrunk tables, for lower limits.

        Each half of the labels judges, together with all samples, what the other half taught: what the samples say of a
        code's labels need not be learned again from the few labels of its cells.
        """
        halves = [self._draw(labels).shrunk for labels in self._halves]
        sample, drawn = (self._judge([h[at] for h in halves], at) for at in (0, 1))
        return sample, drawn

    @cached_property
    def _shares(self) -> tuple[Array, Array]:
        """Class shares of the halves, (2,1,C,K) in the sample and (2,B,C,K) in replicates."""
        return self.cells.shares[:, None], self.cells.drawn(len(self.priors), self.seed)

    @cached_property
    def _answers(self) -> tuple[Ints, Ints]:
        """What each half judges (2,B,C), in the sample and in replicates, where answers are chosen anew."""
        told, drawn = self._shares
        return self.cells.answers(told, self.cells.prior[None]), self.cells.answers(drawn, self.priors)

    @property
    def _halves(self) -> list[PairLabels]:
        return [self._labels(self.cells.sizes * side[:, None]) for side in np.eye(2)]

    def _judge(self, halves: list[ManyTables], at: int) -> Array:
        part = self.cells.sizes / np.where(self.cells.count > 0, self.cells.count, 1.0)
        each = (w * right(t, said) for w, t, said in zip(part, halves, self._answers[at], strict=True))
        return np.asarray(sum(each))

    def _draw(self, labels: PairLabels) -> ManyDraws:
        return draw_many(self.counts, len(self.priors), np.random.default_rng(self.seed), labels)

    def _labels(self, sizes: Array) -> PairLabels:
        """So many labels (2,C) of each half."""
        pairs = self.counts.pairs
        rows = np.maximum(np.bincount(pairs.cells, minlength=pairs.cell_count), 1)
        total = sizes.sum(0)
        weights = np.where(total > 0, sizes / np.where(total > 0, total, 1.0), 0.5)
        mixed = [np.maximum(np.einsum("hc,hbck->bck", weights, s), 0.0) for s in self._shares]
        sample, drawn = (m / m.sum(2, keepdims=True) for m in mixed)
        return PairLabels(part=total / rows, shares=(sample, drawn))


def right(judge: ManyTables, answers: Ints) -> Array:
    """How often the answers (B,C) are right, (B,C); 0 in cells without mass."""
    hits = np.take_along_axis(judge.joint, answers[:, :, None], axis=2)[:, :, 0]
    return np.divide(hits, judge.mass, out=np.zeros_like(hits), where=judge.mass > 0)
