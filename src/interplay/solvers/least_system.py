"""The linear system of the interior point for least information: changes of the duals, and of w where it decides.

At (lam, c, w, z) the equations of least_interior.py are linearised: w adds up to the tables of codes and w q(y|x) to
the labelled ones, logsumexp + sum c + z = 0, and w z changes by what the barrier asks for.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.linalg import lapack, lu_factor, lu_solve, solve_triangular

from interplay.information import Array
from interplay.solvers.arrays import Index
from interplay.solvers.code_cells import Cells, curvature

LIMIT_KEPT = 1_500  # unknowns of a linearisation up to which changes of w are among them
STEEP = 1e4  # quotient w/z from which they are
REST = 1e-16  # added curvature (probability): keeps what only decided cells could determine at rest
RIDGE = 1e-14  # relative to the diagonal


@dataclass
class State:
    """Duals of labelled tables and of tables of codes, in nats; masses and slacks of the cells."""

    lam: Array  # (U,)
    c: Array  # (V,)
    w: Array  # (N,)
    z: Array  # (N,)


def independent(cells: Cells) -> tuple[Index, Array]:
    """Duals that determine all others, and an orthonormal basis (U+V,F) of what changes nothing: constants that move
    between duals, and duals of no entry. Steps without those are the shortest ones."""
    known = cells.known[cells.allowed.ravel()]
    gram = (known.T @ known).toarray()
    factor, order, rank, _ = lapack.dpstrf(gram, tol=1e-9 * len(cells.codes), lower=1)
    order -= 1
    null = np.zeros((len(order), len(order) - rank))
    null[order[rank:], np.arange(len(order) - rank)] = 1.0
    null[order[:rank]] = -solve_triangular(factor[:rank, :rank], factor[rank:, :rank].T, trans="T", lower=True)
    return np.sort(order[:rank]), np.linalg.qr(null)[0]


class System:
    """One linearisation and its factor: changes of the free duals, and of w where it is kept as an unknown.

    What is eliminated enters with w/z. Where w is far above z that quotient hides the small curvature that decides the
    labels of the same cell, so those stay, as long as there are not too many of them.
    """

    def __init__(self, cells: Cells, basis: tuple[Index, Array], state: State, s: Array, lse: Array):
        self.cells, self.state, self.s = cells, state, s
        self.free, self.null = basis
        w, z = state.w, state.z
        self.q = w[:, None] * s
        n, k = s.shape
        self.missing = np.concatenate(
            [cells.first - cells.labels.T @ self.q.ravel(), cells.second - cells.tables.T @ w]
        )
        self.slack = -(lse + cells.tables @ state.c + z)
        fold = sp.csr_matrix((s.ravel(), np.arange(n * k), np.arange(0, n * k + 1, k)), shape=(n, n * k))
        self.gradient = sp.hstack([fold @ cells.labels, cells.tables], format="csr")  # (N,U+V) of logsumexp + sum c
        self.kept = np.flatnonzero(w > STEEP * z)
        if len(self.free) + len(self.kept) > LIMIT_KEPT:
            self.kept = self.kept[:0]
        self.ratio = w / z
        self.ratio[self.kept] = 0.0
        self.factor = lu_factor(self._matrix(), overwrite_a=True, check_finite=False)

    def _matrix(self) -> Array:
        s, u, free, kept = self.s, len(self.cells.first), self.free, self.kept
        matrix = (self.gradient.T @ self.gradient.multiply(self.ratio[:, None]).tocsr()).toarray()
        matrix[:u, :u] += self.cells.blocks(curvature(self.q, s)).toarray()
        matrix = matrix[np.ix_(free, free)]
        np.einsum("ii->i", matrix)[...] += REST + RIDGE * np.einsum("ii->i", matrix)
        border = self.gradient[kept][:, free].toarray()
        return np.block([[matrix, border.T], [border, -np.diag(self.state.z[kept] / self.state.w[kept])]])

    def direction(self, complement: Array) -> tuple[Array, Array, Array, Array, Array]:
        """Changes of lam, c, logsumexp, w and z."""
        w, z, kept = self.state.w, self.state.z, self.kept
        t = (complement - w * self.slack) / z
        t[kept] = 0.0
        right = np.concatenate(
            [(self.missing - self.gradient.T @ t)[self.free], self.slack[kept] - complement[kept] / w[kept]]
        )
        found = lu_solve(self.factor, right, check_finite=False)
        duals = np.zeros(len(self.missing))
        duals[self.free] = found[: len(self.free)]
        duals -= self.null @ (self.null.T @ duals)
        lam, c = np.split(duals, [len(self.cells.first)])
        both = self.gradient @ duals
        dw = t + self.ratio * both
        dw[kept] = found[len(self.free) :]
        return lam, c, both - self.cells.tables @ c, dw, self.slack - both
