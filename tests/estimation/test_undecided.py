"""Undecided rows: none where answers are clear, all where features tell nothing, and the variance that they explain."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from interplay.estimation.confidence import variance_of_mean
from interplay.estimation.undecided import TIED, tied_variance, undecided_rows


def test_rows_of_a_tie_are_undecided_and_clear_rows_are_not():
    rng = np.random.default_rng(0)
    posterior = np.repeat([0.5001, 0.95], 500)
    labels = (rng.random(1000) > np.repeat([0.5, 0.95], 500)).astype(int)
    found = undecided_rows(labels, np.stack([posterior, 1 - posterior], axis=1))
    assert found[:500].all()
    assert found[500:].mean() < 0.3  # those that the tie's own luck takes to outnumber


@pytest.mark.parametrize(("classes", "share"), [(1, 0.0), (2, 1.0), (5, 1.0)])
def test_without_information_all_are_undecided(classes, share):
    rng = np.random.default_rng(classes)
    labels, posteriors = rng.integers(classes, size=400), rng.dirichlet(np.full(classes, 50.0), size=400)
    assert undecided_rows(labels, posteriors).mean() == pytest.approx(share, abs=0.1)


def test_only_the_two_most_probable_classes_decide():
    """A third class that is often right does not make an answer unclear."""
    labels = np.repeat([0, 0, 0, 2], 100)
    posteriors = np.tile([0.5, 0.3, 0.2], (400, 1))
    assert not undecided_rows(labels, posteriors)[20:].any()


def test_weights_and_groups_count():
    rng = np.random.default_rng(1)
    labels, p = rng.integers(2, size=200), rng.random(200)
    posteriors, groups = np.stack([p, 1 - p], axis=1), np.repeat(np.arange(20), 10)
    assert undecided_rows(labels, posteriors).all()
    hits = (posteriors.argmax(1) == labels) - np.mean(posteriors.argmax(1) == labels)
    by_group = tied_variance(labels, posteriors, None, groups)
    assert by_group == pytest.approx(TIED * variance_of_mean(hits, None, groups))
    assert tied_variance(labels, posteriors, np.full(200, 3.0), groups) == pytest.approx(by_group)


@pytest.mark.slow
@pytest.mark.parametrize(("tie", "most", "least"), [(0.2, 0.9, 0.85), (1.0, 0.55, 0.7)])
def test_the_variance_is_that_of_cross_fitted_accuracies(tie, most, least):
    """Five symbols, a share of which are ties: at most so much of the variance is the rows', at least so much is seen.

    Where all is noise a quarter is missing; there the sequential test of `chance` decides.
    """
    rng = np.random.default_rng(2)
    one = np.array([0.95, 0.8, 0.5, 0.2, 0.05]) if tie < 1 else np.full(5, 0.5)
    eye, off, rows_alone, with_ties = np.eye(5), [], [], []
    for _ in range(400):
        symbol, fold = rng.integers(5, size=400), np.arange(400) % 5
        y = (rng.random(400) < one[symbol]).astype(int)
        posteriors, truth = np.zeros((400, 2)), 0.0
        for f in range(5):
            model = LogisticRegression().fit(eye[symbol[fold != f]], y[fold != f])
            posteriors[fold == f] = model.predict_proba(eye[symbol[fold == f]])
            truth += np.where(model.predict(eye) == 1, one, 1 - one).mean() / 5
        hits = posteriors.argmax(1) == y
        alone = variance_of_mean(hits - hits.mean(), None, None)
        off.append(hits.mean() - truth)
        rows_alone.append(alone)
        with_ties.append(alone + tied_variance(y, posteriors, None, None))
    true = np.var(off)
    assert np.mean(rows_alone) / true < most
    assert least < np.mean(with_ties) / true < 1.3
