"""Rows whose answers an accident of the sample may have turned, and what they add to an accuracy's variance.

Where two classes are about equally probable, the sample decides which one is answered, in all folds alike, and the
errors of the folds are not independent: a cross-fitted accuracy then varies more than its rows would alone.
"""

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.confidence import variance_of_mean
from interplay.information import Array

Ints = NDArray[np.intp]
Flags = NDArray[np.bool_]
CLEAR = 2.0  # standard errors by which right answers must outnumber those of the runner-up
TIED = 0.7  # variance that undecided rows add by depending on each other, over their own; by simulation


def undecided_rows(labels: Ints, posteriors: Array) -> Flags:
    """Which rows (n,) have a most probable class that is not clearly better than the second.

    posteriors (n, K): cross-fitted. The rows of smallest margins, as many as there can be among which the labels do
    not favour the most probable class over the second by CLEAR standard errors.
    """
    if posteriors.shape[1] < 2:
        return np.zeros(len(labels), dtype=bool)
    second, first = np.argsort(posteriors, axis=1, kind="stable")[:, -2:].T
    rows = np.arange(len(labels))
    order = np.argsort(posteriors[rows, first] - posteriors[rows, second], kind="stable")
    right, wrong = (first == labels)[order], (second == labels)[order]
    lead, told = np.cumsum(right.astype(float) - wrong), np.cumsum(right | wrong)
    unclear = np.flatnonzero(lead <= CLEAR * np.sqrt(told))
    found = np.zeros(len(labels), dtype=bool)
    found[order[: unclear[-1] + 1 if len(unclear) else 0]] = True
    return found


def tied_variance(labels: Ints, posteriors: Array, weights: Array | None, groups: NDArray | None) -> float:
    """What undecided rows add to the variance of the cross-fitted accuracy, (n,) labels and posteriors (n, K)."""
    hits = (posteriors.argmax(axis=1) == labels).astype(float)
    residual = hits - np.average(hits, weights=weights)
    return TIED * variance_of_mean(residual * undecided_rows(labels, posteriors), weights, groups)
