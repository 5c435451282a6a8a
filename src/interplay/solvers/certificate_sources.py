"""Certificates for any number of modalities: how far a joint of least information can be off; knows no solver.

Shapes: tables p(x_i,y) (n_i,K); joint (n1,...,nk,K); duals one per table, in nats. Known tables of codes come as
(axes, table), with one dual each. Any finite duals give a valid bound; zeros of a known table forbid their cells.
"""

from collections.abc import Sequence

import numpy as np
from scipy.special import xlogy

from interplay.information import Array, to_bits
from interplay.results import Certificate

Codes = Sequence[tuple[tuple[int, ...], Array]]


def spread(table: Array, axes: tuple[int, ...], modalities: int) -> Array:
    """A table over some modalities (axes in rising order), shaped to broadcast over the cells of all of them."""
    return table.reshape([table.shape[axes.index(i)] if i in axes else 1 for i in range(modalities)])


def _worst_cell(tables: Sequence[Array], duals: Sequence[Array], codes: Codes, coded: Sequence[Array]) -> float:
    """Largest logsumexp_y(sum of labelled duals) + sum of coded duals over the cells that the zeros allow."""
    k = len(tables)
    total = sum(
        np.where(p > 0, d, -np.inf).reshape(*(len(p) if j == i else 1 for j in range(k)), p.shape[1])
        for i, (p, d) in enumerate(zip(tables, duals, strict=True))
    )
    cells = np.logaddexp.reduce(np.asarray(total), axis=-1)
    for (axes, table), c in zip(codes, coded, strict=True):
        cells = cells + spread(np.where(table > 0, c, -np.inf), axes, k)
    return max(float(cells.max(initial=-np.inf)), -1e300)


def certify(
    tables: Sequence[Array], joint: Array, duals: Sequence[Array], codes: Codes = (), coded: Sequence[Array] = ()
) -> tuple[float, Certificate]:
    """I({X1..Xk};Y) of the joint in bits, and how far it is above the least of any joint with the known tables.

    Weak duality: H(Y) + sum <p(x_i,y), lam_i> + sum <p(x_S), c_S> for duals with logsumexp_y(sum lam_i) +
    sum c_S <= 0 in every cell; the worst violation is repaired by a shift.
    """
    labels = tables[0].sum(axis=0)
    shift = _worst_cell(tables, duals, codes, coded)
    known = [*zip(tables, duals, strict=True), *((t, c) for (_, t), c in zip(codes, coded, strict=True))]
    inner = sum(float(np.sum(p[p > 0] * dual[p > 0])) for p, dual in known)
    entropy = -float(xlogy(labels, labels).sum())
    lower = to_bits(entropy + inner - shift * float(labels.sum()))
    cells = joint.sum(axis=-1)
    value = float(to_bits(xlogy(joint, joint).sum() - xlogy(cells, cells).sum() + entropy))
    certificate = Certificate(
        gap=value - lower,
        primal_residual=residual(tables, joint, codes),
        dual_residual=max(shift, 0.0),
        unit="bits",
    )
    return value, certificate


def residual(tables: Sequence[Array], joint: Array, codes: Codes = ()) -> float:
    """Largest violation of a known table by the joint; a negative cell counts as one."""
    axes = range(len(tables))
    off = [float(np.abs(joint.sum(axis=tuple(j for j in axes if j != i)) - p).max()) for i, p in enumerate(tables)]
    cells = joint.sum(axis=-1)
    for kept, table in codes:
        rest = tuple(j for j in axes if j not in kept)
        off.append(float(np.abs(cells.sum(axis=rest) - table).max()))
    return max([*off, -float(joint.min(initial=0.0))])
