"""Above chance or not: a test whose level no accident of learning changes, and what is promised without it.

Cross-fitted classifiers all follow one accident of the sample: where features tell nothing, the accuracy that they
find varies more than that of one fixed classifier, and with a long upper tail. So accuracies are promised above
chance only if a sequential test says that a modality tells anything: each fold is answered by a classifier of the
folds before it, which makes the errors of the folds martingale differences, whatever was learned (Dawid 1984).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2_contingency
from scipy.stats import t as student

from interplay.estimation.confidence import proportion
from interplay.information import Array
from interplay.results import Estimate

Ints = NDArray[np.intp]
Labelled = tuple[Ints, Array | None, NDArray | None]  # labels 0..K-1, weights and groups of a set's rows

DOUBT = 1e-4  # p-value at doubled variance from which the sequential test is asked, which costs fits
FOLDS_DEPEND = 2.0  # variance of what cross-fitted classifiers find in noise, over that of a fixed classifier
FOR_SHARES = 0.2  # share of the error that is left to the largest class's share; the rest is the test's


def accident_p_value(
    rows: Labelled, folds: Ints, posteriors: Array, answer: Callable[[int], Array | None] | None
) -> float:
    """p-value of the hypothesis that a modality tells nothing about the label.

    folds (n,), posteriors (n, K): cross-fitted, of the labelled rows. answer: fold -> probabilities (., K) of its
    rows by a classifier that saw only the folds before it, or None if those cannot train one; asked where the
    cross-fitted ones leave doubt. None for a classifier that was fitted on none of these rows.
    """
    every = range(int(folds.max()) + 1)
    crossed = [_contributions(rows, folds == fold, posteriors[folds == fold]) for fold in every]
    if answer is None:
        return _p_value(crossed, 1.0)
    clear = _p_value(crossed, FOLDS_DEPEND)
    if clear < DOUBT:
        return clear
    answers = ((fold, answer(fold)) for fold in every[1:])
    return _p_value([_contributions(rows, folds == fold, p) for fold, p in answers if p is not None], 1.0)


def code_p_value(counts: Array) -> float:
    """p-value of the same from counts (n,K) of codes that were fixed without these rows: Pearson's test; 1 for a single
    code or label."""
    held = counts[np.ix_(counts.sum(axis=1) > 0, counts.sum(axis=0) > 0)]
    return float(chi2_contingency(held).pvalue) if min(held.shape) > 1 else 1.0


def _contributions(rows: Labelled, chosen: NDArray[np.bool_], p: Array) -> Array:
    """By row or group: how much more probability p (., K) a fold's labels get than they would if dealt out again.

    Centred by row and by label, so that their sum is the difference from the mean over permutations of the labels
    and their squares add up to its variance (Hoeffding 1951).
    """
    labels, weights, groups = (None if v is None else v[chosen] for v in rows)
    assert labels is not None
    w = np.ones(len(labels)) if weights is None else weights
    share = np.bincount(labels, w, p.shape[1]) / w.sum()
    by_row, by_label = p @ share, w @ p / w.sum()
    centred = w * (p[np.arange(len(p)), labels] - by_row - by_label[labels] + by_label @ share)
    if groups is None:
        return centred
    return np.bincount(np.unique(groups.astype(str), return_inverse=True)[1], centred).astype(float)


def _p_value(contributions: Sequence[Array], inflation: float) -> float:
    """One-sided, of a sum of independent terms around zero; 1 where nothing varies."""
    terms = np.concatenate([*contributions, np.zeros(0)])
    error = math.sqrt(inflation * float((terms**2).sum()))
    if len(terms) < 2 or error <= 1e-12:
        return 1.0
    return float(student.sf(terms.sum() / error, len(terms) - 1))


def above_chance(e: Estimate, sets: Sequence[Labelled], accidents: Sequence[float], *, looks: int) -> Estimate:
    """An accuracy whose lower limits are above chance only if one of its modalities tells anything.

    sets, accidents: labelled rows and `accident_p_value` of each modality. If no modality does, nothing is above
    chance: no joint is ruled out in which the label is independent of both. Then a lower limit is that of the
    largest class's share at most.
    """
    p_value, miss = len(accidents) * min(accidents), (1 - e.confidence) / looks

    def passes(error: float) -> bool:
        return p_value <= (1 - FOR_SHARES) * error

    def lower(limit: float, error: float) -> float:
        return limit if passes(error) else min(limit, *(_chance(s, FOR_SHARES * error) for s in sets))

    held_back = "" if passes(miss / 2) else f"; not promised above chance (p = {min(p_value, 1.0):.2g})"
    return replace(
        e,
        ci=(lower(e.ci[0], miss / 2), e.ci[1]),
        ci_point=(lower(e.ci_point[0], miss / 2), e.ci_point[1]),
        limits=(lower(e.limits[0], miss), e.limits[1]),
        how=e.how + held_back,
    )


def _chance(rows: Labelled, error: float) -> float:
    """Lower limit of the largest class's share: no class is known beforehand to be the largest."""
    labels, weights, groups = rows
    classes = np.unique(labels)
    found = [
        proportion((labels == k).astype(float), weights=weights, groups=groups, confidence=1 - error / len(classes))
        for k in classes
    ]
    return max(e.limits[0] for e in found)
