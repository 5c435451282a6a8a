"""Largest information over the identified set: minimise the concave H_r(Y|X1,X2) over a polytope.

H(X1,X2) is fixed on D, so this is the least joint entropy H(r); it lies at a vertex of D. `bound` is certified
from above, `attained` is the information of a joint that was found. 2x2x2: closed form. Small tables: every
vertex. Two labels: branch and bound with row and column envelopes. More labels: the same for every "this label
or another", because H(Y|X) >= H([Y=k]|X). The cells' ceiling (`solvers.cell_limits`) always stands behind them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.special import entr

from interplay.information import Array, entropy, mutual_information, to_bits, to_nats
from interplay.solvers.cell_limits import information_ceiling
from interplay.solvers.clock import PIVOTS, clock_of
from interplay.solvers.envelope import WIDEST, Searched, TwoLabels, search
from interplay.solvers.identified_set import PARITY, LinearSystem, feasible_joint, linear_system, segment_ends
from interplay.solvers.transport_walk import anneal
from interplay.solvers.vertices import Enumeration, Objective, Start, enumerate_vertices, start_at, walk


@dataclass(frozen=True, kw_only=True)
class LargestInformation:
    """bound: certified upper end in bits. attained <= bound: I of joint (n1,n2,K) in D. exact: they meet."""

    bound: float
    attained: float
    joint: Array = field(repr=False)
    nodes: int
    exact: bool


_SAFETY = 1e-10  # bits: rounding of vertices, far below any use


def largest_information(
    p12: Array,
    p1y: Array,
    p2y: Array,
    *,
    time_limit: float = 5.0,
    steps: int | None = None,
    tolerance: float = 1e-9,
) -> LargestInformation:
    """Largest I_r({X1,X2};Y) in bits over D: p12 (n1,n2), p1y (n1,K), p2y (n2,K).

    time_limit in seconds; or steps: so many branchings and no clock, the same answer on any machine. tolerance in
    bits: gap at which branching stops. `exact` says that bound and
    attained agree within it. Zero margins forbid their cells; `MarginsError` if D is empty.
    """
    if (*p12.shape, p1y.shape[1]) == (2, 2, 2):
        joint = min(segment_ends(p12, p1y, p2y), key=lambda r: float(entr(r).sum()))
        return judged(joint, float(mutual_information(joint)), 0, tolerance)
    deadline = clock_of(time_limit, steps)
    system = linear_system(p12, p1y, p2y)
    vertex = feasible_joint(system)[system.rows, system.cols, system.labels]
    start = start_at(system.matrix.toarray(), vertex, np.random.default_rng(0))
    listed = _by_enumeration(system, start, time_limit, tolerance)
    if listed is not None:
        return listed
    bound = min(information_ceiling(p12, p1y, p2y), float(entropy(p1y.sum(0))))
    target = float(to_nats(entropy(p12) + entropy(p1y.sum(0)) - bound + tolerance))
    pivots = None if steps is None else PIVOTS

    def clock() -> Callable[[], bool]:
        return clock_of(min(0.08 * time_limit, 0.6), pivots)

    two = p1y.shape[1] == 2
    joint = system.joint(vertex)
    if not two or steps is None:  # by steps, one walk must do
        joint = system.joint(walk(start, _entropies, deadline=clock(), rng=np.random.default_rng(0), target=target))
    if two and target < float(entr(joint).sum()):
        problem, rng = _entropy_of(p12, p1y, p2y), np.random.default_rng(0)
        point = anneal(problem, joint[:, :, 0], cold=0.1, deadline=clock(), rng=rng, target=target)
        joint = np.stack([point, p12 - point], axis=2)
    nodes = 0
    if max(p12.shape) <= WIDEST and bound - float(mutual_information(joint)) > tolerance:
        parts = p1y.shape[1] if p1y.shape[1] > 2 else 1
        clocks = (
            [deadline]
            if parts == 1
            else [
                clock_of(0.8 * time_limit / parts, None if steps is None else -(-steps // parts)) for _ in range(parts)
            ]
        )
        certified, joint, nodes = _by_branching(p12, p1y, p2y, joint, clocks, tolerance)
        bound = min(bound, certified)
    return judged(joint, bound, nodes, tolerance)


def judged(joint: Array, bound: float, nodes: int, tolerance: float) -> LargestInformation:
    """A joint and a bound as a solution."""
    attained = float(mutual_information(joint))
    bound = max(bound, attained)
    return LargestInformation(
        bound=bound, attained=attained, joint=joint, nodes=nodes, exact=bound - attained <= tolerance + _SAFETY
    )


def _entropies(points: Array) -> Array:
    """Joint entropies (F,) in nats of points (F, n) on the support."""
    return np.asarray(entr(points).sum(axis=1))


_PER_SECOND = 30_000  # bases that an enumeration visits, a careful figure
_DEEPEST = 12  # dimensions of D beyond which there are too many vertices to try


def few_vertices(start: Start, objective: Objective, *, time_limit: float) -> Enumeration | None:
    """All vertices of D; None where there are too many."""
    n, d = start.lines.shape
    if n > 64 or d > _DEEPEST:
        return None
    found = enumerate_vertices(start, objective, limit=int(_PER_SECOND * min(time_limit, 3.0)) + 1)
    return found if found.complete else None


def slack_of(entries: int, infeasibility: float) -> float:
    """Bits by which the entropy of a vertex of the relaxed set can differ from that of a point of D near it."""
    mass = entries * infeasibility
    return 0.0 if infeasibility < 1e-15 else mass * (1 - float(to_bits(math.log(min(mass, 0.5)))))


def _by_enumeration(
    system: LinearSystem, start: Start, time_limit: float, tolerance: float
) -> LargestInformation | None:
    found = few_vertices(start, _entropies, time_limit=time_limit)
    if found is None:
        return None
    joint = system.joint(found.point)
    slack = slack_of(len(system.rows), found.infeasibility)
    return judged(joint, float(mutual_information(joint)) + slack, found.count, tolerance)


def _binary_entropy_nats(s: Array, capacity: Array) -> Array:
    """Entropy of the two parts s and capacity - s of a cell, in nats; concave in s."""
    return np.asarray(entr(np.maximum(s, 0.0)) + entr(np.maximum(capacity - s, 0.0)))


def _entropy_of(p12: Array, p1y: Array, p2y: Array, label: int = 0) -> TwoLabels:
    """H(X1,X2,[Y=label]) in nats as a sum of concave functions of the cells."""
    return TwoLabels(hi=p12, a=p1y[:, label], b=p2y[:, label], f=_binary_entropy_nats)


def _by_branching(
    p12: Array,
    p1y: Array,
    p2y: Array,
    joint: Array,
    clocks: list[Callable[[], bool]],
    tolerance: float,
) -> tuple[float, Array, int]:
    """Bound in bits, best joint, nodes; a clock for each label that is taken apart from the others."""
    K = p1y.shape[1]
    h12, hy, nodes, bound = float(entropy(p12)), float(entropy(p1y.sum(0))), 0, math.inf
    for label, clock in enumerate(clocks):
        found = _one_label(p12, p1y, p2y, joint, label, clock, tolerance)
        nodes += found.nodes
        # H(Y|X) >= H([Y=label]|X) = H(X, [Y=label]) - H(X)
        bound = min(bound, hy + h12 - float(to_bits(found.lower)) + _SAFETY)
        if K == 2 and found.value < entr(joint).sum():
            joint = np.stack([found.point, np.maximum(p12 - found.point, 0.0)], axis=2)
    return bound, joint, nodes


def _one_label(
    p12: Array, p1y: Array, p2y: Array, joint: Array, label: int, clock: Callable[[], bool], tolerance: float
) -> Searched:
    """Least entropy in nats of (X1, X2, [Y=label]) over its own identified set, which contains the image of D."""
    problem = _entropy_of(p12, p1y, p2y, label)
    return search(problem, joint[:, :, label], tolerance=0.5 * float(to_nats(tolerance)), deadline=clock)


def largest_information_2x2x2(joints: Array) -> tuple[Array, Array]:
    """Largest information (B,) in bits and the joints (B,2,2,2) that attain it, from any joints in D.

    D is the segment r + t (-1)^(x1+x2+y); H(Y|X1,X2) is concave on it, so the optimum is at an end.
    """
    up = np.where(PARITY < 0, joints, np.inf).min(axis=(1, 2, 3))[:, None, None, None]  # largest t
    down = np.where(PARITY > 0, joints, np.inf).min(axis=(1, 2, 3))[:, None, None, None]  # largest -t
    ends = np.maximum(np.stack([joints + up * PARITY, joints - down * PARITY]), 0.0)
    better = entr(ends).sum(axis=(2, 3, 4)).argmin(axis=0)  # H(X1,X2) is fixed: least H(r)
    best = ends[better, np.arange(len(joints))]
    return mutual_information(best, batch=1), best
