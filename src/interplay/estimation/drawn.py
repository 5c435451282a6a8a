"""Three samples as consistent tables with bootstrap replicates: as they are, and shrunk to independence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from interplay.estimation.counts import CodedSet
from interplay.estimation.replicates import freedom, replicate_counts
from interplay.estimation.solved import Solved
from interplay.information import Array
from interplay.reconciliation import Repaired, maximum_likelihood_tables, shrink

QUICK = 150  # multipliers left in a linear program, up to which all replicates are affordable
FEWEST = 40  # replicates of the largest tables: their spread is then known to a ninth


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """The sample's own tables (1, ...) and those of its replicates (B, ...)."""

    point: Solved
    batch: Solved


@dataclass(frozen=True, kw_only=True, eq=False)
class Draws:
    """The same replicates three times. plain: as drawn, for plug-in values and upper limits. half, whole: half a row
    and a whole row a cell closer to independence, for lower limits of accuracies and of information.

    Dependence is what low ends rise with. Cells that a small sample missed count as impossible in each of its
    replicates too, so lower limits from plain tables would be too high; information, which weighs rare cells by
    logarithms, feels that more. freedom: see `replicates.freedom`. counts: of the replicates, (B, n1 n2),
    (B, n1 K) and (B, n2 K).
    """

    plain: Drawn
    half: Drawn
    whole: Drawn
    freedom: float
    counts: list[Array]


def draw_tables(
    sets: Sequence[CodedSet], shape: tuple[int, int, int], replicates: int, rng: np.random.Generator
) -> Draws:
    """Consistent tables of three sets (pairs, first, second) and of their replicates (`affordable` many at most)."""
    replicates = affordable(shape, replicates)
    counts = [s.count()[None] for s in sets], replicate_counts(sets, replicates, rng)
    plain, half, whole = (
        Drawn(
            point=Solved(tables=_consistent(counts[0], shape, added, 1e-8), tolerance=1e-8),
            batch=Solved(tables=_consistent(counts[1], shape, added, 1e-6), tolerance=1e-5),
        )
        for added in (0.0, 0.5, 1.0)
    )
    return Draws(plain=plain, half=half, whole=whole, freedom=freedom(sets), counts=counts[1])


def affordable(shape: tuple[int, int, int], replicates: int) -> int:
    """Replicates that tables of this shape allow: where a linear program takes seconds, fewer, but at least FEWEST."""
    n1, n2, k = shape
    multipliers = max((k - 1) * min(n1, n2), 1)
    return min(replicates, max(FEWEST, int(replicates * (QUICK / multipliers) ** 2)))


def _consistent(counts: list[Array], shape: tuple[int, int, int], added: float, tolerance: float) -> Repaired:
    """Maximum-likelihood tables of flat counts (B, n1 n2), (B, n1 K), (B, n2 K), with so many rows added a cell."""
    n1, n2, k = shape
    pairs, first, second = counts
    tables = pairs.reshape(-1, n1, n2), first.reshape(-1, n1, k), second.reshape(-1, n2, k)
    return maximum_likelihood_tables(*[shrink(t, added) for t in tables], tolerance=tolerance)
