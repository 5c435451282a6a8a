"""Largest accuracy of the best classifier over the identified set: a mixed-integer programme.

max_{r in D} sum_c max_y r_cy chooses a winning label per pair. `bound` is the solver's dual bound, valid at
any time limit, or a cheaper valid one; `attained` is the accuracy of a joint in D that was found: every
choice of labels is completed by a linear programme, and repeating "best labels, best joint" climbs from there.
2x2x2 has a closed form, because D is a segment and the accuracy is convex on it.
"""

import time
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog

from interplay.information import Array
from interplay.solvers.accuracy_two import ROUNDING, branched, walked
from interplay.solvers.clock import PIVOTS, PIVOTS_OF_MORE, clock_of
from interplay.solvers.decision_program import SAFETY, branch
from interplay.solvers.decisions_ceiling import decisions_ceiling_many, tight_duals
from interplay.solvers.envelope import LONGEST, WIDEST, affordable
from interplay.solvers.identified_set import TIGHT, LinearSystem, feasible_joint, linear_system, segment_ends
from interplay.solvers.vertices import Start, enumerate_vertices, start_at, walk


@dataclass(frozen=True, kw_only=True)
class HighestAccuracy:
    """bound: certified upper end. attained <= bound: accuracy of `joint` (n1,n2,K) in D. nodes: branchings."""

    bound: float
    attained: float
    joint: Array = field(repr=False)
    nodes: int


def highest_accuracy(
    p12: Array,
    p1y: Array,
    p2y: Array,
    *,
    time_limit: float = 10.0,
    steps: int | None = None,
    tolerance: float = 1e-6,
    relaxed: bool = False,
) -> HighestAccuracy:
    """Largest sum_c max_y r_cy over D: certified bound and attained value.

    p12 (n1,n2), p1y (n1,K), p2y (n2,K); time_limit in seconds for the branching, or steps: so many branchings and no
    clock, the same answer on any machine. tolerance: gap at which it stops. relaxed: no branching, the bound
    of `solvers.decisions_ceiling`, and a climb from one vertex of D.
    """
    if (*p12.shape, p1y.shape[1]) == (2, 2, 2):
        ends = segment_ends(p12, p1y, p2y)
        joint = max(ends, key=lambda r: float(r.max(axis=2).sum()))
        value = min(float(joint.max(axis=2).sum()), float(p12.sum()))
        return HighestAccuracy(bound=value, attained=value, joint=joint, nodes=0)
    started = time.monotonic()
    system = linear_system(p12, p1y, p2y)
    vertex, trivial = feasible_joint(system), float(p12.sum())
    walker = None if relaxed else _Walker.of(system, vertex)
    if walker is not None and (best := walker.listed()) is not None:
        bound = min(accuracy(best) + SAFETY, trivial)
        return HighestAccuracy(bound=bound, attained=min(accuracy(best), bound), joint=best, nodes=0)
    rng = np.random.default_rng(0)  # of all walks: the last one goes elsewhere than the first
    two, wide = p1y.shape[1] == 2 and not relaxed, max(p12.shape) > WIDEST

    def better(joint: Array, seconds: float, target: float = np.inf) -> Array:
        """A walk over vertices of D, then a climb."""
        if two:
            clock = clock_of(seconds, None if steps is None else PIVOTS)
            joint = walked(p12, joint, deadline=clock, target=target)
        elif walker is not None:
            joint = max(joint, walker.walk(seconds, steps=steps, rng=rng, target=target), key=accuracy)
        return _climb(system, joint)

    joint = better(vertex, WALK * time_limit if two and wide else 0.05 * time_limit)
    if accuracy(joint) >= trivial - tolerance:
        return HighestAccuracy(bound=trivial, attained=min(accuracy(joint), trivial), joint=joint, nodes=0)
    left = max(time_limit - (time.monotonic() - started), 0.05)
    if two and max(p12.shape) <= LONGEST:
        vertices = affordable(left, steps, two=True, longest=max(p12.shape))
        deadline = clock_of(left, steps)
        other, bound, nodes = branched(p12, p1y, p2y, joint, tolerance=tolerance, deadline=deadline, listed=vertices)
        if nodes:
            joint = max(joint, other, key=accuracy)
            bound = max(bound, accuracy(joint))
            return HighestAccuracy(bound=bound, attained=accuracy(joint), joint=joint, nodes=nodes)
    right = np.eye(p1y.shape[1])
    duals = tight_duals(p12, p1y, p2y, right)
    ceiling = float(decisions_ceiling_many(p12[None], p1y[None], p2y[None], right, duals)[0]) + ROUNDING
    bound, nodes = min(ceiling, trivial), 0
    if not relaxed and bound - accuracy(joint) > tolerance:
        left = max(time_limit - (time.monotonic() - started), 0.05)
        lost, start, nodes = branch(
            system, (p12, p1y, p2y), 1.0 - right, SHARE * left, steps=steps, tolerance=tolerance
        )
        bound = min(bound, trivial - lost)
        if start is not None:
            joint = max(joint, _climb(system, start), key=accuracy)
        left = time_limit - (time.monotonic() - started)
        if bound - accuracy(joint) > tolerance and (left > 0 or steps is not None):
            joint = max(joint, better(joint, left, bound - tolerance), key=accuracy)
    bound = max(bound, accuracy(joint))
    return HighestAccuracy(bound=bound, attained=accuracy(joint), joint=joint, nodes=nodes)


