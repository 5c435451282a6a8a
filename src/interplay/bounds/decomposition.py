"""Redundancy, uniqueness and synergy: exact from a joint, and what the margins identify without one."""

import numpy as np
from numpy.typing import ArrayLike

from interplay.errors import InputError
from interplay.information import Array, mutual_information
from interplay.results import BatchCertificate, Decomposition, Decompositions, Identified
from interplay.solvers.union import union_information, union_information_many
from interplay.tables import PairTables, check_joint


def identify(tables: PairTables) -> Identified:
    """Redundancy and uniqueness in bits, from the two labelled margins alone.

    Bertschinger et al. 2014: redundancy = I(X1;Y) + I(X2;Y) - I*, unique[0] = I* - I(X2;Y), unique[1] =
    I* - I(X1;Y), with I* the union information. Exact up to `certificate.gap`. Closed form for two
    classes, certified interior point for more. One class: all 0. Raises MarginsError for margins that
    disagree (call `tables.reconcile()` first).
    """
    _, p1y, p2y = tables.margins
    solution = union_information(p1y, p2y)
    first, second = float(mutual_information(p1y)), float(mutual_information(p2y))
    return Identified(
        redundancy=first + second - solution.value,
        unique=(solution.value - second, solution.value - first),
        union=solution.value,
        information=(first, second),
        names=tables.names,
        certificate=solution.certificate,
        joint=solution.joint,
    )


def decompose(joint: ArrayLike, *, names: tuple[str, str] = ("first", "second")) -> Decomposition:
    """Partial information decomposition of a full joint (n1, n2, K), in bits.

    Probabilities or counts; zeros allowed. synergy = I({X1,X2};Y) - I*. Each atom is exact up to
    `certificate.gap`; raw values are returned, so a zero can be -1e-16.
    """
    p = check_joint(joint)
    tables = PairTables.from_joint(p, names=names)
    identified = identify(tables)
    total = float(mutual_information(p / p.sum()))
    return Decomposition(
        redundancy=identified.redundancy,
        unique=identified.unique,
        synergy=total - identified.union,
        total=total,
        names=names,
        certificate=identified.certificate,
    )


def decompose_many(joints: ArrayLike) -> Decompositions:
    """`decompose` for a batch (B, n1, n2, K) in one vectorised call; fields are arrays (B,).

    Each joint is normalised by its own sum. An empty batch gives empty arrays.
    """
    p = _check_batch(joints)
    p1y, p2y = p.sum(axis=2), p.sum(axis=1)
    union = union_information_many(p1y, p2y)
    first, second = mutual_information(p1y, batch=1), mutual_information(p2y, batch=1)
    total = mutual_information(p, batch=1)
    certificate = BatchCertificate(
        gap=union.gap, primal_residual=union.primal_residual, dual_residual=union.dual_residual, unit="bits"
    )
    return Decompositions(
        redundancy=first + second - union.value,
        unique=(union.value - second, union.value - first),
        synergy=total - union.value,
        total=total,
        certificate=certificate,
    )


def _check_batch(joints: ArrayLike) -> Array:
    empty = np.ndim(joints) == 4 and len(np.asarray(joints)) == 0
    if empty:
        return np.asarray(joints, dtype=float)
    p = check_joint(joints, ndim=4)
    mass = p.sum(axis=(1, 2, 3))
    if (mass == 0).any():
        raise InputError(
            f"joint {int(np.argmin(mass))} of the batch has no mass",
            expected="a positive cell in every joint",
            next_step="drop it",
        )
    return p / mass[:, None, None, None]
