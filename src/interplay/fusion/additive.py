"""Classifiers that add up the log scores of single modalities, fitted and compared without labelled pairs."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from interplay.fusion.evidence import Additive, Evidence, log_scores
from interplay.information import Array, to_bits

FARTHEST = 1.0  # weights stay between 0 and 2
FARTHEST_BIAS = 5.0

Fit = Callable[[Evidence], Additive]


def single(modality: int) -> Fit:
    """The fit that takes one modality's own probabilities."""

    def fit(evidence: Evidence) -> Additive:
        shape = len(evidence.pairs), evidence.residuals[0].shape[1]
        return Additive(weights=np.eye(shape[0])[modality], bias=np.zeros(shape[1]))

    return fit


def product(evidence: Evidence) -> Additive:
    """Product of experts: p(y) prod_m p(y|x_m) / p(y), right where modalities are independent given the label."""
    count = len(evidence.pairs)
    return Additive(weights=np.ones(count), bias=-(count - 1) * np.log(evidence.shares()))


def maximum_entropy(evidence: Evidence) -> Additive:
    """Additive logits that reproduce p(y) and each modality's E[log score of the true class] on the pairs.

    Among all p(y|pair) with these moments the one closest to the product of experts, which is itself chosen
    where it has them; it then is the maximum-entropy one too, for the product belongs to the same family. Each
    moment may be missed by its standard error, so that noise moves nothing (an L1 penalty on the dual): two
    modalities that repeat each other get weights below 1, two that cancel each other's noise above 1.
    """
    base = product(evidence)
    scores = np.stack([log_scores(p.posteriors) for p in evidence.pairs])  # (M, n, K)
    start = base.logits([p.posteriors for p in evidence.pairs])
    wanted = np.concatenate([evidence.moments(), evidence.shares()])
    slack = np.concatenate(evidence.errors(softmax(start, axis=1)))
    row_weights = evidence.pairs[0].weights / evidence.pairs[0].weights.sum()
    count, size = len(scores), len(wanted)

    def dual(parts: Array) -> tuple[float, Array]:
        shift = parts[:size] - parts[size:]
        logits = start + np.tensordot(shift[:count], scores, axes=1) + shift[count:]
        normaliser = logsumexp(logits, axis=1)
        implied = np.exp(logits - normaliser[:, None]) * row_weights[:, None]
        off = np.concatenate([np.einsum("nk,mnk->m", implied, scores), implied.sum(0)]) - wanted
        value = row_weights @ normaliser - wanted @ shift + slack @ (parts[:size] + parts[size:])
        return float(value), np.concatenate([slack + off, slack - off])

    limits = [(0.0, FARTHEST)] * count + [(0.0, FARTHEST_BIAS)] * (size - count)
    found = minimize(dual, np.zeros(2 * size), jac=True, method="L-BFGS-B", bounds=limits * 2)
    shift = found.x[:size] - found.x[size:]
    return Additive(weights=base.weights + shift[:count], bias=base.bias + shift[count:])


def fit_by_fold(fit: Fit, evidence: Evidence, folds: int) -> tuple[Additive, ...]:
    """One model a fold, fitted on the rows of the other folds."""
    return tuple(fit(evidence.of_folds(np.arange(folds) != k)) for k in range(folds))


def held_out_loss(models: tuple[Additive, ...], evidence: Evidence) -> tuple[float, float]:
    """Mean over folds of each model's log loss (bits) on the rows of its own fold, which it never saw, and its
    standard error."""
    folds = np.arange(len(models))
    own = [evidence.of_folds(folds == k) for k in folds]
    losses = [e.log_loss(m) for e, m in zip(own, models, strict=True)]
    variances = [e.log_loss_variance(m) for e, m in zip(own, models, strict=True)]
    return float(np.mean(losses)), float(to_bits(np.sqrt(np.sum(variances)) / len(models)))
