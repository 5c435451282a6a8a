"""What labelled single modalities and unlabelled pairs say about any classifier that adds up log scores.

A classifier softmax(b + sum_m w_m l_m(x_m, y)) has the log loss E[logsumexp] - <b, p(y)> - sum_m w_m E[l_m(x_m, y)].
The first term needs pairs without labels, the others need labels of one modality at a time: the log loss is the same
for every joint that agrees with the samples, so it can be estimated and compared without one labelled pair.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from interplay.estimation.coding import CodedSamples
from interplay.information import Array, to_bits
from interplay.samples import PAIRS

FLOOR = 1e-3  # a classifier that has never seen a class does not know that it is impossible
LEAST_SHARE = 1e-3


@dataclass(frozen=True, kw_only=True, eq=False)
class Additive:
    """Logits of a classifier: bias (K,) plus weights[m] times the log scores of modality m."""

    weights: Array
    bias: Array

    def logits(self, posteriors: list[Array]) -> Array:
        """(n, K) from the class probabilities (n, K) of each modality."""
        return self.bias + sum(w * log_scores(q) for w, q in zip(self.weights, posteriors, strict=True))


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """Rows of one set: class probabilities (n, K) by classifiers that never saw them, weights, folds."""

    posteriors: Array
    weights: Array
    folds: NDArray[np.intp]

    def take(self, keep: NDArray[np.bool_]) -> "Rows":
        """Some of the rows."""
        return Rows(posteriors=self.posteriors[keep], weights=self.weights[keep], folds=self.folds[keep])

    def mean(self, values: Array) -> Array:
        """Weighted mean of values (n, ...)."""
        return np.average(values, axis=0, weights=self.weights)

    def error(self, values: Array) -> Array:
        """Variance of that mean, rows being independent."""
        share = self.weights / self.weights.sum()
        centred = values - self.mean(values)
        return np.tensordot(share**2, centred**2, axes=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """Pairs (one `Rows` a modality, rows aligned) and labelled rows with their residuals 1[y] - p(y|x) (n, K)."""

    pairs: tuple[Rows, ...]
    labeled: tuple[Rows, ...]
    residuals: tuple[Array, ...]

    def of_folds(self, keep: NDArray[np.bool_]) -> "Evidence":
        """The rows of those folds k with keep[k]."""
        chosen = [keep[s.folds] for s in self.labeled]
        return Evidence(
            pairs=tuple(s.take(keep[s.folds]) for s in self.pairs),
            labeled=tuple(s.take(c) for s, c in zip(self.labeled, chosen, strict=True)),
            residuals=tuple(r[c] for r, c in zip(self.residuals, chosen, strict=True)),
        )

    def shares(self) -> Array:
        """p(y) (K,): mean over modalities of what the pairs look like, corrected by the labelled rows."""
        each = [p.mean(p.posteriors) + s.mean(r) for p, s, r in self._sets()]
        p = np.maximum(np.mean(each, axis=0), LEAST_SHARE)
        return p / p.sum()

    def moments(self) -> Array:
        """E[l_m(x_m, y)] (M,): mean over pairs as if the classifier were right, plus by how much it errs.

        The labelled rows only have to tell how far the classifier is off; the chance in which rows were drawn
        cancels against the pairs (a control variate).
        """
        return np.array([p.mean(_expected(p)) + s.mean(_missed(s, r)) for p, s, r in self._sets()])

    def errors(self, implied: Array) -> tuple[Array, Array]:
        """Standard errors (M,) of moments and (K,) of shares, less those of a model that implies p(y|pair) (n, K)."""
        of_moments, of_shares = [], np.zeros(implied.shape[1])
        for p, s, r in self._sets():
            off = p.posteriors - implied
            of_moments.append(p.error((log_scores(p.posteriors) * off).sum(1)) + s.error(_missed(s, r)))
            of_shares += (p.error(off) + s.error(r)) / len(self.pairs) ** 2
        return np.sqrt(of_moments), np.sqrt(of_shares)

    def log_loss(self, model: Additive) -> float:
        """Cross-entropy of the model in bits: identified without labelled pairs."""
        logits = model.logits([p.posteriors for p in self.pairs])
        seen = model.bias @ self.shares() + model.weights @ self.moments()
        return float(to_bits(self.pairs[0].mean(logsumexp(logits, axis=1)) - seen))

    def log_loss_variance(self, model: Additive) -> float:
        """Of that estimate, in squared nats, rows being independent."""
        posteriors = [p.posteriors for p in self.pairs]
        scored = sum(w * (q * log_scores(q)).sum(1) for w, q in zip(model.weights, posteriors, strict=True))
        shown = logsumexp(model.logits(posteriors), axis=1) - scored - np.mean(posteriors, axis=0) @ model.bias
        variance = self.pairs[0].error(shown)
        for weight, (_, s, r) in zip(model.weights, self._sets(), strict=True):
            variance = variance + s.error(weight * _missed(s, r) + r @ model.bias / len(self.pairs))
        return float(variance)

    def _sets(self) -> zip:
        return zip(self.pairs, self.labeled, self.residuals, strict=True)


def log_scores(posteriors: Array) -> Array:
    """log p(y|x) (n, K), floored and centred over the classes."""
    logs = np.log(np.maximum(posteriors, FLOOR))
    return logs - logs.mean(axis=1, keepdims=True)


def _expected(pairs: Rows) -> Array:
    return (pairs.posteriors * log_scores(pairs.posteriors)).sum(1)


def _missed(labeled: Rows, residuals: Array) -> Array:
    return (residuals * log_scores(labeled.posteriors)).sum(1)


def gather(coded: CodedSamples, weights: Mapping[str, Array | None]) -> Evidence:
    """Scores of every row by its own fold's classifiers. weights: of each set, by modality and "pairs"."""
    samples, folds = coded.samples, coded.folds
    pairs, labeled, residuals = [], [], []
    for name in samples.names:
        own = samples.labeled[name]
        pairs.append(_rows(coded, name, samples.pairs[name], folds.pairs, weights[PAIRS]))
        labeled.append(_rows(coded, name, own.features, folds.labeled[name], weights[name]))
        residuals.append(np.eye(len(samples.classes))[own.labels] - labeled[-1].posteriors)
    return Evidence(pairs=tuple(pairs), labeled=tuple(labeled), residuals=tuple(residuals))


def _rows(coded: CodedSamples, name: str, features: NDArray, folds: NDArray[np.intp], weights: Array | None) -> Rows:
    posteriors = np.empty((len(features), len(coded.samples.classes)))
    for fold, coder in enumerate(coded.coders[name]):
        rows = folds == fold
        if rows.any():
            posteriors[rows] = coder.posterior(features[rows])
    return Rows(posteriors=posteriors, weights=np.ones(len(features)) if weights is None else weights, folds=folds)
