"""Rules on codes: which class to answer for each (z1, z2), chosen by what they guarantee."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.information import Array
from interplay.reconciliation import as_batch, maximum_likelihood_tables
from interplay.solvers.accuracy import cell_minimum_many, lowest_accuracy
from interplay.solvers.maxent import maximum_entropy

Ints = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule:
    """Class of each pair of codes (n1, n2), class probabilities (n1, n2, K), and how it was chosen.

    guarantee: smallest accuracy over the identified set of the tables it was chosen on (plug-in).
    """

    name: str
    decisions: Ints
    probabilities: Array
    guarantee: float


def product_of_experts(p1y: Array, p2y: Array) -> Array:
    """p(y) p(x1|y) p(x2|y), the joint (n1, n2, K) in which the modalities are independent given the label."""
    y = p1y.sum(0)
    scaled = np.divide(p2y, y, out=np.zeros_like(p2y), where=y > 0)
    return p1y[:, None, :] * scaled[None, :, :]


def choose_rule(pairs: Array, first: Array, second: Array) -> Rule:
    """The deterministic rule with the largest guaranteed accuracy on these count tables.

    Candidates: the minimax rule's and the maximum-entropy joint's most probable class, the product of
    experts, and both single modalities; among equals the one that is most accurate at maximum entropy.
    Codes that no pair has shown together get the better single modality's answer.
    """
    fit = maximum_likelihood_tables(*as_batch(pairs, first, second))
    p12, p1y, p2y = fit.p12[0], fit.p1y[0], fit.p2y[0]
    maxent = maximum_entropy(p12, p1y, p2y, tolerance=1e-4).joint
    candidates = _candidates(p12, p1y, p2y, maxent)
    seen = pairs > 0
    fallback = candidates["first alone" if p1y.max(1).sum() >= p2y.max(1).sum() else "second alone"]
    candidates = {name: np.where(seen, d, fallback) for name, d in candidates.items()}
    scores = {name: _guarantee(d, p12, p1y, p2y) for name, d in candidates.items()}
    typical = {name: float(np.take_along_axis(maxent, d[:, :, None], axis=2).sum()) for name, d in candidates.items()}
    best = max(candidates, key=lambda name: (round(scores[name], 6), typical[name]))
    probabilities = _probabilities(maxent, p1y, p2y, seen)
    return Rule(name=best, decisions=candidates[best], probabilities=probabilities, guarantee=scores[best])


def _candidates(p12: Array, p1y: Array, p2y: Array, maxent: Array) -> dict[str, Ints]:
    shape = p12.shape
    return {
        "minimax": lowest_accuracy(p12, p1y, p2y).rule.argmax(2),
        "maximum entropy": maxent.argmax(2),
        "product of experts": product_of_experts(p1y, p2y).argmax(2),
        "first alone": np.broadcast_to(p1y.argmax(1)[:, None], shape),
        "second alone": np.broadcast_to(p2y.argmax(1)[None, :], shape),
    }


def _guarantee(decisions: Ints, p12: Array, p1y: Array, p2y: Array) -> float:
    rows, cols = np.nonzero(p12 > 0)
    cost = np.eye(p1y.shape[1])[decisions[rows, cols]]
    solved = cell_minimum_many(rows, cols, p12[rows, cols][None], p1y[None], p2y[None], cost=cost, tolerance=1e-7)
    return float(solved.value[0])


def _probabilities(maxent: Array, p1y: Array, p2y: Array, seen: NDArray[np.bool_]) -> Array:
    """p(y|z1,z2) at maximum entropy; by the product of experts where no pair was seen."""
    joint = np.where(seen[:, :, None], maxent, product_of_experts(p1y, p2y))
    label = p1y.sum(0)
    total = joint.sum(2, keepdims=True)
    return np.where(total > 0, joint / np.where(total > 0, total, 1), label)


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
