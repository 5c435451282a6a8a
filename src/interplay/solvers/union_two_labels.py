"""One union problem of two labels in closed form, with its certificate: two codes by formula, more by ROC curves."""

from math import inf
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from interplay.information import Array
from interplay.results import Certificate
from interplay.solvers import certificate_batch, certificate_channels, certificate_small, union_tiny
from interplay.solvers.certificate_small import Table
from interplay.solvers.garbling import Garblings, moves
from interplay.solvers.roc_single import join_one
from interplay.solvers.rounding import share_labels
from interplay.solvers.union_solution import AGREE, EXACT, UnionSolution

TIE = 1e-12  # bits; a larger gap of the 2x2x2 formula means that rounding chose the wrong case


def tiny(p1: ArrayLike, p2: ArrayLike) -> UnionSolution | None:
    """Two codes, two codes and two labels by their formula; None for anything else.

    Also for tables with a fault, which the caller's checks name, and where rounding chose the wrong case.
    """
    for p in (p1, p2):
        if not (isinstance(p, np.ndarray) and p.shape == (2, 2) and p.dtype == np.float64):
            return None
    p1, p2 = cast(Array, p1), cast(Array, p2)
    one, two = p1.tolist(), p2.tolist()
    if not _usable(one, two):
        return None
    joint, lam, mu = union_tiny.solve(one, union_tiny.share_labels(one, two))
    value = certificate_small.information(joint)
    lower, repaired = certificate_small.union_lower_bound(one, two, lam, mu)
    if not value - lower <= TIE:
        return None
    residual = certificate_small.margin_residual(joint, one, two)
    rows = (*lam, *mu, *joint[0], *joint[1])
    numbers = np.array([x for row in rows for x in row]).reshape(4, 2, 2)  # one array: three take a tenth of the time
    return UnionSolution(
        value=value,
        lam=numbers[0],
        mu=numbers[1],
        certificate=Certificate(gap=value - lower, primal_residual=residual, dual_residual=repaired, unit="bits"),
        primal=numbers[2:],
        margins=(p1, p2),
    )


def _usable(one: Table, two: Table) -> bool:
    """Whether all cells are finite and not negative and both tables have one p(y)."""
    (a, b), (c, d) = one
    (e, f), (g, h) = two
    total = a + b + c + d + e + f + g + h  # nan or infinite if any cell is
    if not 0.0 < total < inf or min(a, b, c, d, e, f, g, h) < 0.0:
        return False
    return abs(a + c - e - g) <= AGREE and abs(b + d - f - h) <= AGREE


def curves(p1: Array, p2: Array) -> UnionSolution | None:
    """Two labels: the join of two curves, and channels from it; None if a margin is missed by more than rounding."""
    fair = share_labels(p1, p2)
    found = join_one(p1, fair)
    mine = found.order < len(p1)
    one, two = (
        moves(p.T[:, at], found.places[:, side], at, found.atoms, found.odds)
        for p, side, at in ((p1, mine, found.order[mine]), (fair, ~mine, found.order[~mine] - len(p1)))
    )
    value, residual = certificate_channels.bound_and_residual(found.atoms, one, two, p1, p2)
    if not residual <= EXACT:
        return None
    lower, repaired = certificate_batch.union_lower_bound(p1[None], p2[None], found.lam[None], found.mu[None])
    certificate = Certificate(
        gap=value - float(lower[0]), primal_residual=residual, dual_residual=float(repaired[0]), unit="bits"
    )
    return UnionSolution(
        value=value,
        lam=found.lam,
        mu=found.mu,
        certificate=certificate,
        primal=Garblings(found.atoms, one, two),
        margins=(p1.copy(), fair),  # the caller may write into his own before the joint is asked for
    )
