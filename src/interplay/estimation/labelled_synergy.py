"""Synergy of two modalities when some pairs have labels: known cells are counted, the others keep their range."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.confidence import PARTIAL, Replicated, estimate
from interplay.estimation.many import ManyCounts, ManyDraws, ManyTables
from interplay.estimation.solved import Solved
from interplay.information import Array, entropy, uniform_entropy
from interplay.reconciliation import Repaired
from interplay.results import Estimate
from interplay.solvers.union import union_information_many

TOLERANCE = 1e-5  # bits


@dataclass(frozen=True, kw_only=True, eq=False)
class _Told:
    """Bits, (B,) each: the range of the total, what the modalities tell anyhow, H(Y)."""

    low: Array
    high: Array
    union: Array
    label: Array


def synergy_with_labels(
    counts: ManyCounts,
    known: NDArray[np.bool_],
    draws: ManyDraws,
    *,
    lost: tuple[float, float],
    confidence: float,
    looks: int,
) -> Estimate:
    """Range of the synergy of two modalities, bits; known (C,): cells whose labels have been seen often enough.

    draws: likeliest tables given all samples and the labels. In known cells H(Y | cell) is that of their likeliest
    shares; the other cells have what tables the known ones leave them, so the smallest total is that of largest entropy
    over them and the largest that of couplings. lost: information that each modality's codes lose; the lower limit
    gives it back (`estimation.lost`). looks: as in `accuracy_with_labels`.
    """
    plain, again = (_told(counts, known, t) for t in draws.plain)
    shrunk, shrunk_again = (_told(counts, known, t) for t in draws.shrunk)
    low = Replicated(
        value=float(min(shrunk.low[0], plain.low[0]) - plain.union[0]) - sum(lost),
        replicates=np.minimum(shrunk_again.low, again.low) - again.union - sum(lost),
        factor=PARTIAL,
        ceiling=float(shrunk.label[0] - plain.union[0]),
    )
    high = Replicated(
        value=float(plain.high[0] - plain.union[0]),
        replicates=again.high - again.union,
        factor=PARTIAL,
        floor=0.0,
        cap=uniform_entropy(counts.classes),
    )
    shown = float(plain.low[0] - plain.union[0]), high.value
    return estimate(low, high, confidence=confidence, unit="bits", looks=looks, shown=shown)


def _told(counts: ManyCounts, known: NDArray[np.bool_], tables: ManyTables) -> _Told:
    """Certified ends of I({X1,X2};Y) on each of B tables."""
    (n1, n2), (first, second) = counts.sizes, counts.codes.T
    joint = np.zeros((len(tables.joint), n1, n2, counts.classes))
    joint[:, first, second] = tables.joint
    unseen = np.ones((n1, n2, 1), dtype=bool)
    unseen[first, second, 0] = ~known
    rest = joint * unseen
    left = rest.sum((1, 2, 3))
    some = (left > 0)[:, None, None, None]
    solved = _solve(np.where(some, rest, joint) / np.where(some, left[:, None, None, None], 1.0))
    union = union_information_many(joint.sum(2), joint.sum(1), tolerance=TOLERANCE).value
    label = np.asarray(entropy(joint.sum((1, 2)), batch=1))
    settled = label - _uncertain(joint - rest)

    def total(told_by_rest: Array) -> Array:
        return np.asarray(np.clip(settled - left * (solved.label - told_by_rest), union, label))

    return _Told(low=total(solved.total_low), high=total(solved.total_high), union=union, label=label)


def _solve(joint: Array) -> Solved:
    """The tables of joints (B,n1,n2,K), to be solved."""
    p12, p1y, p2y = joint.sum(3), joint.sum(2), joint.sum(1)
    moved = np.zeros((len(joint), 3))
    return Solved(tables=Repaired(p12=p12, p1y=p1y, p2y=p2y, moved=moved, iterations=0), tolerance=10 * TOLERANCE)


def _uncertain(joint: Array) -> Array:
    """sum over cells of mass * H(Y | cell), (B,), of joints (B,n1,n2,K) that need not sum to one."""
    return np.asarray(entropy(joint, batch=1) - entropy(joint.sum(3), batch=1))
