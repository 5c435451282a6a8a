"""Upper ends that need no search: what the limits of cells leave possible, on a sample and on its replicates.

Noise of tables takes away from what a cell can hold, nowhere more than where each could hold all of one label, so
every number of the tables has ROOM standard errors to spare.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from interplay.estimation.confidence import KINK, SMOOTH
from interplay.estimation.drawn import Draws
from interplay.estimation.solved import Solved
from interplay.information import Array
from interplay.reconciliation import Repaired
from interplay.solvers.cell_limits import Room, information_ceiling_many
from interplay.solvers.decisions_ceiling import Duals, decisions_ceiling_many, tight_duals

ROOM = 1.0  # standard errors; by simulation
REFITTED = 4  # replicates with multipliers of their own: a mean
CLOSE = 1e-3  # to the best multipliers, for that: a tenth of the noise that they fit
Worth = Callable[[Array], Array]  # shares of the labels (K,) -> worth (M, K) of each decision for each label


@dataclass(frozen=True, kw_only=True, eq=False)
class Highest:
    """An upper end on the sample, and on some of its replicates (B,).

    factor: bias over the bias that the bootstrap sees. fixed (B,): by the sample's own slope or multipliers, of plain
    tables alone; None where the end is a bound that leaves room for its own error.
    """

    value: float
    replicates: Array
    factor: float
    fixed: Array | None = None

    def less(self, value: float, replicates: Array) -> "Highest":
        """The end's excess over another quantity, on the sample and on each of its replicates."""
        few = replicates[: len(self.replicates)]
        fixed = None if self.fixed is None else self.fixed - few
        return replace(self, value=self.value - value, replicates=self.replicates - few, fixed=fixed)

    def optimism(self, value: float, replicates: Array) -> float:
        """By how much the excess over another maximum, at a kink, is too low: the bias of each, as their difference may
        hide both; nothing where the end leaves room for it."""
        bias, other = self.value - float(self.replicates.mean()), float(replicates.mean()) - value
        return 0.0 if self.fixed is None else self.factor * max(bias, 0.0) + KINK * max(other, 0.0)


def information_ceiling(draws: Draws) -> Highest:
    """The largest total information that cells' limits allow."""
    point, batch = ((t.p12, t.p1y, t.p2y) for t in (draws.plain.point.tables, draws.plain.batch.tables))
    room = room_of(draws.plain.batch.tables)
    value, replicates = (information_ceiling_many(*t, room) for t in (point, batch))
    return Highest(value=float(value[0]), replicates=replicates, factor=KINK)


def decisions_ceiling(draws: Draws, worth: Worth, also: Callable[[Solved, Room], Array] | None = None) -> Highest:
    """What no decisions are worth: the higher of that of plain and of shrunk tables, since copies that hardly disagree
    in a sample leave too little.

    The sample's multipliers serve all, where they are better than none. They fit its noise; by how much, a few
    replicates with their own tell. also: another upper bound (B,).
    """
    plain, again = draws.plain, draws.plain.batch.tables
    room = room_of(again)
    duals = _duals(plain.point, 0, worth, room)

    def bound(s: Solved) -> Array:
        tables, earned = (s.tables.p12, s.tables.p1y, s.tables.p2y), _each(s, worth)
        own = decisions_ceiling_many(*tables, worth=earned, room=room)
        if duals is not None:
            own = np.minimum(own, decisions_ceiling_many(*tables, worth=earned, duals=duals, room=room))
        return own if also is None else np.minimum(own, also(s, room))

    point, fixed, shrunk, shrunk_again = map(bound, (plain.point, plain.batch, draws.whole.point, draws.whole.batch))
    fitted = 0.0 if duals is None else _fitted(plain.batch, worth, fixed, room)
    return Highest(
        value=float(max(point[0], shrunk[0])),
        replicates=np.maximum(fixed, shrunk_again) - fitted,
        factor=SMOOTH,
        fixed=fixed,
    )


def _each(s: Solved, worth: Worth) -> Array:
    """Worth (B,M,K) of decisions, by each table's own shares of the labels."""
    return np.stack([worth(share) for share in s.tables.p1y.sum(1)])


def _duals(s: Solved, at: int, worth: Worth, room: Room, tolerance: float = 1e-4) -> Duals | None:
    """Of the ceiling on one of a batch of tables."""
    t = s.tables
    return tight_duals(t.p12[at], t.p1y[at], t.p2y[at], worth(t.p1y[at].sum(0)), room, tolerance=tolerance)


def _fitted(s: Solved, worth: Worth, fixed: Array, room: Room) -> float:
    """By how much multipliers of their own lower the ceilings fixed (B,) of the first replicates, in the mean."""
    few, own = s.tables.first(REFITTED), []
    for b in range(len(few.p12)):
        t, duals = (few.p12[b][None], few.p1y[b][None], few.p2y[b][None]), _duals(s, b, worth, room, CLOSE)
        own.append(float(decisions_ceiling_many(*t, worth=worth(few.p1y[b].sum(0)), duals=duals, room=room)[0]))
    return float(np.maximum(fixed[: len(own)] - own, 0.0).mean())


def room_of(again: Repaired) -> Room:
    """By how much each number of the tables may be off, from replicates of them."""
    return ROOM * again.p12.std(axis=0), ROOM * again.p1y.std(axis=0), ROOM * again.p2y.std(axis=0)
