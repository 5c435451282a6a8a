"""Other decompositions of joints (n1, n2, K) into redundancy, unique parts and synergy, for comparison, in bits."""

import importlib
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from interplay.bounds.decomposition import decompose
from interplay.information import Array, divergence, mutual_information

Atoms = tuple[float, float, float, float]  # redundancy, unique first, unique second, synergy
DIT = ("PID_BROJA", "PID_CCS", "PID_dep")  # BROJA again as an independent answer; and two that are not among ours
DIT_CELLS = 16  # joints with more cells take dit minutes


def broja(joint: Array) -> Atoms:
    """Bertschinger et al. 2014: what interplay and the paper use."""
    d = decompose(joint)
    return (d.redundancy, *d.unique, d.synergy)


def i_min(joint: Array) -> Atoms:
    """Williams and Beer 2010: redundancy is the expected smaller specific information about each label."""
    specific = [_specific(joint.sum(1)), _specific(joint.sum(0))]
    return _from_redundancy(joint, float(np.minimum(*specific).sum()))


def _specific(pxy: Array) -> Array:
    """p(y) KL(p(x|y) || p(x)) in bits for each label (K,)."""
    px, py = pxy.sum(1), pxy.sum(0)
    given = np.divide(pxy, py, out=np.zeros_like(pxy), where=py > 0)
    return np.array([p * float(divergence(given[:, k], px)) for k, p in enumerate(py)])


def smaller_information(joint: Array) -> Atoms:
    """Minimum mutual information (Barrett 2015): redundancy is the smaller of the two informations."""
    return _from_redundancy(
        joint, min(float(mutual_information(joint.sum(1))), float(mutual_information(joint.sum(0))))
    )


def whole_minus_sum(joint: Array) -> Atoms:
    """I({X1,X2};Y) - I(X1;Y) - I(X2;Y) is synergy where positive and redundancy where negative: one of them is 0."""
    one, two, both = _informations(joint)
    net = both - one - two
    redundancy = max(-net, 0.0)
    return redundancy, one - redundancy, two - redundancy, max(net, 0.0)


def conditional_independence(joint: Array) -> Atoms:
    """The union information is that of the joint with both labelled tables and X1, X2 independent given the label."""
    p1y, p2y = joint.sum(1), joint.sum(0)
    py = p1y.sum(0)
    inverse = np.divide(1.0, py, out=np.zeros_like(py), where=py > 0)
    union = float(mutual_information(p1y[:, None, :] * p2y[None, :, :] * inverse))
    one, two, both = _informations(joint)
    return one + two - union, union - two, union - one, both - union


def _informations(joint: Array) -> tuple[float, float, float]:
    return tuple(float(mutual_information(p)) for p in (joint.sum(1), joint.sum(0), joint))  # type: ignore[return-value]


def _from_redundancy(joint: Array, redundancy: float) -> Atoms:
    one, two, both = _informations(joint)
    return redundancy, one - redundancy, two - redundancy, both - one - two + redundancy


MEASURES: dict[str, Callable[[Array], Atoms]] = {
    "BROJA (interplay, paper)": broja,
    "I-min": i_min,
    "minimum mutual information": smaller_information,
    "whole minus sum": whole_minus_sum,
    "conditional independence": conditional_independence,
}


def dit_measures(joint: Array) -> dict[str, Atoms]:
    """Further measures by the package dit, where it is installed and the joint is small;."""
    if joint.size > DIT_CELLS:
        return {}
    try:
        dit: Any = importlib.import_module("dit")
        pid: Any = importlib.import_module("dit.pid")
    except ImportError:
        return {}
    cells = [c for c in itertools.product(*map(range, joint.shape)) if joint[c] > 0]
    distribution = dit.Distribution([tuple(map(str, c)) for c in cells], [float(joint[c]) for c in cells])
    found = {}
    for name in DIT:
        measure = getattr(pid, name, None)
        if measure is not None:
            lattice = measure(distribution, [[0], [1]], [2])
            nodes = (((0,), (1,)), ((0,),), ((1,),), ((0, 1),))
            r, u1, u2, s = (float(lattice[node]) for node in nodes)
            found[f"dit {name.removeprefix('PID_')}"] = (r, u1, u2, s)
    return found
