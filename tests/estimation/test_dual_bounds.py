"""Bounds without codes: below known truths, indifferent to how rows are written, and covering."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from interplay.estimation.dual_bounds import DualBound, dual_accuracy, dual_information, with_dual
from interplay.estimation.preparation import Options, prepare
from interplay.results import Estimate

TRUE_ACCURACY = float(norm.cdf(1))  # of the better side of 0, for N(-1, 1) against N(1, 1)


def prepared(rows, seed, *, truth="views", classifier=None, groups=None, weights=None, folds=2):
    """Continuous features of two equally likely classes: x = +-1 + noise, and by `truth` a second view."""
    rng = np.random.default_rng(seed)

    def draw():
        y = rng.integers(2, size=rows)
        x = 2 * y - 1 + rng.standard_normal(rows)
        z = {
            "views": lambda: 2 * y - 1 + rng.standard_normal(rows),
            "copy": lambda: x + 0.5 * rng.standard_normal(rows),
            "one": lambda: rng.standard_normal(rows),
        }[truth]()
        return x[:, None], z[:, None], y

    (a, _, ya), (_, b, yb), (pa, pb, _) = draw(), draw(), draw()
    classifier = classifier or LogisticRegression()
    both = {"a": classifier, "b": classifier}
    p = prepare(
        labeled={"a": (a, ya), "b": (b, yb)},
        pairs={"a": pa, "b": pb},
        options=Options(seed=seed, codes=2, classifiers=both, folds=folds, replicates=20, workers=1),
        groups=groups,
        sample_weight=weights,
    )
    return p.coded, ("a", "b"), p.weights


def gaussian_information(separation):
    """I(X;Y) in bits of two equally likely unit normals 2 * separation apart, by quadrature."""
    x = np.linspace(-12, 12, 20001)
    p = np.stack([norm.pdf(x, -separation), norm.pdf(x, separation)]) / 2
    total = p.sum(0)
    inside = np.where(p > 0, p * np.log2(np.maximum(p, 1e-300) / (0.5 * np.maximum(total, 1e-300))), 0.0)
    return float(inside.sum() * (x[1] - x[0]))


def test_two_views_are_worth_more_than_one_and_no_more_than_they_are():
    """Independent given the label, the smallest information over all joints is their own, that of one view
    sqrt(2) times as far apart."""
    arguments = prepared(3000, 0)
    total, accuracy = dual_information(*arguments), dual_accuracy(*arguments)
    exact = gaussian_information(np.sqrt(2))
    assert gaussian_information(1.0) < total.lower_limit(0.95) < exact
    assert total.value == pytest.approx(exact, abs=0.06)
    assert TRUE_ACCURACY < accuracy.value < norm.cdf(np.sqrt(2))


@pytest.mark.parametrize("truth", ["copy", "one"])
def test_a_second_modality_that_adds_nothing_adds_nothing(truth):
    arguments = prepared(3000, 1, truth=truth, folds=4)
    accuracy, total = dual_accuracy(*arguments), dual_information(*arguments)
    assert accuracy.lower_limit(0.95) < TRUE_ACCURACY
    assert accuracy.value == pytest.approx(TRUE_ACCURACY, abs=0.03)
    assert total.value == pytest.approx(gaussian_information(1.0), abs=0.06)


def test_equal_weights_change_nothing():
    weights = {"a": np.full(300, 2.0), "b": np.full(300, 0.5), "pairs": np.full(300, 3.0)}
    plain, weighted = (prepared(300, 2, classifier=GaussianNB(), weights=w) for w in (None, weights))
    one, two = dual_information(*plain), dual_information(*weighted)
    assert two.value == pytest.approx(one.value, abs=1e-4)
    assert two.error == pytest.approx(one.error, abs=1e-4)


def test_groups_count_as_one():
    """Thirty groups of ten rows: fewer clusters, a t quantile of 29 degrees of freedom."""
    names = np.arange(300) // 10
    bound = dual_accuracy(*prepared(300, 3, groups={"a": names, "b": names, "pairs": names}))
    assert bound.clusters == 30
    assert np.isfinite(bound.error)


def test_probabilities_of_exactly_zero_and_one_are_no_trouble():
    bound = dual_accuracy(*prepared(400, 4, classifier=GaussianNB(var_smoothing=1e-12)))
    assert np.isfinite(bound.value)
    assert bound.lower_limit(0.95) < TRUE_ACCURACY + 0.05


def test_limits_fall_with_the_level_and_rise_with_clusters():
    few, many = (DualBound(value=0.8, error=0.01, clusters=c) for c in (10, 10_000))
    assert few.lower_limit(0.95) < many.lower_limit(0.95) < 0.8
    assert many.lower_limit(0.99) < many.lower_limit(0.95)
    assert many.lower_limit(0.95) == pytest.approx(0.8 - norm.ppf(0.95) * 0.01, abs=1e-5)


def test_the_better_low_end_wins_and_the_high_end_stays():
    coded = Estimate(
        low=0.8,
        high=0.9,
        ci=(0.7, 0.95),
        ci_point=(0.71, 0.94),
        limits=(0.72, 0.94),
        confidence=0.95,
        unit="probability",
        how="bootstrap",
    )
    good, poor, beyond = (DualBound(value=v, error=0.01, clusters=1000) for v in (0.8, 0.5, 0.99))
    raised = with_dual(coded, good, confidence=0.95, looks=1)
    assert raised.ci == (good.lower_limit(1 - 0.05 / 4), 0.95)
    assert raised.limits == (good.lower_limit(1 - 0.05 / 2), 0.94)
    assert "without codes" in raised.how
    raw = with_dual(coded, beyond, confidence=0.95, looks=1)
    assert raw.ci[0] == raw.ci[1] > coded.ci[1]
    kept = with_dual(coded, poor, confidence=0.95, looks=1)
    assert (kept.ci, kept.limits, kept.how) == (coded.ci, coded.limits, "bootstrap")


@pytest.mark.slow
@pytest.mark.parametrize("truth", ["views", "copy"])
def test_lower_limits_cover(truth):
    """One-sided 90% limits at 250 rows, 8 runs: 10% misses give at most 3 with probability 0.995."""
    exact = {"views": (norm.cdf(np.sqrt(2)), gaussian_information(np.sqrt(2)))}.get(
        truth, (TRUE_ACCURACY, gaussian_information(1.0))
    )
    missed = np.zeros(2)
    for seed in range(8):
        arguments = prepared(250, 100 + seed, truth=truth)
        limits = [bound(*arguments).lower_limit(0.9) for bound in (dual_accuracy, dual_information)]
        missed += np.array(limits) > exact
    assert missed.max() <= 3
