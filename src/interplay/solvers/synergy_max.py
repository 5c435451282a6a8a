"""Largest information over the identified set: minimise the concave H_r(Y|X1,X2) over a polytope.

The optimum is at a vertex of D. `bound` is certified from above, `attained` is the information of a joint
that was found. 2x2x2 has a closed form; elsewhere the coupling bound is always there to fall back on.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.special import entr

from interplay.information import Array, mutual_information
from interplay.solvers.coupling import coupling_upper_bound
from interplay.solvers.identified_set import feasible_joint, linear_system

_SIGNS = np.array([1.0, -1.0])
_PARITY = _SIGNS[:, None, None] * _SIGNS[None, :, None] * _SIGNS[None, None, :]  # (-1)^(x1+x2+y)


@dataclass(frozen=True, kw_only=True)
class LargestInformation:
    """bound: certified upper end in bits. attained <= bound: I of `joint` (n1,n2,K) in D. exact: they meet."""

    bound: float
    attained: float
    joint: Array = field(repr=False)
    nodes: int
    exact: bool


def largest_information(
    p12: Array, p1y: Array, p2y: Array, *, time_limit: float = 5.0, tolerance: float = 1e-9
) -> LargestInformation:
    """Largest I_r({X1,X2};Y) in bits over D: p12 (n1,n2), p1y (n1,K), p2y (n2,K)."""
    if (*p12.shape, p1y.shape[1]) == (2, 2, 2):
        joint = largest_information_2x2x2(_any_joint_2x2x2(p12, p1y, p2y)[None])[1][0]
        value = float(mutual_information(joint))
        return LargestInformation(bound=value, attained=value, joint=joint, nodes=0, exact=True)
    joint = feasible_joint(linear_system(p12, p1y, p2y))
    bound = coupling_upper_bound(p12, p1y, p2y)
    attained = float(mutual_information(joint))
    return LargestInformation(
        bound=bound, attained=attained, joint=joint, nodes=0, exact=bound - attained <= tolerance
    )


def largest_information_2x2x2(joints: Array) -> tuple[Array, Array]:
    """Largest information (B,) in bits and the joints (B,2,2,2) that attain it, from any joints in D.

    D is the segment r + t (-1)^(x1+x2+y); H(Y|X1,X2) is concave on it, so the optimum is at an end.
    """
    up = np.where(_PARITY < 0, joints, np.inf).min(axis=(1, 2, 3))  # largest t
    down = np.where(_PARITY > 0, joints, np.inf).min(axis=(1, 2, 3))  # largest -t
    ends = np.stack(
        [joints + up[:, None, None, None] * _PARITY, joints - down[:, None, None, None] * _PARITY]
    )
    ends = np.maximum(ends, 0.0)
    better = entr(ends).sum(axis=(2, 3, 4)).argmin(axis=0)  # H(X1,X2) is fixed: least H(r)
    best = ends[better, np.arange(len(joints))]
    return mutual_information(best, batch=1), best


def _any_joint_2x2x2(p12: Array, p1y: Array, p2y: Array) -> Array:
    """The middle of the segment D: the table with the given margins and r(0,0,0) in the middle of its range."""
    r = np.zeros((2, 2, 2))  # the table with r(0,0,0) = 0, negative cells allowed
    r[0, 0, 1], r[0, 1, 0], r[1, 0, 0] = p12[0, 0], p1y[0, 0], p2y[0, 0]
    r[0, 1, 1] = p12[0, 1] - r[0, 1, 0]
    r[1, 0, 1] = p12[1, 0] - r[1, 0, 0]
    r[1, 1, 0] = p1y[1, 0] - r[1, 0, 0]
    r[1, 1, 1] = p12[1, 1] - r[1, 1, 0]
    low, high = -r[_PARITY > 0].min(), r[_PARITY < 0].min()
    return np.maximum(r + (low + high) / 2 * _PARITY, 0.0)
