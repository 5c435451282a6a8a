"""Concave functions of a cell, as branch and bound takes them: (values, capacities) -> values."""

import numpy as np
from scipy.special import entr


def entropies(r, _):
    return np.asarray(entr(np.maximum(r, 0.0)))


def both_parts(s, most):
    return np.asarray(entr(np.maximum(s, 0.0)) + entr(np.maximum(most - s, 0.0)))


def mistakes(s, most):
    return np.asarray(np.minimum(s, most - s))
