"""Labels by cell: halves that judge each other, labels of groups and of weighted rows."""

import numpy as np
import pytest

from interplay.estimation.labelled_cells import LabelledCells, label_cells


def test_each_half_judges_what_the_other_one_chose():
    """One half has seen only the first class, the other only the second."""
    halves = np.array([[[3.0, 0.0]], [[0.0, 3.0]]])
    cells = LabelledCells(halves=halves, rows=np.array([6]), prior=np.full((1, 2), 0.5))
    said = cells.answers(cells.shares[:, None], cells.prior[None])
    assert said[:, 0, 0].tolist() == [1, 0]
    right = np.take_along_axis(cells.shares, said[:, 0, :, None], axis=2)[:, :, 0]
    assert (cells.sizes * right).sum() == 0


def test_a_few_labels_do_not_outweigh_maximum_entropy_until_they_are_two():
    one = LabelledCells(halves=np.array([[[0.0, 1.0]], [[0.0, 0.0]]]), rows=np.array([1]), prior=np.array([[0.8, 0.2]]))
    assert one.answers(one.shares[:, None], one.prior[None])[1, 0, 0] == 0
    assert not one.known.any()


def test_weights_shift_the_shares_and_unequal_ones_are_worth_less():
    labels = np.array([0, 0, 1, 1, 1, 1])
    weights = np.array([3.0, 3.0, 1.0, 1.0, 1.0, 1.0])
    told = np.zeros(6, dtype=int), labels, np.full((1, 2), 0.5), np.ones(1), None
    plain, weighed = label_cells(*told, None), label_cells(*told, weights)
    assert plain.seen.tolist() == [[2, 4]]
    assert plain.rows.tolist() == weighed.rows.tolist() == [6]
    assert weighed.seen[0, 0] / weighed.count[0] == pytest.approx(0.6)
    assert weighed.count[0] == pytest.approx(2 * 25 / 11)  # Kish: (3 + 1 + 1)^2 / (9 + 1 + 1) a half
    assert label_cells(*told, 7.5 * weights).halves == pytest.approx(weighed.halves)


def test_labels_of_groups_count_less_and_are_never_split_between_the_halves():
    """Six groups of five rows, each with one label of its own: as good as six labels."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(6), 5)
    labels = np.repeat(np.array([0, 1, 0, 1, 1, 1]), 5)
    order = rng.permutation(30)
    told = np.zeros(30, dtype=int), labels[order], np.full((1, 2), 0.5), np.ones(1)
    alone, together = label_cells(*told, None, None), label_cells(*told, groups[order], None)
    assert alone.design == 1
    assert together.design == pytest.approx(5)
    assert together.halves.sum() == 30
    assert set(np.unique(together.halves % 5)) == {0}
    spread = [c.drawn(4000, 1).mean(0)[:, 0, 1].std() for c in (alone, together)]
    assert spread[1] == pytest.approx(np.sqrt(5) * spread[0], rel=0.1)
    apart = label_cells(*told, rng.permutation(30), None)
    assert apart.design == pytest.approx(1)


def test_groups_of_equal_answers_are_taken_to_be_alike():
    zeros = np.zeros(8, dtype=int)
    cells = label_cells(zeros, zeros, np.array([[0.9, 0.1]]), np.ones(1), np.repeat([0, 1], 4), None)
    assert cells.design == pytest.approx(4)
