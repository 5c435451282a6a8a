"""Largest information over the identified set: minimise the concave H_r(Y|X1,X2) over a polytope.

H(X1,X2) is fixed on D, so this is the least joint entropy H(r); it lies at a vertex of D. `bound` is certified
from above, `attained` is the information of a joint that was found. 2x2x2: closed form. Small tables: every
vertex. Else branch and bound with envelopes of slices: of s = r(., ., 0) for two labels, of r for more. The cells'
ceiling (`solvers.cell_limits`) always stands behind them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.special import entr

from interplay.information import Array, entropy, mutual_information, to_bits, to_nats
from interplay.solvers.cell_limits import information_ceiling
from interplay.solvers.clock import PIVOTS, PIVOTS_OF_MORE, clock_of
from interplay.solvers.envelope import LONGEST, affordable, search
from interplay.solvers.identified_set import PARITY, LinearSystem, feasible_joint, linear_system, segment_ends
from interplay.solvers.slices import all_labels, two_labels
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
_LISTED_FOR = 0.7  # seconds for listing all vertices of D; branching is then quicker
_WALKED_A_CELL = (
    0.002  # seconds, at most, of a walk before branching, for each number of the joint that may be positive
)
_COLD = 0.1  # its last temperature


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
    bits: gap at which branching stops. `exact` says that bound and attained agree within it. Zero margins
    forbid their cells; `MarginsError` if D is empty.
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
    two, rng = p1y.shape[1] == 2, np.random.default_rng(0)
    pivots = None if steps is None else PIVOTS if two else PIVOTS_OF_MORE
    clock = clock_of(min(0.1 * time_limit, _WALKED_A_CELL * (p12.size if two else len(system.rows))), pivots)
    joint = system.joint(vertex)
    if two:
        point = anneal(p12, _binary_entropy_nats, joint[:, :, 0], cold=_COLD, deadline=clock, rng=rng, target=target)
        joint = np.stack([point, p12 - point], axis=2)
    else:
        unit = 1 / len(system.cells)
        point = walk(start, _entropies, unit=unit, cold=_COLD, deadline=clock, rng=rng, target=target)
        joint = system.joint(point)
    nodes = 0
    longest = max(p12.shape) if two else max(*p12.shape, p1y.shape[1])
    if longest <= LONGEST and bound - float(mutual_information(joint)) > tolerance:
        vertices = affordable(time_limit, steps, two=two, longest=longest)
        certified, joint, nodes = _by_branching(p12, p1y, p2y, joint, deadline, tolerance, vertices)
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
    found = few_vertices(start, _entropies, time_limit=min(time_limit, _LISTED_FOR))
    if found is None:
        return None
    joint = system.joint(found.point)
    slack = slack_of(len(system.rows), found.infeasibility)
    return judged(joint, float(mutual_information(joint)) + slack, found.count, tolerance)


def _binary_entropy_nats(s: Array, capacity: Array) -> Array:
    """Entropy of the two parts s and capacity - s of a cell, in nats; concave in s."""
    return np.asarray(entr(np.maximum(s, 0.0)) + entr(np.maximum(capacity - s, 0.0)))


def _by_branching(
    p12: Array,
    p1y: Array,
    p2y: Array,
    joint: Array,
    deadline: Callable[[], bool],
    tolerance: float,
    vertices: int,
) -> tuple[float, Array, int]:
    """Bound in bits, best joint, nodes. H(r) is a sum of concave functions of r, with two labels of s = r(., ., 0)."""
    two = p1y.shape[1] == 2
    if two:
        problem, first = two_labels(p12, p1y, p2y, _binary_entropy_nats), joint[:, :, 0]
    else:
        problem, first = all_labels(p12, p1y, p2y, lambda r, _: np.asarray(entr(np.maximum(r, 0.0)))), joint
    accuracy = 0.5 * float(to_nats(tolerance))
    found = search(problem, first.ravel(), tolerance=accuracy, deadline=deadline, listed=vertices)
    if found.value < entr(joint).sum():
        s = found.point.reshape(first.shape)
        joint = np.stack([s, np.maximum(p12 - s, 0.0)], axis=2) if two else s
    most = float(entropy(p12)) + float(entropy(p1y.sum(0))) - float(to_bits(found.lower))
    return most + _SAFETY, joint, found.nodes


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