SHARE = 0.75  # of the time left, for mixed-integer programming; the rest is for a second walk
WALK = 0.25  # share of the time for a first walk where two labels have more than WIDEST codes
_LISTED = (64, 10)  # coordinates and dimensions of D up to which all vertices are listed
_WALKED = 1300  # coordinates up to which a dense tableau is fast


@dataclass(frozen=True, kw_only=True)
class _Walker:
    """Vertices of D by pivots: complete listing of small sets, walks elsewhere."""

    system: LinearSystem
    start: Start

    @classmethod
    def of(cls, system: LinearSystem, vertex: Array) -> "_Walker | None":
        """None for tables too large for a dense tableau."""
        if len(system.rows) > _WALKED:
            return None
        x = vertex[system.rows, system.cols, system.labels]
        return cls(system=system, start=start_at(system.matrix.toarray(), x, np.random.default_rng(0)))

    def _loss(self, points: Array) -> Array:
        first = np.flatnonzero(np.diff(self.system.cell, prepend=-1))  # variables of a pair are neighbours
        return np.asarray(-np.maximum.reduceat(points, first, axis=1).sum(axis=1))

    def listed(self) -> Array | None:
        """The best of all vertices as a joint; None where there are too many."""
        n, d = self.start.lines.shape
        if n > _LISTED[0] or d > _LISTED[1]:
            return None
        found = enumerate_vertices(self.start, self._loss, limit=60_000)
        if not found.complete or found.infeasibility * n > SAFETY:
            return None
        return self.system.joint(found.point)

    def walk(self, seconds: float, *, steps: int | None, rng: np.random.Generator, target: float = np.inf) -> Array:
        """A joint of large accuracy."""
        point = walk(
            self.start,
            self._loss,
            unit=1 / len(self.system.cells),
            cold=0.02,
            deadline=clock_of(seconds, None if steps is None else PIVOTS_OF_MORE),
            rng=rng,
            target=-min(target, float(self.system.target[: len(self.system.cells)].sum()) - 1e-9),
        )
        return self.system.joint(point)


def accuracy(joint: Array) -> float:
    """sum_c max_y of a joint (n1,n2,K)."""
    return float(joint.max(axis=2).sum())


def _climb(system: LinearSystem, joint: Array) -> Array:
    """Alternate between the labels that are best for the joint and the joint that is best for the labels. It ends at a
    vertex of D, wherever it starts."""
    best = -np.inf
    for _ in range(30):
        winner = joint.argmax(axis=2)[system.rows, system.cols] == system.labels
        result = linprog(
            -winner.astype(float),
            A_eq=system.matrix,
            b_eq=system.target,
            bounds=(0, None),
            method="highs-ds",
            options=TIGHT,
        )
        if result.status != 0:
            break
        new = system.joint(result.x)
        if accuracy(new) <= best + 1e-12:
            break
        joint, best = new, accuracy(new)
    return joint
