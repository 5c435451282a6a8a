"""Kinds of rules on codes: which class to answer for each (z1, z2), and how probable each class is."""

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.coding import CodeFacts
from interplay.estimation.solved import Solved, code_pairs
from interplay.information import Array
from interplay.reconciliation import Repaired
from interplay.solvers.cells import cell_minimum_many

Ints = NDArray[np.intp]
Facts = tuple[CodeFacts, CodeFacts]


def product_of_experts(p1y: Array, p2y: Array) -> Array:
    """p(y) p(x1|y) p(x2|y): joints (B,n1,n2,K) in which the modalities are independent given the label."""
    y = p1y.sum(1, keepdims=True)
    scaled = np.divide(p2y, y, out=np.zeros_like(p2y), where=y > 0)
    return p1y[:, :, None, :] * scaled[:, None, :, :]


def single_rule(modality: int, facts: Facts) -> Ints:
    """The answers (n1,n2) of one modality's (0 or 1) own classifier."""
    shape = (len(facts[0].answers), len(facts[1].answers))
    answers = facts[0].answers[:, None] if modality == 0 else facts[1].answers[None, :]
    return np.broadcast_to(answers, shape)


def minimax_rules(solved: Solved, seen: NDArray[np.bool_], facts: Facts) -> Ints:
    """Decisions (B,n1,n2): the most probable class of each table's minimax rule.

    Codes that no pair has shown together (seen (n1,n2) is False) get the better single modality's answer.
    """
    return _with_fallback(solved.lam_mu.argmax(3), solved.tables, seen, facts)


def coarse_rules(t: Repaired, seen: NDArray[np.bool_], facts: Facts) -> Ints:
    """Minimax rules on coarser codes, which small samples tell better, spread over the codes: (B,n1,n2)."""
    first, second = (np.eye(f.coarser.max() + 1)[f.coarser] for f in facts)  # (n, coarse)
    p12 = np.einsum("ia,bij,jc->bac", first, t.p12, second)
    p1y, p2y = np.einsum("ia,bik->bak", first, t.p1y), np.einsum("jc,bjk->bck", second, t.p2y)
    rows, cols = code_pairs(p12.shape[1:])
    best = cell_minimum_many(rows, cols, p12.reshape(len(p12), -1), p1y, p2y, cost=None, tolerance=1e-5)
    decisions = (best.lam[:, :, None, :] + best.mu[:, None, :, :]).argmax(3)
    return _with_fallback(decisions[:, facts[0].coarser][:, :, facts[1].coarser], t, seen, facts)


def _with_fallback(decisions: Ints, tables: Repaired, seen: NDArray[np.bool_], facts: Facts) -> Ints:
    right = [rule_accuracy(single_rule(m, facts), tables, m) for m in (0, 1)]
    first_better = (right[0] >= right[1])[:, None, None]
    return np.where(seen, decisions, np.where(first_better, single_rule(0, facts), single_rule(1, facts)))


def rule_accuracy(decisions: Ints, tables: Repaired, modality: int) -> Array:
    """Accuracy (B,) of a rule (n1,n2) that looks at one modality only."""
    table, answers = (tables.p1y, decisions[:, 0]) if modality == 0 else (tables.p2y, decisions[0])
    return table[:, np.arange(len(answers)), answers].sum(1)


def guarantees(decisions: Ints, tables: Repaired, *, tolerance: float = 1e-5) -> Array:
    """Smallest accuracy (B,) over each table's identified set of decisions (B,n1,n2); one table serves all."""
    if len(tables.p12) == 1 < len(decisions):  # replicates often decide alike
        different, which = np.unique(decisions, axis=0, return_inverse=True)
        if len(different) < len(decisions):
            return guarantees(different, tables, tolerance=tolerance)[which]
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
