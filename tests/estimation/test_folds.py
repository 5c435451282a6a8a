"""Folds are even, keep groups whole, and leave every class something to train on."""

import numpy as np
import pytest

from interplay.errors import InputError
from interplay.estimation.folds import assign_folds, default_fold_count, fold_weights
from interplay.samples import make_samples
from samplers import draw, noisy_views


def _samples(rows=60, **more):
    return make_samples(**draw(noisy_views(), rows, 0).arguments, **more)


def test_folds_are_of_equal_size():
    folds = assign_folds(_samples(), 3, np.random.default_rng(0))
    for of in (*folds.labeled.values(), folds.pairs):
        counts = np.bincount(of, minlength=3)
        assert counts.max() - counts.min() <= 1


def test_folds_are_not_stratified():
    """Classes are spread over folds as chance would: with equal numbers a tie would be answered too well everywhere."""
    samples = _samples()
    labels = samples.labeled["image"].labels
    every = [assign_folds(samples, 3, np.random.default_rng(seed)).labeled["image"] for seed in range(300)]
    first = [np.sum(labels[folds == 0]) for folds in every]
    share = labels.mean()
    assert np.var(first) == pytest.approx(20 * share * (1 - share) * 40 / 59, rel=0.3)  # hypergeometric


def test_a_rare_class_is_in_every_training_set():
    samples = _samples(200)
    labels = {n: np.where(np.arange(200) < 2, 2, s.labels) for n, s in samples.labeled.items()}
    few = make_samples(
        labeled={n: (s.features, labels[n]) for n, s in samples.labeled.items()}, pairs=dict(samples.pairs)
    )
    for seed in range(50):
        folds = assign_folds(few, 2, np.random.default_rng(seed))
        for name in few.labeled:
            assert len(set(folds.labeled[name][:2])) == 2


def test_a_group_lies_in_one_fold_across_all_sets():
    rng = np.random.default_rng(1)
    groups = {name: rng.integers(12, size=60) for name in ("image", "text", "pairs")}
    samples = _samples(groups=groups)
    folds = assign_folds(samples, 3, rng)
    where: dict = {}
    for name, g in groups.items():
        of = folds.pairs if name == "pairs" else folds.labeled[name]
        for group, fold in zip(g, of, strict=True):
            assert where.setdefault(int(group), int(fold)) == fold
    assert set(where.values()) == {0, 1, 2}


def test_weights_make_folds_weigh_the_same():
    folds = np.array([0] * 10 + [1] * 30)
    weights = fold_weights(folds, 2, None)
    total = np.bincount(folds, weights=weights)
    assert total[0] == pytest.approx(total[1])
    assert weights.sum() == pytest.approx(40)
    assert fold_weights(np.array([0, 1, 0, 1]), 2, None) is None


@pytest.mark.parametrize(
    ("more", "count", "words"),
    [
        ({"groups": {"image": np.repeat([0, 1], 30)}}, 3, "2 groups in the labelled rows of 'image'"),
        ({}, 61, "60 rows in the labelled rows of 'image'"),
    ],
)
def test_too_few_to_split(more, count, words):
    with pytest.raises(InputError, match=words):
        assign_folds(_samples(**more), count, np.random.default_rng(0))


def test_a_class_within_one_fold_is_refused():
    drawn = draw(noisy_views(), 60, 0)
    y = drawn.labeled["image"][1]
    samples = make_samples(**drawn.arguments, groups={"image": np.where(y == 1, "a", np.arange(60).astype(str))})
    with pytest.raises(InputError, match="lies within one fold's groups"):
        assign_folds(samples, 2, np.random.default_rng(0))


def test_fewer_folds_where_rows_are_many_or_groups_few():
    assert default_fold_count(_samples()) == 5
    assert default_fold_count(_samples(groups={"image": np.repeat(np.arange(4), 15)})) == 2


def test_a_row_among_labels_and_pairs_lies_in_one_fold():
    """Else its classifier would code a row that it was fitted on."""
    rng = np.random.default_rng(2)
    x = {n: rng.standard_normal((80, 3)) for n in ("image", "text")}
    y = np.arange(80) % 2
    labeled = {n: (np.vstack([x[n][:40], rng.standard_normal((40, 3))]), y) for n in x}
    folds = assign_folds(make_samples(labeled=labeled, pairs=x), 4, rng)
    for name in x:
        assert np.array_equal(folds.labeled[name][:40], folds.pairs[:40])
        assert np.bincount(folds.labeled[name], minlength=4).min() > 0
