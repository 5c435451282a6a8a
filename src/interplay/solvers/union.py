"""Union information: the least information that any joint with both labelled margins has about the label.

min I_q({X1,X2};Y) over q(x1,y) = p1y, q(x2,y) = p2y (Bertschinger et al. 2014, "BROJA"). Two labels: closed
form (roc.py, garbling.py). More: interior point (union_interior.py). Every answer is a joint with both margins and
a dual; certificate_batch.py, which knows neither solver, says how far apart they can be.

Zero rows, columns and labels are normal: such cells leave the problem and are zero in the joint.
"""

import numpy as np
from numpy.typing import ArrayLike

from interplay.errors import InputError, MarginsError, ShapeError, SolverError
from interplay.information import Array
from interplay.results import Certificate
from interplay.solvers import certificate_batch, union_few, union_interior, union_small
from interplay.solvers.arrays import Flags, over
from interplay.solvers.garbling import FULL, channel, channels, joint_through
from interplay.solvers.roc import join
from interplay.solvers.rounding import round_to_margins, share_labels
from interplay.solvers.union_solution import AGREE
from interplay.solvers.union_solution import UnionBatch as UnionBatch
from interplay.solvers.union_solution import UnionSolution as UnionSolution
from interplay.solvers.union_sources import SourcesSolution as SourcesSolution
from interplay.solvers.union_sources import union_information_of as union_information_of
from interplay.solvers.union_two_labels import TIE, curves, tiny

AGREE_SINGLE = 1e-6  # the same for tables in single precision, which are repaired before anything else
Point = tuple[Array, Array, Array]  # joint, lam, mu
Columns = tuple[Array, Array, Array, Array]  # value, lower, primal and dual residual, each (B,)

FEW = 8  # up to this many problems at once are quicker one by one
CHUNK = 2_000_000  # numbers in one chunk of joints: stays in memory, and mostly in cache


def union_information(p1y: ArrayLike, p2y: ArrayLike, *, tolerance: float = 1e-9) -> UnionSolution:
    """Union information of tables p1y (n1,K) and p2y (n2,K), which share p(y), in bits.

    Raises SolverError if the certified gap exceeds `tolerance` bits.
    """
    found = tiny(p1y, p2y)
    if found is not None and found.certificate.gap <= tolerance:
        return found
    p1, p2 = _checked(p1y, p2y, axes=2)
    found = curves(p1, p2) if p1.shape[1] == 2 else None
    if found is None or not found.certificate.gap <= tolerance:
        found = _table(p1, p2, tolerance)
    if not found.certificate.gap <= tolerance:
        raise SolverError(
            f"union information of {p1.shape[0]}x{p2.shape[0]}x{p1.shape[1]} cells has gap "
            f"{found.certificate.gap:.2e} bits",
            expected=f"at most {tolerance:.0e}",
            next_step="raise the tolerance, or merge codes that hold almost no mass",
        )
    return found


def _table(p1: Array, p2: Array, tolerance: float) -> UnionSolution:
    """Any problem: a joint as a table, its duals and what their certificate says."""
    fair = share_labels(p1, p2)
    joint, lam, mu = _solve_reduced(p1, fair, tolerance)
    columns = _certified(p1[None], p2[None], (joint[None], lam[None], mu[None]))
    value, lower, residual, repaired = (float(column[0]) for column in columns)
    certificate = Certificate(gap=value - lower, primal_residual=residual, dual_residual=repaired, unit="bits")
    return UnionSolution(value=value, lam=lam, mu=mu, certificate=certificate, primal=joint, margins=(p1, fair))


