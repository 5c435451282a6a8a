"""Largest information that k modalities can have about the label, given p(x_i,y) and tables of their codes.

H(Y|X1..Xk) is concave in the joint, so the largest information lies at a vertex of the identified set: all are
listed where they are few, else a walk over good ones gives what is attained and the coupling bound is certified.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr

from interplay.information import Array, entropy, to_bits
from interplay.solvers.arrays import Index
from interplay.solvers.clock import clock_of
from interplay.solvers.code_cells import Cells, Codes, cells_of
from interplay.solvers.coupling import meet_entropy, meet_many
from interplay.solvers.identified_set import solve
from interplay.solvers.least_information import checked
from interplay.solvers.synergy_max import (
    LargestInformation,
    few_vertices,
    judged,
    slack_of,
)
from interplay.solvers.vertices import Start, start_at, walk


def most_information(
    margins: Sequence[ArrayLike],
    codes: Sequence[tuple[Sequence[int], ArrayLike]],
    *,
    time_limit: float = 5.0,
    tolerance: float = 1e-9,
) -> LargestInformation:
    """Largest I({X1..Xk};Y) in bits; arguments as in `least_information`, time_limit in seconds.

    bound: certified; attained: of the joint returned; exact: they agree within the tolerance.
    """
    tables, known = checked(margins, codes)
    cells = cells_of(tables, known)
    sizes = tuple(len(p) for p in tables)
    start = _start(cells)
    at = np.flatnonzero(cells.allowed.ravel())
    label_entropy = float(entropy(tables[0].sum(axis=0)))

    def conditional_entropies(points: Array) -> Array:
        full = np.zeros((len(points), cells.allowed.size))
        full[:, at] = points
        sums = full.reshape(len(points), *cells.allowed.shape).sum(axis=2)
        return np.asarray(entr(points).sum(axis=1) - entr(sums).sum(axis=1))

    listed = few_vertices(start, conditional_entropies, time_limit=time_limit)
    if listed is not None:
        joint = _table(cells, at, listed.point, sizes)
        slack = 2 * slack_of(len(at), listed.infeasibility)
        return judged(joint, label_entropy - float(to_bits(listed.value)) + slack, listed.count, tolerance)
    bound = _coupling_bound(tables, known)
    point = walk(
        start,
        conditional_entropies,
        unit=1 / int(cells.allowed.any(axis=1).sum()),
        cold=0.1,
        deadline=clock_of(min(0.3 * time_limit, 1.0)),
        rng=np.random.default_rng(0),
    )
    return judged(_table(cells, at, point, sizes), bound, 0, tolerance)


def _start(cells: Cells) -> Start:
    """A first basis, at a vertex that a linear programme finds."""
    use = np.flatnonzero(cells.allowed.ravel())
    system = cells.known[use].T.tocsr()
    target = np.concatenate([cells.first, cells.second])
    rows = np.flatnonzero((np.diff(system.indptr) > 0) | (target > 0))
    found = solve(np.zeros(len(use)), A_eq=system[rows], b_eq=target[rows], bounds=(0, None))
    return start_at(system[rows].toarray(), np.maximum(found.x, 0.0), np.random.default_rng(0))


def _table(cells: Cells, at: Index, point: Array, sizes: tuple[int, ...]) -> Array:
    """Coordinates of the allowed entries as a joint (n1,...,nk,K)."""
    flat = np.zeros(cells.allowed.size)
    flat[at] = np.maximum(point, 0.0)
    joint = np.zeros((*sizes, cells.count))
    joint[tuple(cells.codes.T)] = flat.reshape(cells.allowed.shape)
    return joint


def _coupling_bound(tables: Sequence[Array], known: Codes) -> float:
    """H(Y), or H(X1..Xk) + H(Y) less the entropy that the majorization meet of all tables leaves, if that is less.

    H(X1..Xk) is at most the entropy of any known table plus those of the modalities that it lacks. Given a label, the
    codes are a coupling of p(x_i|y), so H(X1..Xk,Y) is not below the sum of the entropies of their meets either: that
    is all there is where no table of codes is known.
    """
    singles = [float(entropy(p.sum(axis=1))) for p in tables]
    label = float(entropy(tables[0].sum(axis=0)))
    codes = [float(entropy(t)) + sum(h for i, h in enumerate(singles) if i not in axes) for axes, t in known]
    widest = min([sum(singles), *codes])
    by_label = float(entropy(meet_many(*(p.T for p in tables))))
    least = max(meet_entropy(*tables, *(t for _, t in known)), by_label)
    return min(label, widest + label - least)
