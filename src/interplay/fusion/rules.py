"""Rules on codes: which class to answer for each (z1, z2), chosen by what they guarantee."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.solved import Solved, code_pairs
from interplay.information import Array
from interplay.reconciliation import Repaired
from interplay.solvers.cells import cell_minimum_many

Ints = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class Rules:
    """The chosen rule of each of B tables: names (B,), decisions (B,n1,n2), guarantee (B,).

    guarantee: smallest accuracy over the identified set of the table that the rule was chosen on.
    """

    names: list[str]
    decisions: Ints
    guarantee: Array


def product_of_experts(p1y: Array, p2y: Array) -> Array:
    """p(y) p(x1|y) p(x2|y): joints (B,n1,n2,K) in which the modalities are independent given the label."""
    y = p1y.sum(1, keepdims=True)
    scaled = np.divide(p2y, y, out=np.zeros_like(p2y), where=y > 0)
    return p1y[:, :, None, :] * scaled[:, None, :, :]


def choose_rules(solved: Solved, seen: NDArray[np.bool_]) -> Rules:
    """For each table the deterministic rule with the largest guaranteed accuracy on it.

    Candidates: the most probable class of the minimax rule, of the maximum-entropy joint and of the product
    of experts, and both single modalities; a single modality wins a tie. Codes that no pair has shown
    together (seen (n1,n2) is False) get the better single modality's answer.
    """
    candidates = _candidates(solved, seen)
    scores = np.stack(list(_scores(candidates, solved).values()))  # (candidates, B)
    chosen = (scores - 1e-9 * np.arange(len(scores))[:, None]).argmax(axis=0)
    batch = np.arange(scores.shape[1])
    return Rules(
        names=[list(candidates)[i] for i in chosen],
        decisions=np.stack(list(candidates.values()))[chosen, batch],
        guarantee=scores[chosen, batch],
    )


def _candidates(solved: Solved, seen: NDArray[np.bool_]) -> dict[str, Ints]:
    t = solved.tables
    shape = t.p12.shape
    first = np.broadcast_to(t.p1y.argmax(2)[:, :, None], shape)
    second = np.broadcast_to(t.p2y.argmax(2)[:, None, :], shape)
    better = (t.p1y.max(2).sum(1) >= t.p2y.max(2).sum(1))[:, None, None]
    fallback = np.where(better, first, second)
    fused = {
        "minimax": solved.lam_mu.argmax(3),
        "maximum entropy": solved.maxent.argmax(3),
        "product of experts": product_of_experts(t.p1y, t.p2y).argmax(3),
    }
    alone = {"first alone": first, "second alone": second}
    return alone | {name: np.where(seen, d, fallback) for name, d in fused.items()}


def _scores(candidates: dict[str, Ints], solved: Solved) -> dict[str, Array]:
    """Guarantee (B,) of each candidate; a single modality's is its own accuracy, known exactly."""
    scores = {"first alone": solved.tables.p1y.max(2).sum(1), "second alone": solved.tables.p2y.max(2).sum(1)}
    return {name: scores[name] if name in scores else guarantees(d, solved.tables) for name, d in candidates.items()}


def guarantees(decisions: Ints, tables: Repaired, *, tolerance: float = 1e-5) -> Array:
    """Smallest accuracy (B,) over each table's identified set of decisions (B,n1,n2); one table serves all."""
    count, n1, n2 = decisions.shape
    right = np.eye(tables.p1y.shape[2])[decisions.reshape(count, -1)]  # (B, C, K)
    mass, p1y, p2y = (
        np.broadcast_to(a, (count, *a.shape[1:]))
        for a in (tables.p12.reshape(len(tables.p12), -1), tables.p1y, tables.p2y)
    )
    rows, cols = code_pairs((n1, n2))
    return cell_minimum_many(rows, cols, mass, p1y, p2y, cost=right, tolerance=tolerance).value


def class_probabilities(solved: Solved, seen: NDArray[np.bool_]) -> Array:
    """p(y|z1,z2) (n1,n2,K) of the first table at maximum entropy; by the product of experts where unseen."""
    p1y, p2y = solved.tables.p1y, solved.tables.p2y
    joint = np.where(seen[:, :, None], solved.maxent[0], product_of_experts(p1y, p2y)[0])
    total = joint.sum(2, keepdims=True)
    return np.where(total > 0, joint / np.where(total > 0, total, 1), p1y[0].sum(0))


def agree_with_decisions(probabilities: Array, decisions: Ints) -> Array:
    """Class probabilities (n, K) whose largest entry is the decision (n,): mixed with it just enough.

    The guaranteed rule may prefer another class than the maximum-entropy probabilities do.
    """
    rows = np.arange(len(decisions))
    chosen, top = probabilities[rows, decisions], probabilities.max(1)
    lift = np.where(top > chosen, (top - chosen) / (1 + top - chosen) + 1e-9, 0.0)
    mixed = (1 - lift)[:, None] * probabilities
    mixed[rows, decisions] += lift
    return mixed
