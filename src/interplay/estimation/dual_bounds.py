"""Bounds without codes: dual functions of class probabilities, fitted on some folds and judged on others.

For any functions lam(x1, y) and mu(x2, y) of continuous features, the best classifier's accuracy is at least
E[lam] + E[mu] + E_pairs[min_k (1 - sum of the k largest lam + mu) / k], and H(Y|X1,X2), in nats, at most
-E[lam] - E[mu] + E_pairs[log sum_y exp(lam + mu)] (weak duality, whatever made lam and mu). Three sample means
of rows that the functions never saw give a plain confidence limit that needs no tables and no bootstrap, and
no true or calibrated classifier.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import t as student

from interplay.estimation.coding import CodedSamples
from interplay.estimation.dual_basis import Basis, fit_basis
from interplay.estimation.dual_fit import (
    DualFunctions,
    Price,
    Rows,
    accuracy_price,
    fit_dual_functions,
    information_price,
)
from interplay.information import Array, to_bits
from interplay.results import Estimate
from interplay.samples import PAIRS
from interplay.solvers.cells_dual import label_price

Ints = NDArray[np.intp]

FIT_ROWS = 5000  # a set; a few dozen coefficients need no more
DEPENDENCE = math.sqrt(2)  # a fold's functions saw the other folds' rows: widens the standard error
UNSEEN_ROWS = 2.0  # rows that may not be as all others are: where all agree, their spread says nothing


@dataclass(frozen=True, kw_only=True)
class DualBound:
    """A lower bound judged on rows that its functions never saw.

    value: the sum of the sample means, on average below the truth. error: its standard error, clustered by
    group, for folds that depend on each other. clusters: independent groups (or rows) of the smallest set.
    """

    value: float
    error: float
    clusters: int

    def lower_limit(self, level: float) -> float:
        """One-sided lower confidence limit."""
        return self.value - float(student.ppf(level, max(self.clusters - 1, 1))) * self.error


@dataclass(frozen=True, kw_only=True, eq=False)
class _Set:
    """Rows of one set: class probabilities by modality, labels or None, folds, weights, groups or None."""

    posteriors: tuple[Array, ...]
    labels: Ints | None
    folds: Ints
    weights: Array
    groups: NDArray | None

    def rows(self, bases: tuple[Basis, ...], chosen: Ints) -> Rows:
        return Rows(
            values=tuple(b(p[chosen]) for b, p in zip(bases, self.posteriors, strict=True)),
            labels=None if self.labels is None else self.labels[chosen],
            weights=self.weights[chosen],
        )


def dual_accuracy(coded: CodedSamples, names: tuple[str, str], weights: Mapping[str, Array | None]) -> DualBound:
    """Lower bound on the best fused classifier's accuracy on the raw modalities, without codes.

    weights: of each set's rows, by modality and "pairs", or None. Holds for rows (or groups) that are random
    samples of one population; classifiers need not be good. Cost: seconds, whatever the number of rows.
    """
    return _judge(coded, names, weights, accuracy_price, (0.03,), information=False)


def dual_information(coded: CodedSamples, names: tuple[str, str], weights: Mapping[str, Array | None]) -> DualBound:
    """Lower bound on I({X1,X2};Y) of the raw modalities, in bits, without codes; arguments of `dual_accuracy`."""
    bound = _judge(coded, names, weights, information_price, (1.0,), information=True)
    return DualBound(value=to_bits(bound.value), error=to_bits(bound.error), clusters=bound.clusters)


def _judge(
    coded: CodedSamples,
    names: tuple[str, str],
    weights: Mapping[str, Array | None],
    price: Price,
    smoothings: tuple[float, ...],
    *,
    information: bool,
) -> DualBound:
    """Every fold judges functions fitted on the others; the bounds of the folds are averaged."""
    sets, count = _sets(coded, names, weights), coded.folds.count
    terms = [np.zeros(len(s.folds)) for s in sets]
    shares = [np.zeros(len(s.folds)) for s in sets]  # weight of each row in the mean over folds of fold means
    for fold in range(count):
        training, judged = ([np.flatnonzero((s.folds == fold) == own) for s in sets] for own in (False, True))
        training = [_thinned(rows) for rows in training]
        bases = tuple(fit_basis(p[training[2]]) for p in sets[2].posteriors)
        first, second, pairs = (
            s.rows(b, r) for s, b, r in zip(sets, (bases[:1], bases[1:], bases), training, strict=True)
        )
        functions = fit_dual_functions(first, second, pairs, bases[0].shapes, price, smoothings)
        for at, values in enumerate(_terms(sets, judged, bases, functions, information=information)):
            terms[at][judged[at]] = values
            w = sets[at].weights[judged[at]]
            shares[at][judged[at]] = w / w.sum() / count
    value = sum(float(w @ t) for w, t in zip(shares, terms, strict=True))
    error, clusters = _standard_error(sets, terms, shares, count)
    scale = math.log(coded.posteriors[names[0]].shape[1]) if information else 1.0
    unseen = scale * UNSEEN_ROWS / min(len(t) for t in terms)
    return DualBound(value=value, error=math.hypot(DEPENDENCE * error, unseen), clusters=clusters)


def with_dual(coded: Estimate, bound: DualBound, *, confidence: float, looks: int) -> Estimate:
    """The estimate from codes with the better of two lower ends.

    It then speaks of the raw modalities, whose low end may lie above that of their codes. Two looks: `coded`
    must have been computed with twice the looks that are passed here; the bound takes the other half of the error.
    """
    miss = (1 - confidence) / (2 * looks)
    both, alone = bound.lower_limit(1 - miss / 2), bound.lower_limit(1 - miss)
    better = both > coded.ci[0]
    return replace(
        coded,
        ci=_raised(coded.ci, both),
        ci_point=_raised(coded.ci_point, both),
        limits=_raised(coded.limits, alone),
        how=f"{coded.how}; low end by dual functions, without codes" if better else coded.how,
        details={**coded.details, "dual": bound},
    )


def _raised(ends: tuple[float, float], low: float) -> tuple[float, float]:
    """Ends with a better low one. The high end describes codes: raw modalities may surpass it."""
    return max(ends[0], low), max(ends[1], low)


def _sets(coded: CodedSamples, names: tuple[str, str], weights: Mapping[str, Array | None]) -> tuple[_Set, ...]:
    samples, folds = coded.samples, coded.folds
    labelled = [
        _Set(
            posteriors=(coded.posteriors[n],),
            labels=samples.labeled[n].labels,
            folds=folds.labeled[n],
            weights=_ones(weights[n], len(folds.labeled[n])),
            groups=samples.labeled[n].groups,
        )
        for n in names
    ]
    pairs = _Set(
        posteriors=tuple(coded.pair_posteriors[n] for n in names),
        labels=None,
        folds=folds.pairs,
        weights=_ones(weights[PAIRS], len(folds.pairs)),
        groups=samples.pair_groups,
    )
    return (*labelled, pairs)


def _ones(weights: Array | None, count: int) -> Array:
    return np.ones(count) if weights is None else weights


def _thinned(rows: Ints) -> Ints:
    """At most FIT_ROWS, evenly spread: folds are random, so the order says nothing that matters."""
    if len(rows) <= FIT_ROWS:
        return rows
    return rows[np.linspace(0, len(rows) - 1, FIT_ROWS).astype(np.intp)]


def _terms(
    sets: tuple[_Set, ...],
    judged: list[Ints],
    bases: tuple[Basis, ...],
    functions: DualFunctions,
    *,
    information: bool,
) -> list[Array]:
    """What each judged row of first, second and pairs adds to the bound; an information bound includes H(Y)."""
    sizes = np.array([len(judged[0]), len(judged[1])])
    share = sizes / sizes.sum()
    labels = [s.labels[r] for s, r in zip(sets[:2], judged[:2], strict=True) if s.labels is not None]
    surprise = _surprise(sets, judged, labels, share) if information else np.zeros(len(functions.offset))
    terms = []
    for s, r, y, b, c, w in zip(sets, judged, labels, bases, (functions.lam, functions.mu), share, strict=False):
        own = b(s.posteriors[0][r])[np.arange(len(y)), y]
        terms.append((own * c[y]).sum(axis=1) + w * (functions.offset + surprise)[y])
    v = functions.offset + sum(
        np.einsum("nkm,km->nk", b(p[judged[2]]), c)
        for b, p, c in zip(bases, sets[2].posteriors, (functions.lam, functions.mu), strict=True)
    )
    priced = -logsumexp(v, axis=1) if information else label_price(v, None, np.ones(v.shape, dtype=bool))
    return [*terms, np.asarray(priced)]


def _surprise(sets: tuple[_Set, ...], judged: list[Ints], labels: list[Ints], share: Array) -> Array:
    """-log p(y), in nats, by the judged rows' own frequencies: their mean is the plug-in H(Y).

    The plug-in entropy is below the truth on average, so it can stand in a lower bound, and to first order
    its deviation is that of the mean of -log p(y): it joins the terms of the rows, and their variance.
    """
    k = 1 + max(int(y.max()) for s in sets[:2] if (y := s.labels) is not None)
    frequency = np.zeros(k)
    for s, r, y, part in zip(sets, judged, labels, share, strict=False):
        frequency += part * np.bincount(y, s.weights[r], k) / s.weights[r].sum()
    return -np.log(frequency, out=np.zeros(k), where=frequency > 0)


def _standard_error(sets: tuple[_Set, ...], terms: list[Array], shares: list[Array], count: int) -> tuple[float, int]:
    """Of the mean over folds of each fold's means; a group's rows count as one, in whatever sets they are."""
    variance, clusters = 0.0, min(len(t) for t in terms)
    residuals, names = [], []
    for s, t, w in zip(sets, terms, shares, strict=True):
        means = count * np.bincount(s.folds, w * t, count)
        residual = w * (t - means[s.folds])
        if s.groups is None:
            variance += float((residual**2).sum())
        else:
            residuals.append(residual)
            names.append(s.groups.astype(str))
            clusters = min(clusters, len(np.unique(names[-1])))
    if names:
        position = np.unique(np.concatenate(names), return_inverse=True)[1]
        variance += float((np.bincount(position, np.concatenate(residuals)) ** 2).sum())
    return math.sqrt(variance), clusters
