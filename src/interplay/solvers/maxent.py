"""Maximum entropy over the identified set: all three pairwise tables fixed, the sharp lower end of synergy.

The solution is log-linear, r = exp(a(x1,y) + b(x2,y) + c(x1,x2)), and any a, b, c certify an upper bound.
Given a and b the best c normalises every cell, r(y|x1,x2) = softmax_y(a + b): what is left is a smooth convex
problem in a and b, sum p12 logsumexp_y(a + b) - <p1y,a> - <p2y,b>: a multinomial logistic regression. A few
fitting sweeps (IPF) start it, Newton's method finishes it.

Boundary: the three tables may force zeros where no table has one. Then no optimal a, b exist, fitting sweeps
converge like 1/n and duals run off. Newton's direction then points along the exposing vector of the face, and
the line search may take many times its length; the linearised step r (1 + change) has all three margins
and is (to rounding) zero on the forced cells, so it is the joint that is returned.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from interplay.errors import InputError, MarginsError, ShapeError, SolverError
from interplay.information import Array, entropy
from interplay.results import Certificate
from interplay.solvers import certificate_batch, maxent_newton, maxent_small, maxent_two
from interplay.solvers.certificate import entropy_upper_bound, margin_residual

AGREE = 1e-9  # margins may differ by this much; less is repaired, more is an error
AGREE_SINGLE = 1e-6  # the same for tables in single precision, which are repaired before anything else
ROUNDED = 4e-16  # margins this close cannot come closer
EXACT = 1e-13  # largest violation of a margin that the solver of small problems may leave
FEASIBLE = 1e-9  # larger violations of a margin by the best joint are not called a solution


@dataclass(frozen=True, kw_only=True)
class MaxentSolution:
    """entropy: bits, of joint (n1,n2,K), which has the three margins. a (n1,K), b (n2,K), c (n1,n2): nats."""

    entropy: float
    joint: Array
    a: Array
    b: Array
    c: Array
    certificate: Certificate


@dataclass(frozen=True, kw_only=True)
class MaxentBatch:
    """entropy (B,): bits, of joint (B,n1,n2,K); upper (B,): certified bound; gap = upper - entropy.

    primal_residual (B,): largest violation of a margin by the joint.
    """

    entropy: Array
    upper: Array
    gap: Array
    joint: Array
    primal_residual: Array


def maximum_entropy(p12: ArrayLike, p1y: ArrayLike, p2y: ArrayLike, *, tolerance: float = 1e-9) -> MaxentSolution:
    """Joint of largest entropy with tables p12 (n1,n2), p1y (n1,K), p2y (n2,K).

    Raises MarginsError if no joint has all three, SolverError if the gap exceeds `tolerance` bits.
    """
    tables = _checked(p12, p1y, p2y, axes=2)
    fair = _repaired(*tables)
    few = None
    if maxent_small.fits(*fair):
        few = maxent_small.solve(*fair)
    elif fair[1].shape[1] == 2:
        few = maxent_two.solve(*fair, tolerance=tolerance / 2)
    solution = _certified(tables, *few) if few else None
    if solution is None or not (
        solution.certificate.gap <= tolerance and solution.certificate.primal_residual <= EXACT
    ):
        found = maxent_newton.solve(*(t[None] for t in fair), tolerance=tolerance / 2)
        solution = _certified(tables, found.joint[0], found.a[0], found.b[0], found.c[0])
    _judge(solution.certificate, solution.entropy + solution.certificate.gap, tables, tolerance)
    return solution


def _certified(tables: tuple[Array, Array, Array], joint: Array, a: Array, b: Array, c: Array) -> MaxentSolution:
    """A joint and its duals with what their certificate says."""
    p12_, p1_, p2_ = tables
    upper = entropy_upper_bound(p12_, p1_, p2_, a, b, c)
    value = float(entropy(joint))
    certificate = Certificate(
        gap=upper - value,
        primal_residual=margin_residual(joint, (p12_, 2), (p1_, 1), (p2_, 0)),
        dual_residual=0.0,
        unit="bits",
    )
    return MaxentSolution(entropy=value, joint=joint, a=a, b=b, c=c, certificate=certificate)


def _judge(certificate: Certificate, upper: float, tables: tuple[Array, Array, Array], tolerance: float) -> None:
    """Raise if the set is provably empty or the answer is not good enough."""
    needed = max(float(entropy(t)) for t in tables)
    if upper < needed - 1e-6 or certificate.primal_residual > FEASIBLE:
        raise MarginsError(
            f"three tables that no joint fits (best joint is off by {certificate.primal_residual:.1e})",
            expected="tables of one joint distribution",
            next_step="reconcile the tables, which finds the nearest ones that fit",
        )
    if not certificate.gap <= tolerance:
        raise SolverError(
            f"maximum entropy joint has a certified gap of {certificate.gap:.2e} bits",
            expected=f"at most {tolerance:.0e}",
            next_step="raise the tolerance, or merge codes that hold almost no mass",
        )


def maximum_entropy_many(p12: ArrayLike, p1y: ArrayLike, p2y: ArrayLike, *, tolerance: float = 1e-9) -> MaxentBatch:
    """`maximum_entropy` for B problems at once: p12 (B,n1,n2), p1y (B,n1,K), p2y (B,n2,K).

    Never raises for a hard or impossible instance: its gap and residual say how far it got.
    """
    tables = _checked(p12, p1y, p2y, axes=3)
    batch, n1, n2 = tables[0].shape
    k = tables[1].shape[2]
    found = maxent_newton.solve_many(*_repaired(*tables), tolerance=tolerance / 2)
    upper = certificate_batch.entropy_upper_bound(*tables, found.a, found.b, found.c)
    joint = found.joint.reshape(batch, n1, n2, k)
    value = entropy(joint, batch=1)
    off = np.abs(joint.sum(axis=3) - tables[0]).max(axis=(1, 2), initial=0.0)
    residual = np.maximum(certificate_batch.margin_residual(joint, tables[1], tables[2]), off)
    return MaxentBatch(entropy=value, upper=upper, gap=upper - value, joint=joint, primal_residual=residual)


def _checked(p12: ArrayLike, p1y: ArrayLike, p2y: ArrayLike, *, axes: int) -> tuple[Array, Array, Array]:
    """The tables as float64, or an error that names the fault."""
    tables = tuple(np.asarray(t, dtype=np.float64) for t in (p12, p1y, p2y))
    a, b, c = (t.shape for t in tables)
    fits = len(a) == len(b) == len(c) == axes and a[:-2] == b[:-2] == c[:-2]
    if not (fits and a[-2] == b[-2] and a[-1] == c[-2] and b[-1] == c[-1] and 0 not in a[-2:] + b[-1:]):
        raise ShapeError(
            f"tables of shapes {a}, {b} and {c}",
            expected="(..., n1, n2), (..., n1, K) and (..., n2, K)",
            next_step="give p(x1,x2), p(x1,y), p(x2,y) in this order",
        )
    if not all(np.isfinite(t).all() and t.min(initial=0.0) >= 0 for t in tables):
        raise InputError(
            "a negative or non-finite cell",
            expected="probabilities",
            next_step="check the tables for missing values",
        )
    p, q, r = tables
    single = any(np.asarray(t).dtype == np.float32 for t in (p12, p1y, p2y))
    for name, one, two in (
        ("p(x1)", p.sum(axis=-1), q.sum(axis=-1)),
        ("p(x2)", p.sum(axis=-2), r.sum(axis=-1)),
        ("p(y)", q.sum(axis=-2), r.sum(axis=-2)),
    ):
        off = np.abs(one - two).max(initial=0.0)
        if off > (AGREE_SINGLE if single else AGREE):
            raise MarginsError(
                f"{name} differs by {off:.2e} between two tables",
                expected="the same margin in both",
                next_step="reconcile the tables first",
            )
    return _repaired(p, q, r) if single else (p, q, r)


def _rake(table: Array, rows: Array, cols: Array) -> Array:
    """Table (..., n,K) moved onto its margins by a few proportional sweeps (it is off by rounding only)."""
    for _ in range(4):
        have = table.sum(axis=-1)
        off = abs(have - rows).max(initial=0.0)
        table = table * (rows / np.where(have > 0, have, 1.0))[..., None]
        have = table.sum(axis=-2)
        if max(off, abs(have - cols).max(initial=0.0)) <= ROUNDED:
            break
        table = table * (cols / np.where(have > 0, have, 1.0))[..., None, :]
    return table


def _repaired(p12: Array, p1y: Array, p2y: Array) -> tuple[Array, Array, Array]:
    """The tables with margins that agree to rounding."""
    labels = p1y.sum(axis=-2)
    total = labels.sum(axis=-1, keepdims=True)
    labels = labels * np.where(total > 0, p12.sum(axis=(-2, -1))[..., None] / np.where(total > 0, total, 1.0), 1.0)
    return p12, _rake(p1y, p12.sum(axis=-1), labels), _rake(p2y, p12.sum(axis=-2), labels)
