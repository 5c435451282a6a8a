"""Above chance or not: exact under independence whatever was learned, powerful enough, and what it holds back."""

import numpy as np
import pytest

from interplay.estimation.chance import DOUBT, above_chance, accident_p_value
from interplay.estimation.confidence import proportion


def learned(symbols, labels, seen, asked, count, classes):
    """Class frequencies of each symbol among the rows seen, with a row added a class, for the rows asked."""
    votes = np.ones((count, classes))
    np.add.at(votes, (symbols[seen], labels[seen]), 1)
    return (votes / votes.sum(1, keepdims=True))[symbols[asked]]


def sampled(rng, rows=300, count=5, classes=2, signal=0.0, groups=None):
    """Symbols, labels, folds and cross-fitted posteriors; `signal` of the rows show their label."""
    group = np.arange(rows) if groups is None else groups
    kinds = np.unique(group, return_inverse=True)[1]
    labels = rng.integers(classes, size=kinds.max() + 1)[kinds]
    symbols = rng.integers(count, size=kinds.max() + 1)[kinds]
    symbols = np.where(rng.random(rows) < signal, labels, symbols)
    folds = (rng.permutation(kinds.max() + 1) % 5)[kinds]
    posteriors = np.empty((rows, classes))
    for f in range(5):
        posteriors[folds == f] = learned(symbols, labels, folds != f, folds == f, count, classes)
    return symbols, labels, folds, posteriors


def p_value(symbols, labels, folds, posteriors, groups=None, weights=None):
    count, classes = symbols.max() + 1, posteriors.shape[1]

    def answer(fold):
        return learned(symbols, labels, folds < fold, folds == fold, count, classes)

    return accident_p_value((labels, weights, groups), folds, posteriors, answer)


@pytest.mark.parametrize(("count", "classes"), [(5, 2), (40, 2), (5, 4)])
def test_features_that_tell_nothing_are_found_out(count, classes):
    """p-values at most 0.05 in 5% of 400 runs, give or take 2.6 standard errors of 1.1 points."""
    rng = np.random.default_rng(8)
    small = np.mean([p_value(*sampled(rng, count=count, classes=classes)) <= 0.05 for _ in range(400)])
    assert small <= 0.078


@pytest.mark.slow
def test_the_cross_fitted_accuracy_alone_would_be_above_chance_too_often():
    """What the test is for; with it an accuracy is promised above 1/2 in at most 7% of runs."""
    rng = np.random.default_rng(8)
    plain, held = 0, 0
    for _ in range(400):
        data = sampled(rng)
        labels, posteriors = data[1], data[3]
        hits = (posteriors.argmax(1) == labels).astype(float)
        e = proportion(hits, weights=None, groups=None, confidence=0.95)
        plain += e.limits[0] > 0.5
        held += above_chance(e, [(labels, None, None)], [p_value(*data)], looks=1).limits[0] > 0.5
    assert plain / 400 > 0.08
    assert held / 400 <= 0.07


def test_a_signal_is_found():
    """A tenth of the rows show their label: 55% right at best, where a promise of 1/2 needs 271 rows on average."""
    rng = np.random.default_rng(9)
    assert np.mean([p_value(*sampled(rng, rows=1500, signal=0.1)) <= 0.05 for _ in range(60)]) > 0.8


def test_where_cross_fitting_leaves_no_doubt_nothing_is_fitted_again():
    data = sampled(np.random.default_rng(1), signal=0.8)

    def never(fold):
        raise AssertionError(fold)

    assert accident_p_value((data[1], None, None), data[2], data[3], never) < DOUBT


def test_a_classifier_that_was_not_fitted_here_is_judged_on_all_rows():
    rng = np.random.default_rng(2)
    labels, folds = rng.integers(2, size=400), np.arange(400) % 2
    noise = rng.random(400)
    posteriors = np.stack([noise, 1 - noise], axis=1)
    p = accident_p_value((labels, None, None), folds, posteriors, None)
    mean = [noise[labels == k].mean() for k in (0, 1)]
    assert (p < 0.5) == (mean[0] > mean[1])


def test_groups_are_units_and_equal_weights_change_nothing():
    """Rows of a group are alike: without groups noise would be significant far too often."""
    rng = np.random.default_rng(3)
    groups = np.arange(300) // 10
    runs = [sampled(rng, groups=groups) for _ in range(300)]
    assert np.mean([p_value(*data, groups=groups) <= 0.05 for data in runs]) <= 0.085
    assert np.mean([p_value(*data) <= 0.05 for data in runs]) > 0.15
    assert p_value(*runs[0], weights=np.full(300, 3.0)) == pytest.approx(p_value(*runs[0]))


def test_one_class_or_constant_answers_tell_nothing():
    folds = np.arange(20) % 2
    constant = np.tile([0.3, 0.7], (20, 1))
    assert accident_p_value((np.arange(20) // 10, None, None), folds, constant, None) == 1.0
    assert (
        accident_p_value((np.ones(20, int), None, None), folds, np.random.default_rng(0).dirichlet([1, 1], 20), None)
        == 1.0
    )
    assert accident_p_value((np.arange(20) // 10, None, None), folds, constant, lambda fold: None) == 1.0


def test_what_is_held_back_is_the_share_of_the_largest_class():
    labels = np.repeat([0, 1], [60, 40])
    e = proportion(np.repeat([1.0, 0.0], [75, 25]), weights=None, groups=None, confidence=0.95)
    rows = [(labels, None, None)]
    assert above_chance(e, rows, [0.01], looks=1) == e
    held = above_chance(e, rows, [0.2], looks=1)
    assert held.ci[0] < held.limits[0] < 0.6 < e.ci[0]
    assert held.ci[1] == e.ci[1]
    assert "p = 0.2" in held.how
    between = above_chance(e, rows, [0.03], looks=1)  # enough at 5%, not at the 2.5% of the interval's lower end
    assert between.limits == e.limits
    assert between.ci[0] == held.ci[0]
    assert above_chance(e, rows * 2, [0.03, 0.9], looks=1).limits[0] < 0.6  # either of two may have been lucky
