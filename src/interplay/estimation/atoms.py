"""Redundancy, uniqueness, synergy and total information from samples, each with its interval."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from interplay.estimation.ceilings import Highest, information_ceiling
from interplay.estimation.confidence import KINK, PARTIAL, Replicated, estimate
from interplay.estimation.drawn import Drawn, Draws
from interplay.estimation.highest import INFORMATION, highest, is_sharp
from interplay.estimation.potentials import fixed_information
from interplay.estimation.proofs import UPPER_GAP
from interplay.estimation.solved import Solved
from interplay.information import Array, mutual_information, to_bits
from interplay.results import Estimate
from interplay.solvers.cell_limits import information_ceiling_many
from interplay.solvers.synergy_max import largest_information

LEARNED = 0.2  # variance that codes learned from the sample add, over that of fixed ones; by simulation

# A quantity from two versions of the same tables: what it rises with comes from the first, and where shrinking
# would hide it, what it falls with from the second.
End = Callable[[Solved, Solved], Array]


def _first(s: Solved, _: Solved | None = None) -> Array:
    return mutual_information(s.tables.p1y, batch=1)


def _second(s: Solved, _: Solved | None = None) -> Array:
    return mutual_information(s.tables.p2y, batch=1)


def _both(s: Solved) -> Array:
    return np.asarray(_first(s) + _second(s))


def _hidden(drawn: Drawn) -> float:
    """By how much the plug-in redundancy I1 + I2 - I* may be too low, term by term.

    Where the modalities tell the same, I* is at a full kink, of whose bias the bootstrap sees a part only; in the sum
    the smooth terms' bias, which it sees whole, would hide that.
    """
    smooth, kinked = ((f(drawn.batch).mean() - f(drawn.point)[0]) for f in (_both, lambda s: s.union))
    return float(KINK * kinked - smooth)


def _directions(table: Array) -> int:
    """Likelihood ratios of a modality's codes that could surpass the other's: the unique part is zero only if none
    does, and by chance any of them may seem to."""
    _, codes, classes = table.shape
    return (codes - 1) * (classes - 1)


def atom_estimates(
    names: tuple[str, str],
    draws: Draws,
    *,
    confidence: float,
    looks: int,
    search: bool = True,
    learned: bool = False,
    lost: tuple[float, float] = (0.0, 0.0),
) -> dict[str, Any]:
    """Estimates "information", "redundancy", "unique", "synergy" and "total", in bits.

    search: for sharp high ends, where the joint is small enough (`Solved.branchings`), and for their sampling error
    where `highest.is_sharp`; else high ends are those of `solvers.cell_limits`. learned: whether the codes were
    learned from the sample that they code. lost: information that each modality's codes lose; lower limits of unique
    parts and of synergy give it back, so that they hold for the modalities, not for their codes only.
    """
    plain, shrunk = draws.plain.point, draws.whole.point
    t = plain.tables
    bits = float(to_bits(math.log(t.p1y.shape[2])))  # no information exceeds it
    shown, gap = float(information_ceiling_many(t.p12, t.p1y, t.p2y)[0]), {}
    top = information_ceiling(draws)
    if search and plain.searchable and (plain.branchings or is_sharp(draws)):
        found = largest_information(t.p12[0], t.p1y[0], t.p2y[0], steps=plain.branchings)
        shown = min(shown, found.bound)
        gap = {UPPER_GAP: max(shown - found.attained, 0.0)}
        if is_sharp(draws):
            top = highest(draws, INFORMATION, found.joint, shown)

    def one(
        low: End,
        high: Highest | None = None,
        *,
        fixed: Array | None = None,
        ceiling: float | None = None,
        shown: float | None = None,
        directions: int = 1,
        hidden: float = 0.0,
        less: float = 0.0,
    ) -> Estimate:
        if high is None:
            batch = low(draws.plain.batch, draws.whole.batch)
            high = Highest(value=float(low(plain, shrunk)[0]), replicates=batch, factor=PARTIAL)
        # shrinking lowers most low ends, but not that of what copies tell together: the smaller one counts
        lows = np.minimum(low(draws.whole.batch, draws.plain.batch), low(draws.plain.batch, draws.plain.batch))
        below = Replicated(
            value=float(min(low(shrunk, plain)[0], low(plain, plain)[0])) - less,
            replicates=lows - less,
            envelope=fixed,
            factor=PARTIAL,
            ceiling=ceiling,
            freedom=draws.freedom,
            directions=directions,
            unseen=learned * LEARNED * float(lows.var(ddof=1)),
        )
        above = Replicated(
            value=high.value,
            replicates=high.replicates,
            envelope=high.fixed,
            factor=high.factor,
            optimism=hidden,
            freedom=draws.freedom,
            unseen=learned * LEARNED * float(high.replicates.var(ddof=1)),
            floor=0.0,
            cap=bits,
        )
        own = float(low(plain, plain)[0])
        ends = own, own if shown is None else max(shown, own)
        return estimate(below, above, confidence=confidence, unit="bits", looks=looks, shown=ends)

    fixed = fixed_information(draws.whole)
    total = one(lambda s, _: s.total_low, top, fixed=fixed, ceiling=float(shrunk.label[0]), shown=shown)
    told = float(shrunk.union[0]), draws.whole.batch.union
    return {
        "information": {names[0]: one(_first), names[1]: one(_second)},
        "redundancy": one(lambda s, _: _both(s) - s.union, hidden=_hidden(draws.plain)),
        "unique": {
            names[0]: one(lambda s, _: s.union - _second(s), directions=_directions(t.p1y), less=lost[1]),
            names[1]: one(lambda s, _: s.union - _first(s), directions=_directions(t.p2y), less=lost[0]),
        },
        "synergy": one(
            lambda s, other: s.total_low - other.union,
            top.less(*told),
            fixed=fixed - draws.plain.batch.union,
            ceiling=float(shrunk.label[0] - plain.union[0]),
            shown=shown - float(plain.union[0]),
            hidden=top.optimism(*told),
            less=sum(lost),
        ),
        "total": replace(total, details={**total.details, **gap}),
    }
