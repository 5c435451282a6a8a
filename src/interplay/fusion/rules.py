"""Rules on codes: candidates for the class to answer for each (z1, z2), and class probabilities."""

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.solved import Solved
from interplay.information import Array

Ints = NDArray[np.intp]


def product_of_experts(p1y: Array, p2y: Array) -> Array:
    """p(y) p(x1|y) p(x2|y): joints (B,n1,n2,K) in which the modalities are independent given the label."""
    y = p1y.sum(1, keepdims=True)
    scaled = np.divide(p2y, y, out=np.zeros_like(p2y), where=y > 0)
    return p1y[:, :, None, :] * scaled[:, None, :, :]


def candidates(solved: Solved, seen: NDArray[np.bool_], answers: tuple[Ints, Ints]) -> dict[str, Ints]:
    """Decisions (B,n1,n2) by name: the most probable class of the minimax rule, of the maximum-entropy joint
    and of the product of experts.

    answers: each modality's own classifier's answer to its codes, (n1,) and (n2,). Codes that no pair has
    shown together (seen (n1,n2) is False) get the better single modality's answer.
    """
    t = solved.tables
    right = [
        np.take_along_axis(p, np.broadcast_to(a[:, None], (len(p), len(a), 1)), 2).sum((1, 2))
        for p, a in zip((t.p1y, t.p2y), answers, strict=True)
    ]
    first_better = (right[0] >= right[1])[:, None, None]
    fallback = np.where(first_better, answers[0][:, None], answers[1][None, :])
    joints = {
        "minimax": solved.lam_mu,
        "maximum entropy": solved.maxent,
        "product of experts": product_of_experts(t.p1y, t.p2y),
    }
    return {name: np.where(seen, joint.argmax(3), fallback) for name, joint in joints.items()}


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
