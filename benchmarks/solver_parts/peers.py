"""What one can install for the same problems. Each peer prepares its own input; only the call to it is timed.

A peer is a function of the tables that returns (solve, read): `solve()` is timed, `read(answer)` gives bits.
Preparing a peer's matrices is thus free for the peer; ours are timed from tables to certificate.
"""

import contextlib
import io
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from interplay.information import entropy, mutual_information

Array = NDArray[np.float64]
Prepared = tuple[Callable[[], Any], Callable[[Any], float]]
Peer = Callable[..., Prepared]
TIGHT = 1e-8


def cells_and_margins(p1: Array, p2: Array, p12: Array | None) -> tuple[Array, Array, sparse.csc_matrix, Array]:
    """Allowed cells (m,3), their pair index (m,), margin equations and right sides; redundant ones left out."""
    allowed = (p1[:, None] > 0) & (p2[None] > 0)
    if p12 is not None:
        allowed &= p12[:, :, None] > 0
    cells = np.argwhere(allowed)
    i, j, y = cells.T
    k, n1, n2 = p1.shape[1], len(p1), len(p2)
    ids, right = [i * k + y, n1 * k + j * k + y], [p1.ravel(), p2.ravel()]
    if p12 is not None:
        ids.append((n1 + n2) * k + i * n2 + j)
        right.append(p12.ravel())
    at = np.tile(np.arange(len(cells)), len(ids))
    values = np.concatenate(right)
    a = sparse.csr_matrix((np.ones(len(at)), (np.concatenate(ids), at)), shape=(len(values), len(cells)))
    keep = np.diff(a.indptr) > 0
    return cells, i * n2 + j, a[keep].tocsc(), values[keep]


def cone_rows(pairs: Array) -> sparse.csc_matrix:
    """Rows (-t, q_cell, q_pair), triple by triple, on variables (q, t): q log(q / q_pair) <= t."""
    m = len(pairs)
    order = np.arange(m)
    same = sparse.csr_matrix((np.ones(m), (order, pairs)))
    sums = (same @ same.T).tocoo()
    rows = np.concatenate([3 * order, 3 * order + 1, 3 * sums.row + 2])
    cols = np.concatenate([m + order, order, sums.col])
    data = np.concatenate([-np.ones(m), np.ones(m), sums.data])
    return sparse.csc_matrix((data, (rows, cols)), shape=(3 * m, 2 * m))


def to_joint(cells: Array, x: Array, p1: Array, p2: Array) -> Array:
    joint = np.zeros((len(p1), len(p2), p1.shape[1]))
    joint[tuple(cells.T)] = np.maximum(x[: len(cells)], 0.0)
    return joint


def union_ecos(p1: Array, p2: Array) -> Prepared:
    """The exponential cone formulation of BROJA_2PID."""
    import ecos  # noqa: PLC0415  may be missing

    cells, pairs, a, b = cells_and_margins(p1, p2, None)
    m = len(pairs)
    swap = np.arange(3 * m).reshape(m, 3)[:, [0, 2, 1]].ravel()  # ECOS orders its cone (x, z, y)
    g, h = -cone_rows(pairs)[swap].tocsc(), np.zeros(3 * m)
    equalities = sparse.hstack([a, sparse.csc_matrix(a.shape)]).tocsc()
    cost, cones = np.concatenate([np.zeros(m), np.ones(m)]), {"l": 0, "q": [], "e": m}
    return (
        lambda: ecos.solve(cost, g, h, cones, equalities, b, verbose=False),
        lambda found: float(mutual_information(to_joint(cells, found["x"], p1, p2))),
    )


