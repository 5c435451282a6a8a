"""Rules with a certificate: a dual that bounds a rule's accuracy on any tables, linearly in the tables."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.solved import code_pairs
from interplay.information import Array
from interplay.reconciliation import Repaired
from interplay.solvers.cells import cell_minimum_many, label_price

Ints = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class CertifiedRules:
    """A rule for each of T tables, decisions (T,n1,n2), and duals lam (T,n1,K), mu (T,n2,K), nu (T,n1,n2).

    lam(x1,y) + mu(x2,y) + nu(x1,x2) <= [decision == y] everywhere. So <p1y,lam> + <p2y,mu> + <p12,nu> is at
    most the rule's accuracy for every joint of *any* tables, not only those it was fitted on.
    """

    decisions: Ints
    lam: Array
    mu: Array
    nu: Array

    def scores(self, t: int) -> tuple[Array, Array, Array]:
        """Flat scores of the cells of pairs, first and second table; their three means add up to the bound."""
        return self.nu[t].ravel(), self.lam[t].ravel(), self.mu[t].ravel()


def fixed_accuracy(decisions: Ints, tables: Repaired, *, sign: float) -> Array:
    """Smallest (sign 1) or largest (sign -1) accuracy (V,) of rules (V,n1,n2) over one table's identified set."""
    count, n1, n2 = decisions.shape
    k = tables.p1y.shape[2]
    right = sign * np.eye(k)[decisions.reshape(count, -1)]
    mass, p1y, p2y = (
        np.broadcast_to(a, (count, *a.shape[1:])) for a in (tables.p12.reshape(1, -1), tables.p1y, tables.p2y)
    )
    rows, cols = code_pairs((n1, n2))
    return sign * cell_minimum_many(rows, cols, mass, p1y, p2y, cost=right, tolerance=1e-6).value


def certify_rules(
    decisions: Ints, tables: Repaired, *, sign: float, sizes: tuple[float, float, float]
) -> CertifiedRules:
    """Certificates fitted on the tables: of sign * accuracy, so sign -1 bounds the accuracy from above.

    Among equal duals (a function of x1, x2 or y can be moved between the tables) the one whose estimate from
    samples of these sizes (pairs, first, second) varies least.
    """
    count, n1, n2 = decisions.shape
    k = tables.p1y.shape[2]
    right = sign * np.eye(k)[decisions.reshape(count, -1)]  # (T, C, K)
    rows, cols = code_pairs((n1, n2))
    solved = cell_minimum_many(
        rows, cols, tables.p12.reshape(count, -1), tables.p1y, tables.p2y, cost=right, tolerance=1e-6
    )
    lam, mu = solved.lam, solved.mu
    price = label_price(lam[:, rows] + mu[:, cols], right, np.ones(right.shape, dtype=bool))
    nu = price.reshape(count, n1, n2)
    parts = [_least_variance(lam[t], mu[t], nu[t], tables, t, sizes) for t in range(count)]
    lam, mu, nu = (np.stack(part) for part in zip(*parts, strict=True))
    return CertifiedRules(decisions=decisions, lam=lam, mu=mu, nu=nu)


def single_rules(answers: Ints, modality: int, like: CertifiedRules) -> CertifiedRules:
    """One modality's (0 or 1) own answer to each of its codes (n,), on as many tables as `like` has.

    Its accuracy is a mean over its own labelled rows, so it is certified exactly.
    """
    right = np.eye(like.lam.shape[2])[answers]
    count, n1, n2 = like.decisions.shape
    decisions = answers[:, None] if modality == 0 else answers[None, :]
    return CertifiedRules(
        decisions=np.broadcast_to(decisions, (count, n1, n2)),
        lam=np.broadcast_to(right, like.lam.shape) if modality == 0 else np.zeros_like(like.lam),
        mu=np.broadcast_to(right, like.mu.shape) if modality == 1 else np.zeros_like(like.mu),
        nu=np.zeros((count, n1, n2)),
    )


def _least_variance(
    lam: Array, mu: Array, nu: Array, tables: Repaired, t: int, sizes: tuple[float, float, float]
) -> tuple[Array, Array, Array]:
    """Move a(x1), b(x2), c(y) between lam + a + c, mu + b - c and nu - a - b: weighted least squares."""
    n1, k = lam.shape
    n2 = len(mu)
    weights = [
        w.ravel() / size for w, size in zip((tables.p1y[t], tables.p2y[t], tables.p12[t]), _order(sizes), strict=True)
    ]
    eye1, eye2, eyek = np.eye(n1), np.eye(n2), np.eye(k)
    first = np.hstack([np.repeat(eye1, k, 0), np.zeros((n1 * k, n2)), np.tile(eyek, (n1, 1))])
    second = np.hstack([np.zeros((n2 * k, n1)), np.repeat(eye2, k, 0), -np.tile(eyek, (n2, 1))])
    pairs = np.hstack([-np.repeat(eye1, n2, 0), -np.tile(eye2, (n1, 1)), np.zeros((n1 * n2, k))])
    blocks, values = [], []
    for design, value, w in zip((first, second, pairs), (lam, mu, nu), weights, strict=True):
        root, mean = np.sqrt(w)[:, None], w / w.sum()
        blocks.append(root * (design - mean @ design))
        values.append(root[:, 0] * (value.ravel() - mean @ value.ravel()))
    move = np.linalg.lstsq(np.vstack(blocks), -np.concatenate(values), rcond=1e-10)[0]
    a, b, c = move[:n1], move[n1 : n1 + n2], move[n1 + n2 :]
    return lam + a[:, None] + c, mu + b[:, None] - c, nu - a[:, None] - b[None, :]


def _order(sizes: tuple[float, float, float]) -> tuple[float, float, float]:
    """(pairs, first, second) to the order of the blocks."""
    pairs, first, second = sizes
    return first, second, pairs
