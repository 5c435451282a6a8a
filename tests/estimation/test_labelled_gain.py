"""A rule taught by labels: its lower limit holds, it finds a gain, and where it does nothing it says nothing."""

import math

import numpy as np
import pytest

from interplay.estimation.confidence import clopper_pearson
from interplay.estimation.labelled_cells import label_cells
from interplay.estimation.labelled_draws import LabelledDraws
from interplay.estimation.labelled_gain import TaughtGain, _judged, taught_gain
from samplers import many_counts

LEVEL = 0.95


def _shares(kind):
    """p(y=1 | cell) of 2x2 cells of mass 1/4."""
    return {
        "exclusive or": np.array([0.15, 0.85, 0.85, 0.15]),
        "one modality": np.array([0.2, 0.2, 0.8, 0.8]),
        "one modality, half of it a coin": np.array([0.5, 0.5, 0.9, 0.9]),
        "coin": np.full(4, 0.5),
        "views": np.array([0.05, 0.55, 0.55, 0.95]),
    }[kind]


def _drawn(kind, rows, each, seed):
    """Samples of a joint, `each` labels in every cell, the true gain."""
    share = _shares(kind)
    joint = np.stack([1 - share, share], axis=1).reshape(2, 2, 2) / 4
    at = np.repeat(np.arange(4), each)
    labels = (np.random.default_rng([seed, 7]).random(len(at)) < share[at]).astype(int)
    prior = np.full((4, 2), 0.5)
    cells = label_cells(at, labels, prior, np.full(4, 0.25), None, None)
    priors = np.full((20, 4, 2), 0.5)
    draws = LabelledDraws(counts=many_counts(joint, rows, seed), cells=cells, priors=priors, seed=seed)
    return draws, joint.max(2).sum() - max(joint.sum(i).max(1).sum() for i in (0, 1))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["exclusive or", "one modality", "one modality, half of it a coin", "coin", "views"])
@pytest.mark.parametrize("each", [6, 25])
def test_lower_limits_hold(kind, each):
    """Of 150 samples at 95%: 13 misses are the 98.4% quantile of a binomial."""
    missed = 0
    for seed in range(150):
        draws, gain = _drawn(kind, 400, each, seed)
        missed += taught_gain(draws).lower_limit(LEVEL) > gain + 1e-12
    assert missed <= 13


@pytest.mark.parametrize("classes", [2, 5])
def test_judging_halves_that_choose_for_each_other_are_not_taken_as_independent(classes):
    """Sixteen cells of coins, masses and the better single modality known: nothing is gained. Of 1,500 samples at 95%
    and 99%, at most as many miss as the 99.9% quantiles of binomials."""
    missed = np.zeros(2)
    for seed in range(1500):
        rng = np.random.default_rng(seed)
        at, prior = np.repeat(np.arange(16), 10), np.full((16, classes), 1 / classes)
        cells = label_cells(at, rng.integers(classes, size=160), prior, np.full(16, 1 / 16), None, None)
        gain, smooth, decisive, error = _judged(cells, np.zeros(16, dtype=int))
        taught = TaughtGain(
            value=gain.mean(),
            smooth=smooth.mean(),
            decisive=decisive.mean(),
            labels=(error**2).sum() / 16**2,
            others=0.0,
            regret=0.0,
            freedom=math.inf,
        )
        missed += [taught.lower_limit(level) > 0 for level in (0.95, 0.99)]
    assert missed[0] <= 102
    assert missed[1] <= 28


def test_labels_find_the_gain_of_an_exclusive_or():
    """A little less than all of it: which coin is the better single modality is chosen with the same labels."""
    taught = [taught_gain(_drawn("exclusive or", 400, 25, seed)[0]) for seed in range(20)]
    assert 0.28 < np.mean([t.value for t in taught]) < 0.36
    assert np.median([t.lower_limit(LEVEL) for t in taught]) > 0.1


def test_a_rule_that_answers_as_the_single_modality_does_shows_nothing():
    draws, _ = _drawn("one modality", 4000, 25, 0)
    taught = taught_gain(draws)
    assert taught.decisive == 0
    assert taught.lower_limit(LEVEL) == -math.inf


def test_a_few_equal_labels_show_no_more_than_a_proportion_does():
    """Six labels of one cell, all for the other answer: those of a fair coin are as good in one of 64."""
    variance = 0.5**2 * 4 * (6.5 / 7) * (0.5 / 7) / 6
    taught = TaughtGain(
        value=0.5, smooth=0.5 * 6 / 7, decisive=0.5, labels=variance, others=0.0, regret=0.0, freedom=math.inf
    )
    low, _ = clopper_pearson(1.0, 6, LEVEL)
    assert taught.lower_limit(LEVEL) == pytest.approx(0.5 * (2 * low - 1), rel=1e-6)
    assert taught.lower_limit(1 - 1 / 65) <= 0 <= taught.lower_limit(1 - 1 / 63)


def test_more_doubt_lowers_the_limit():
    plain = TaughtGain(value=0.2, smooth=0.19, decisive=0.5, labels=0.001, others=0.0005, regret=0.0, freedom=math.inf)
    limit = plain.lower_limit(LEVEL)
    assert limit < 0.2 - 1.6 * math.sqrt(0.0015)
    for name, more in (("labels", 0.002), ("others", 0.001), ("regret", 0.01), ("freedom", 5.0)):
        assert TaughtGain(**{**vars(plain), name: more}).lower_limit(LEVEL) < limit
