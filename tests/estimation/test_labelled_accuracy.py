"""The best classifier's range with labelled pairs: the low end is what labels teach, the high end holds for all."""

from dataclasses import replace

import numpy as np
import pytest

from interplay.estimation.labelled_accuracy import accuracy_with_labels
from interplay.estimation.labelled_cells import LabelledCells
from interplay.estimation.labelled_draws import LabelledDraws
from samplers import many_counts, noisy_views


def _drawn(joint, rows, seed, each):
    """Samples, and `each` labels in each half of each cell."""
    share = (joint / joint.sum(2, keepdims=True)).reshape(4, 2)
    halves = np.random.default_rng(1000 + seed).multinomial(each, np.stack([share, share])).astype(float)
    cells = LabelledCells(halves=halves, rows=np.full(4, 2 * each), prior=np.full((4, 2), 0.5))
    priors = np.full((20, 4, 2), 0.5)
    return LabelledDraws(counts=many_counts(joint, rows, seed), cells=cells, priors=priors, seed=seed)


def _joint():
    joint = 0.6 * noisy_views()[::2, ::2] + 0.4 * np.random.default_rng(3).dirichlet(np.ones(8)).reshape(2, 2, 2)
    return joint / joint.sum()


@pytest.mark.slow
def test_intervals_with_labels_cover_what_labels_teach_and_the_best():
    """95% intervals of 60 samples of 300 rows with 6 random labels in every cell.

    Taught: the accuracy of the answers that each half of the labels chooses, which the other half judges. 51 of 60 is
    the 0.5% quantile of a binomial at 95%.
    """
    joint = _joint()
    share = (joint / joint.sum(2, keepdims=True)).reshape(4, 2)
    covered, below, above = 0, 0, 0
    for seed in range(60):
        draws = _drawn(joint, 300, seed, 3)
        said = draws.cells.answers(draws.cells.shares[:, None], draws.cells.prior[None])[:, 0]
        taught = joint.sum(2).ravel() @ share[np.arange(4), said].mean(0)
        accuracy, _ = accuracy_with_labels(draws, confidence=0.95, looks=1)
        covered += accuracy.ci[0] <= taught <= accuracy.ci[1]
        below += accuracy.ci[0] <= joint.max(2).sum()
        above += accuracy.ci[1] >= joint.max(2).sum()
    assert covered >= 51
    assert below >= 51
    assert above >= 51


def test_labels_that_tell_nothing_teach_no_better_than_chance():
    """A coin for a label: answers judged by the labels that chose them would seem right in two of three."""
    coin = np.full((2, 2, 2), 1 / 8)
    hits = [_drawn(coin, 20_000, seed, 3).shown for seed in range(40)]
    assert np.mean(hits) == pytest.approx(0.5, abs=0.02)


def test_few_groups_widen_the_limits_as_student_does():
    """Six groups: the limits are those of Student with five degrees of freedom, of the same replicates."""
    draws = _drawn(_joint(), 300, 0, 3)
    few = replace(draws.counts.pairs, groups=np.arange(300) % 6)
    grouped = replace(draws, counts=replace(draws.counts, pairs=few))
    assert grouped.tables.freedom == 5
    assert draws.tables.freedom == np.inf
    accuracy, _ = accuracy_with_labels(grouped, confidence=0.95, looks=1)
    for at, side in ((0, -1), (1, 1)):
        reach = side * (accuracy.ci[at] - (accuracy.low, accuracy.high)[at])
        assert reach > 2.57 * 0.99 * accuracy.details["standard_error"][at]  # 2.57: Student's 97.5%, 1.96 normal