def clarabel_cones(equalities: sparse.csc_matrix, b: Array, g: sparse.csc_matrix, ones: Array) -> Callable[[], Array]:
    import clarabel  # noqa: PLC0415  may be missing

    options = clarabel.DefaultSettings()
    options.verbose = False
    options.tol_gap_abs = options.tol_gap_rel = options.tol_feas = TIGHT
    kinds = [clarabel.ZeroConeT(len(b))] + [clarabel.ExponentialConeT()] * (len(ones) // 3)
    n = equalities.shape[1]
    cost = np.concatenate([np.zeros(n // 2), np.ones(n // 2)])
    matrix, right = sparse.vstack([equalities, -g]).tocsc(), np.concatenate([b, ones])
    quadratic = sparse.csc_matrix((n, n))
    return lambda: np.asarray(clarabel.DefaultSolver(quadratic, cost, matrix, right, kinds, options).solve().x)


def union_clarabel(p1: Array, p2: Array) -> Prepared:
    cells, pairs, a, b = cells_and_margins(p1, p2, None)
    g = cone_rows(pairs)
    solve = clarabel_cones(sparse.hstack([a, sparse.csc_matrix(a.shape)]).tocsc(), b, g, np.zeros(g.shape[0]))
    return solve, lambda x: float(mutual_information(to_joint(cells, x, p1, p2)))


def union_dit(p1: Array, p2: Array) -> Prepared:
    """PID_BROJA of the joint that is independent given the label; it has the same two tables."""
    import dit  # noqa: PLC0415  may be missing
    from dit.pid import PID_BROJA  # noqa: PLC0415

    labels = p1.sum(axis=0)
    joint = p1[:, None] * p2[None] / np.where(labels > 0, labels, 1.0)
    at = np.argwhere(joint > 0)
    found = dit.Distribution([tuple(map(str, c)) for c in at], list(joint[tuple(at.T)]))
    without_synergy = (((0,), (1,)), ((0,),), ((1,),))
    return lambda: PID_BROJA(found), lambda pid: float(sum(pid.get_pi(node) for node in without_synergy))


def maxent_clarabel(p12: Array, p1: Array, p2: Array) -> Prepared:
    cells, _, a, b = cells_and_margins(p1, p2, p12)
    m, order = len(cells), np.arange(len(cells))
    rows, cols = np.concatenate([3 * order, 3 * order + 1]), np.concatenate([m + order, order])
    g = sparse.csc_matrix((np.concatenate([-np.ones(m), np.ones(m)]), (rows, cols)), shape=(3 * m, 2 * m))
    ones = np.tile([0.0, 0.0, 1.0], m)
    solve = clarabel_cones(sparse.hstack([a, sparse.csc_matrix(a.shape)]).tocsc(), b, g, ones)
    return solve, lambda x: float(entropy(to_joint(cells, x, p1, p2)))


def maxent_ipfn(p12: Array, p1: Array, p2: Array) -> Prepared:
    from ipfn import ipfn  # noqa: PLC0415  may be missing

    start = ((p12[:, :, None] > 0) & (p1[:, None] > 0) & (p2[None] > 0)).astype(float)

    def solve() -> Array:
        # its default rate_tolerance stops at the boundary long before the margins fit
        fit = ipfn.ipfn(
            start.copy(),  # it writes into its start: a second call would find the problem solved
            [p12, p1, p2],
            [[0, 1], [0, 2], [1, 2]],
            convergence_rate=1e-7,
            max_iteration=10_000,
            rate_tolerance=0.0,
        )
        with contextlib.redirect_stdout(io.StringIO()):  # it prints whenever it stops
            return np.asarray(fit.iteration())

    return solve, lambda joint: float(entropy(joint))


def ipfn_until(p12: Array, p1: Array, p2: Array, exact: float, *, accuracy: float, patience: float) -> tuple:
    """ipfn, a few more sweeps at a time, until its joint is as good as a certified one: seconds, sweeps, error in bits.

    As good: entropy within `accuracy` bits of `exact`, margins within `accuracy`. Only its own processor time counts;
    it is left after `patience` seconds.
    """
    from ipfn import ipfn  # noqa: PLC0415  may be missing

    margins, axes = [p12, p1, p2], [[0, 1], [0, 2], [1, 2]]
    joint = ((p12[:, :, None] > 0) & (p1[:, None] > 0) & (p2[None] > 0)).astype(float)
    seconds, sweeps = 0.0, 0
    while True:
        more = max(5, sweeps // 4)
        fit = ipfn.ipfn(joint, margins, axes, convergence_rate=0.0, max_iteration=more, rate_tolerance=0.0)
        begin = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            joint = np.asarray(fit.iteration())
        seconds, sweeps = seconds + time.process_time() - begin, sweeps + more
        off = max(float(np.abs(joint.sum(axis=3 - sum(kept)) - m).max()) for m, kept in zip(margins, axes, strict=True))
        error = abs(float(entropy(joint)) - exact)
        if max(off, error) <= accuracy or seconds > patience:
            return seconds, sweeps, error, off


UNION: dict[str, Peer] = {"ECOS": union_ecos, "Clarabel": union_clarabel, "dit": union_dit}
MAXENT: dict[str, Peer] = {"ipfn": maxent_ipfn, "Clarabel": maxent_clarabel}
