"""Union information of any number of sources: min I_q({X1..Xk};Y) over q with every labelled margin p(x_i,y).

Two labels: the join of k ROC curves, folded two at a time (roc.py); its dual gives each stretch of thresholds to
the source whose support function is largest there. More labels: the interior point of union_interior.py on the
product of all codes, with one dense matrix. Both hold the joint table of all codes, so its size is limited.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike

from interplay.errors import InputError, MarginsError, ShapeError, SolverError
from interplay.information import Array
from interplay.results import Certificate
from interplay.solvers import certificate_sources, sources_interior
from interplay.solvers.garbling import FULL, channel
from interplay.solvers.roc import join, posteriors
from interplay.solvers.rounding import share_labels
from interplay.solvers.sources_interior import Sources, round_all

AGREE = 1e-9  # p(y) may differ by this much between tables; less is repaired, more is an error
LIMIT_JOINT = 4_000_000  # cells of the joint table, times labels
LIMIT_DENSE = 3_000  # dual unknowns of the interior point


@dataclass(frozen=True, kw_only=True)
class SourcesSolution:
    """value: bits. joint: (n1,...,nk,K) with every margin, attains value. duals: (n_i,K) each, in nats."""

    value: float
    joint: Array
    duals: tuple[Array, ...]
    certificate: Certificate


def union_information_of(margins: Sequence[ArrayLike], *, tolerance: float = 1e-9) -> SourcesSolution:
    """Union information of sources with tables p(x_i,y), each (n_i,K), sharing p(y), in bits.

    Zero rows and labels are normal. Raises InputError beyond the size limit, SolverError without a certificate.
    """
    tables = _checked(margins)
    k = tables[0].shape[1]
    fair = [tables[0], *(share_labels(tables[0], p) for p in tables[1:])]
    joint, duals = _binary(fair) if k == 2 else sources_interior.solve(fair, tolerance=tolerance / 2)
    joint = round_all(joint, fair)
    value, certificate = certificate_sources.certify(tables, joint, duals)
    if not certificate.gap <= tolerance:
        raise SolverError(
            f"union information of {len(tables)} sources has gap {certificate.gap:.2e} bits",
            expected=f"at most {tolerance:.0e}",
            next_step="raise the tolerance, or merge codes that hold almost no mass",
        )
    return SourcesSolution(value=value, joint=joint, duals=tuple(duals), certificate=certificate)


def _checked(margins: Sequence[ArrayLike]) -> Sources:
    tables = [np.asarray(m, dtype=np.float64) for m in margins]
    if not tables or any(p.ndim != 2 or p.shape[1] != tables[0].shape[1] or 0 in p.shape for p in tables):
        raise ShapeError(
            f"tables of shapes {[p.shape for p in tables]}",
            expected="at least one table, each (n_i, K) with the same K",
            next_step="put codes in rows and labels in columns",
        )
    if not all(np.isfinite(p).all() and p.min() >= 0 for p in tables):
        raise InputError(
            "a negative or non-finite cell", expected="probabilities", next_step="check the tables for missing values"
        )
    off = max(float(np.abs(p.sum(axis=0) - tables[0].sum(axis=0)).max()) for p in tables)
    if off > AGREE:
        raise MarginsError(
            f"label margins that differ by {off:.2e}",
            expected="the same p(y) in every table",
            next_step="reconcile the tables first",
        )
    labels, unknowns = tables[0].shape[1], sum(p.size for p in tables)
    cells = int(np.prod([len(p) for p in tables], dtype=object)) * labels
    if cells > LIMIT_JOINT or (labels > 2 and unknowns > LIMIT_DENSE):
        raise InputError(
            f"a joint table of {cells} cells and {unknowns} dual unknowns",
            expected=f"at most {LIMIT_JOINT} cells, and {LIMIT_DENSE} unknowns for more than two labels",
            next_step="use fewer codes per source",
        )
    return tables


def _binary(tables: Sources) -> tuple[Array, Sources]:
    """The join of all curves, a channel from it to every source, and the dual."""
    atoms = tables[0]
    places = [posteriors(p) for p in tables]
    for p in tables[1:]:
        found = join(atoms[None], p[None])
        places.append(found.odds[0])
        kept = found.atoms[0].sum(axis=1) > FULL
        atoms, odds = found.atoms[0][kept], found.odds[0][kept]
    if len(tables) == 1:
        return tables[0], _duals(tables, places)
    mass = atoms.sum(axis=1)
    flows = [channel(p, atoms, odds) / mass for p in tables]  # p(x_i|z)
    joint = reduce(lambda q, flow: q[..., None, :, :] * flow[..., None], flows[1:], flows[0][..., None] * atoms)
    return joint.sum(axis=-2), _duals(tables, places)


def _duals(tables: Sources, places: Sources) -> Sources:
    """Running sums of log posteriors: every stretch between two places belongs to the largest support function."""
    odds = np.concatenate(places)
    with np.errstate(divide="ignore"):
        key = odds[:, 1] / odds[:, 0] - odds[:, 0] / odds[:, 1]
        logs = np.log(odds)
    order = np.argsort(key)
    odds, logs, key = odds[order], logs[order], key[order]
    middle = (odds[1:] + odds[:-1]) / 2
    heights = [
        np.maximum(middle[:, :1] * p[:, 1] - middle[:, 1:] * p[:, 0], 0.0).sum(axis=1) for p in tables
    ]  # support functions at the middles
    leader = np.argmax(heights, axis=0)
    usable = np.isfinite(logs[1:]) & np.isfinite(logs[:-1])
    steps = np.where(usable, np.where(usable, logs[1:], 0.0) - np.where(usable, logs[:-1], 0.0), 0.0)
    first = np.argmax(np.isfinite(logs), axis=0)
    origin = logs[first, [0, 1]]
    rank = np.empty(len(order), dtype=int)
    rank[order] = np.arange(len(order))
    duals, start = [], 0
    for i, p in enumerate(tables):
        running = np.concatenate([np.zeros((1, 2)), np.cumsum(np.where((leader == i)[:, None], steps, 0.0), axis=0)])
        at = rank[start : start + len(p)]
        duals.append(running[at] + (np.where(np.isfinite(origin), origin, 0.0) if i == 0 else 0.0))
        start += len(p)
    return duals