def union_information_many(p1y: ArrayLike, p2y: ArrayLike, *, tolerance: float = 1e-9) -> UnionBatch:
    """Union information of B problems at once: p1y (B,n1,K), p2y (B,n2,K); zeros may differ between them.

    Never raises for a hard instance: its gap says how far it got.
    """
    p1, p2 = _checked(p1y, p2y, axes=3)
    batch, n1, k = p1.shape
    size = max(1, CHUNK // max(1, n1 * p2.shape[1] * k))
    parts = [_many(p1[i : i + size], p2[i : i + size], tolerance) for i in range(0, batch, size)]
    columns = zip(*parts, strict=True) if parts else iter([[np.zeros(0)]] * 4)
    value, lower, residual, repaired = (np.concatenate(c) for c in columns)
    return UnionBatch(value=value, lower=lower, gap=value - lower, primal_residual=residual, dual_residual=repaired)


def _checked(p1y: ArrayLike, p2y: ArrayLike, *, axes: int) -> tuple[Array, Array]:
    """Both tables as float64, or an error that names the fault."""
    given1, given2 = np.asarray(p1y), np.asarray(p2y)
    p1, p2 = given1.astype(np.float64, copy=False), given2.astype(np.float64, copy=False)
    fits = p1.ndim == axes and p2.ndim == axes and p1.shape[-1] == p2.shape[-1] and p1.shape[:-2] == p2.shape[:-2]
    if not fits or 0 in p1.shape[-2:] or 0 in p2.shape[-2:]:
        raise ShapeError(
            f"tables of shapes {p1.shape} and {p2.shape}",
            expected="(..., n1, K) and (..., n2, K) with the same K >= 1 and the same batch",
            next_step="put codes in rows and labels in columns",
        )
    labels1, labels2 = over(p1, np.add, -2), over(p2, np.add, -2)
    if not (
        min(p1.min(initial=0.0), p2.min(initial=0.0)) >= 0 and np.isfinite(labels1).all() and np.isfinite(labels2).all()
    ):
        raise InputError(
            "a negative or non-finite cell",
            expected="probabilities",
            next_step="check the tables for missing values",
        )
    off = np.abs(labels1 - labels2).max(initial=0.0)
    single = np.float32 in (given1.dtype, given2.dtype)
    if off > (AGREE_SINGLE if single else AGREE):
        raise MarginsError(
            f"label margins that differ by {off:.2e}",
            expected="the same p(y) in both tables",
            next_step="reconcile the tables first",
        )
    return p1, share_labels(p1, p2) if single else p2


def _solve_reduced(p1: Array, p2: Array, tolerance: float) -> Point:
    """Zero rows, columns and labels leave the problem first."""
    rows: Flags = p1.sum(axis=1) > 0
    cols: Flags = p2.sum(axis=1) > 0
    labels: Flags = p1.sum(axis=0) > 0
    if rows.all() and cols.all() and labels.all():
        return _solve_dense(p1, p2, tolerance)
    small = _solve_dense(p1[np.ix_(rows, labels)], p2[np.ix_(cols, labels)], tolerance)
    return _embed(small, rows, cols, labels)


def _solve_dense(p1: Array, p2: Array, tolerance: float) -> Point:
    """Joint and dual where every row, column and label has mass."""
    if p1.shape[1] == 1:
        return p1[:, None, :] * p2[None] / p1.sum(), np.zeros_like(p1), np.zeros_like(p2)
    if p1.shape[1] == 2:
        return _binary(p1, p2)
    quick = union_few.solve(p1, p2, tolerance=tolerance / 2) if union_few.fits(p1, p2) else None
    if quick is not None:
        return quick
    best = union_interior.solve_surely(p1[None], p2[None], tolerance=tolerance / 2)
    return best.joint[0], best.lam[0], best.mu[0]


def _binary(p1: Array, p2: Array) -> Point:
    found = join(p1[None], p2[None])
    kept = found.atoms[0].sum(axis=1) > FULL
    atoms, odds = found.atoms[0][kept], found.odds[0][kept]
    q = joint_through(channel(p1, atoms, odds), channel(p2, atoms, odds), atoms)
    return round_to_margins(q, p1, p2), found.lam[0], found.mu[0]


def _embed(small: Point, rows: Flags, cols: Flags, labels: Flags) -> Point:
    """Put a solution back among its zero rows, columns and labels; duals there are -inf."""
    joint = np.zeros((len(rows), len(cols), len(labels)))
    lam, mu = np.full((len(rows), len(labels)), -np.inf), np.full((len(cols), len(labels)), -np.inf)
    joint[np.ix_(rows, cols, labels)] = small[0]
    lam[np.ix_(rows, labels)], mu[np.ix_(cols, labels)] = small[1], small[2]
    return joint, lam, mu


def _many(p1: Array, p2: Array, tolerance: float) -> Columns:
    """value, lower, primal and dual residual (B,) of one chunk."""
    fair = share_labels(p1, p2)
    if p1.shape[2] == 1:
        zero = np.zeros(len(p1))
        return zero, zero, np.abs(p1.sum(axis=(1, 2)) - p2.sum(axis=(1, 2))), zero
    if p1.shape[2] > 2:
        best = union_interior.solve_surely(p1, fair, tolerance=tolerance / 2)
        return _certified(p1, p2, (best.joint, best.lam, best.mu))
    if p1.shape[1:] != (2, 2) or p2.shape[1:] != (2, 2):
        return _certified(p1, p2, _binary_many(p1, fair))
    columns = _certified(p1, p2, union_small.solve(p1, fair))
    hard = np.flatnonzero(~(columns[0] - columns[1] <= TIE))
    if len(hard):
        for column, better in zip(
            columns, _certified(p1[hard], p2[hard], _binary_many(p1[hard], fair[hard])), strict=True
        ):
            column[hard] = better
    return columns


def _certified(p1: Array, p2: Array, found: Point) -> Columns:
    joint, lam, mu = found
    value = certificate_batch.information(joint)
    lower, repaired = certificate_batch.union_lower_bound(p1, p2, lam, mu)
    return value, lower, certificate_batch.margin_residual(joint, p1, p2), repaired


def _binary_many(p1: Array, p2: Array) -> Point:
    if len(p1) <= FEW:
        parts = zip(*(_binary(a, b) for a, b in zip(p1, p2, strict=True)), strict=True)
        joint, lam, mu = (np.stack(part) for part in parts)
        return joint, lam, mu
    found = join(p1, p2)
    flow1, flow2 = channels(p1, found.atoms, found.odds), channels(p2, found.atoms, found.odds)
    return round_to_margins(joint_through(flow1, flow2, found.atoms), p1, p2), found.lam, found.mu
