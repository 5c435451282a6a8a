"""Three samples as consistent tables with bootstrap replicates: shrunk for low ends, as they are for high ends."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from interplay.estimation.counts import CodedSet
from interplay.estimation.replicates import replicate_counts
from interplay.estimation.solved import Solved
from interplay.information import Array
from interplay.reconciliation import Repaired, maximum_likelihood_tables, shrink


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """The sample's own tables (1, ...) and those of its replicates (B, ...)."""

    point: Solved
    batch: Solved


@dataclass(frozen=True, kw_only=True, eq=False)
class Draws:
    """The same replicates twice. plain: as drawn, for plug-in values and upper limits. shrunk: a little closer to
    independence, for lower limits.

    Dependence is what low ends rise with. Cells that a small sample missed count as impossible in each of its
    replicates too, so limits from plain tables would be too high.
    """

    plain: Drawn
    shrunk: Drawn


def draw_tables(
    sets: Sequence[CodedSet], shape: tuple[int, int, int], replicates: int, rng: np.random.Generator
) -> Draws:
    """Consistent tables of three sets (pairs, first, second) and of their replicates."""
    counts = [s.count()[None] for s in sets], replicate_counts(sets, replicates, rng)
    plain, shrunk = (
        Drawn(
            point=Solved(tables=_consistent(counts[0], shape, less, 1e-8), tolerance=1e-8),
            batch=Solved(tables=_consistent(counts[1], shape, less, 1e-6), tolerance=1e-5),
        )
        for less in (False, True)
    )
    return Draws(plain=plain, shrunk=shrunk)


def _consistent(counts: list[Array], shape: tuple[int, int, int], shrunk: bool, tolerance: float) -> Repaired:
    """Maximum-likelihood tables of flat counts (B, n1 n2), (B, n1 K), (B, n2 K)."""
    n1, n2, k = shape
    pairs, first, second = counts
    tables = [pairs.reshape(-1, n1, n2), first.reshape(-1, n1, k), second.reshape(-1, n2, k)]
    if shrunk:
        tables = [shrink(t) for t in tables]
    return maximum_likelihood_tables(*tables, tolerance=tolerance)
