"""Every bound on synergy for many joints at once: the paper's variants and ours, in bits.

The same formulas as `bounds.synergy`, which answers for one set of tables with certificates; here a joint is known,
and what its margins say is compared with its true synergy.
"""

from dataclasses import dataclass

import numpy as np

from interplay.bounds.decomposition import decompose_many
from interplay.information import Array, entropy, mutual_information, to_bits
from interplay.results import Decompositions
from interplay.solvers.coupling import coupling_upper_bound_many, meet_many
from interplay.solvers.maxent import maximum_entropy_many
from interplay.solvers.synergy_max import largest_information, largest_information_2x2x2
from interplay.solvers.union import union_information_many

LOWER = {
    "maxent": "maximum entropy (sharp)",
    "paper_redundancy": "redundancy, as in the paper's code",
    "paper_disagreement": "disagreement, c = 1 (paper's code)",
    "disagreement_quarter": "disagreement, c = 1/4 (paper's notebook)",
    "disagreement_proven": "disagreement, c = 1/(4 ln 2) (proven)",
    "paper_best": "larger of the paper's two",
    "chernoff": "Chernoff disagreement",
}
UPPER = {
    "trivial": "H(Y) - R - U1 - U2",
    "coupling_one": "coupling, one pairing (Theorem 4)",
    "coupling_three": "coupling, best of three pairings (paper's code)",
    "coupling_meet": "coupling, meet of all three tables",
    "sharp": "largest over the identified set (sharp)",
}
PROVEN = to_bits(0.25)  # 1/(4 ln 2): Pinsker twice and a relaxed triangle inequality


@dataclass(frozen=True, kw_only=True)
class SynergyTable:
    """True atoms and every bound, arrays (B,); gap: the largest certified gap of the atoms."""

    atoms: Decompositions
    lower: dict[str, Array]
    upper: dict[str, Array]
    gap: float


def all_bounds(joints: Array, *, time_limit: float = 1.0) -> SynergyTable:
    """Bounds of joints (B, n1, n2, K) that sum to one. time_limit: seconds for the sharp upper end of each joint
    that has no closed form (2x2x2 has one); then the outer bound found so far stands in. 0: no such search.
    """
    atoms = decompose_many(joints)
    margins = p12, p1y, _ = joints.sum(3), joints.sum(2), joints.sum(1)
    union = atoms.total - atoms.synergy
    lower = _lower(margins, atoms, union)
    label, pair = entropy(p1y.sum(1), batch=1), entropy(p12, batch=1)
    upper = {"trivial": label - union}
    pairings = [_pairing(pair + label, a, b) for a, b in _paired(margins)]
    upper["coupling_one"] = pairings[0] - union
    upper["coupling_three"] = np.minimum.reduce(pairings) - union
    upper["coupling_meet"] = coupling_upper_bound_many(*margins) - union
    upper["sharp"] = np.minimum(_largest(joints, margins, time_limit) - union, upper["coupling_meet"])
    return SynergyTable(atoms=atoms, lower=lower, upper=upper, gap=float(atoms.certificate.gap.max(initial=0.0)))


def _lower(margins: tuple[Array, Array, Array], atoms: Decompositions, union: Array) -> dict[str, Array]:
    p12, p1y, _ = margins
    best = entropy(p12, batch=1) + entropy(p1y.sum(1), batch=1) - maximum_entropy_many(*margins).upper
    unique = np.maximum(*atoms.unique)
    alpha = disagreement(*margins)
    # I(X1;X2|Y) is least, without the second labelled margin, at a union information about X1
    about = union_information_many(np.swapaxes(p12, 1, 2), np.swapaxes(p1y, 1, 2)).value
    redundancy = atoms.redundancy - mutual_information(p12, batch=1) - mutual_information(p1y, batch=1) + about
    return {
        "maxent": best - union,
        "paper_redundancy": redundancy,
        "paper_disagreement": alpha - unique,
        "disagreement_quarter": alpha / 4 - unique,
        "disagreement_proven": PROVEN * alpha - unique,
        "paper_best": np.maximum(redundancy, alpha - unique),
        "chernoff": chernoff(*margins, *atoms.unique),
    }


def _paired(margins: tuple[Array, Array, Array]) -> list[tuple[Array, Array]]:
    """(x1x2 | y), (x1y | x2), (x2y | x1)."""
    p12, p1y, p2y = margins
    return [(p12, p1y.sum(1)), (p1y, p12.sum(1)), (p2y, p12.sum(2))]


def _pairing(ceiling: Array, table: Array, rest: Array) -> Array:
    """Largest information that the coupling of one table with the third variable leaves open."""
    return np.asarray(ceiling - entropy(meet_many(table, rest), batch=1))


def _largest(joints: Array, margins: tuple[Array, Array, Array], time_limit: float) -> Array:
    if time_limit <= 0:
        return coupling_upper_bound_many(*margins)
    if joints.shape[1:] == (2, 2, 2):
        return largest_information_2x2x2(joints)[0]
    found = [largest_information(*tables, time_limit=time_limit) for tables in zip(*margins, strict=True)]
    return np.array([f.bound for f in found])


def conditionals(p1y: Array, p2y: Array) -> tuple[Array, Array]:
    """p(y|x1) as (B, n1, 1, K) and p(y|x2) as (B, 1, n2, K); codes without mass get zeros."""
    one, two = (
        np.divide(p, p.sum(2, keepdims=True), out=np.zeros_like(p), where=p.sum(2, keepdims=True) > 0)
        for p in (p1y, p2y)
    )
    return one[:, :, None, :], two[:, None, :, :]


def disagreement(p12: Array, p1y: Array, p2y: Array) -> Array:
    """alpha (B,): mean squared distance of p(y|x1) and p(y|x2), as in the paper's code."""
    one, two = conditionals(p1y, p2y)
    return np.asarray((p12 * ((one - two) ** 2).sum(3)).sum(axis=(1, 2)))


def chernoff(p12: Array, p1y: Array, p2y: Array, unique1: Array, unique2: Array, steps: int = 40) -> Array:
    """Best over w of E[-log2 sum_y p(y|x1)^(1-w) p(y|x2)^w] - w U1 - (1 - w) U2, by golden sections (concave)."""
    one, two = conditionals(p1y, p2y)
    both = (one > 0) & (two > 0)
    log_one, log_two = (np.log(p, out=np.zeros_like(p), where=p > 0) for p in (one, two))

    def value(w: Array) -> Array:
        at = w[:, None, None, None]
        affinity = np.where(both, np.exp((1 - at) * log_one + at * log_two), 0.0).sum(3)
        apart = -np.log(affinity, out=np.zeros_like(affinity), where=affinity > 0)
        return np.asarray(to_bits((p12 * apart).sum(axis=(1, 2)))) - w * unique1 - (1 - w) * unique2

    ratio = (np.sqrt(5.0) - 1) / 2
    low, high = np.full(len(p12), 1e-9), np.full(len(p12), 1 - 1e-9)
    best = np.maximum(value(low), value(high))
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    f_left, f_right = value(left), value(right)
    for _ in range(steps):
        better_left = f_left >= f_right
        high, low = np.where(better_left, right, high), np.where(better_left, low, left)
        inner = np.where(better_left, high - ratio * (high - low), low + ratio * (high - low))
        f_inner = value(inner)
        left, right = np.where(better_left, inner, right), np.where(better_left, left, inner)
        f_left, f_right = np.where(better_left, f_inner, f_right), np.where(better_left, f_left, f_inner)
    return np.asarray(np.maximum.reduce([best, f_left, f_right]))
