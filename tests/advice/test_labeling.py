"""Which pairs to label: plans are rows of the pairs, labels narrow the interval, and it still covers."""

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import interplay as ip
from interplay.advice.allocation import CellState, allocate, expected_width
from interplay.errors import InputError, InterplayError, ShapeError, UnknownNameError
from interplay.estimation.labelled_cells import LabelledCells, label_cells
from interplay.estimation.labelled_pairs import accuracy_with_labels, draw_with_labels
from samplers import draw, many_counts, noisy_views


def xor(error=0.05):
    joint = np.full((2, 2, 2), error / 4)
    i, j = np.indices((2, 2))
    joint[i, j, i ^ j] = (1 - error) / 4
    return joint


@pytest.fixture(scope="module")
def world():
    """XOR pairs, with the labels that only the test knows."""
    drawn = draw(xor(), 400, 0)
    truth = drawn.pairs["image"].argmax(1) ^ drawn.pairs["text"].argmax(1)
    plain = {n: LogisticRegression() for n in drawn.labeled}
    plan = ip.plan_labels(
        **drawn.arguments, classifiers=plain, codes="kmeans", budget=48, looks=2, replicates=20
    )  # codes of scores cannot see XOR
    return drawn, truth, plan


def test_a_plan_names_rows_that_exist_once_each(world):
    _, truth, plan = world
    assert len(plan.rows) == len(set(plan.rows.tolist())) <= 48
    assert plan.rows.min() >= 0
    assert plan.rows.max() < len(truth)
    assert sum(c.labels for c in plan.cells) == len(plan.rows)
    assert plan.decision == "undecided"
    assert not plan.stop
    assert plan.gain.limits[0] < 0.05
    assert plan.gain.limits[1] > 0.4


def test_labels_of_xor_decide_what_no_other_sample_can(world):
    _, truth, plan = world
    after = plan.update(plan.rows, truth[plan.rows])
    assert after.stop
    assert after.decision == "fuse"
    assert after.accuracy.ci[1] - after.accuracy.ci[0] < 0.85 * (plan.accuracy.ci[1] - plan.accuracy.ci[0])
    assert len(after.rows) == 0
    assert "Stop" in str(after)
    assert sorted(after.labelled) == sorted(plan.rows)


def test_labels_in_two_rounds_are_those_of_one(world):
    _, truth, plan = world
    half = len(plan.rows) // 2
    once = plan.update(plan.rows, truth[plan.rows])
    twice = plan.update(plan.rows[:half], truth[plan.rows[:half]]).update(plan.rows[half:], truth[plan.rows[half:]])
    assert once.accuracy.ci == pytest.approx(twice.accuracy.ci, abs=1e-9)


def test_the_plan_as_text_and_as_json(world):
    _, _, plan = world
    assert "label next" in str(plan)
    told = json.loads(json.dumps(plan.to_dict(), allow_nan=False))
    assert told["rows"] == plan.rows.tolist()
    widths = [n["expected"] for n in told["curve"]]
    assert widths == sorted(widths, reverse=True)
    assert all(n["worst"] >= n["expected"] - 1e-12 for n in told["curve"])


def test_rows_are_drawn_at_random_within_their_cells(world):
    """Planned rows of a cell are as any of its pairs: positions spread over the whole file."""
    _, truth, plan = world
    assert plan.rows.min() < len(truth) / 3
    assert plan.rows.max() > 2 * len(truth) / 3


@pytest.mark.parametrize(
    ("rows", "labels", "kind", "words"),
    [
        ([0, 1], [0], ShapeError, "one label a row"),
        ([400], [0], InputError, "a label for row 400"),
        ([-1], [0], InputError, "a label for row -1"),
        ([0.5], [0], InputError, "positions in the pairs"),
        ([3, 3], [0, 1], InputError, "row 3 labelled twice"),
        ([3], [7], InputError, "label 7"),
    ],
)
def test_labels_that_cannot_be_are_refused(world, rows, labels, kind, words):
    with pytest.raises(kind, match=words) as error:
        world[2].update(rows, labels)
    assert isinstance(error.value, InterplayError)


def test_a_row_labelled_before_is_refused(world):
    _, truth, plan = world
    after = plan.update(plan.rows[:4], truth[plan.rows[:4]])
    with pytest.raises(InputError, match="labelled twice"):
        after.update(plan.rows[:1], truth[plan.rows[:1]])


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"budget": 401}, InputError, "from 1 to 400, the number of pairs"),
        ({"budget": 0}, InputError, "budget=0"),
        ({"budget": 10.5}, InputError, "budget=10.5"),
        ({"worth": -0.1}, InputError, "worth=-0.1"),
        ({"worth": "much"}, InputError, "worth='much'"),
        ({"looks": 0}, InputError, "looks=0"),
        ({"modalities": ("image",)}, UnknownNameError, "two or more"),
        ({"modalities": ("image", "depth")}, UnknownNameError, "among the labelled"),
    ],
)
def test_wrong_questions_are_refused(world, arguments, kind, words):
    drawn = world[0]
    plain = {n: LogisticRegression() for n in drawn.labeled}
    with pytest.raises(kind, match=words):
        ip.plan_labels(**drawn.arguments, classifiers=plain, replicates=20, **arguments)


def test_labels_go_where_the_answer_is_open_and_not_where_it_is_known():
    state = CellState(
        mass=np.array([0.5, 0.3, 0.2]),
        unsure=np.array([0.0, 0.3, 0.1]),
        spread=np.full(3, 0.3),
        most=0.5,
        labels=np.zeros(3, dtype=int),
        room=np.array([100, 100, 100]),
        floor=1e-4,
    )
    order = allocate(state, 20, 0.4)
    assert order[0][0] == 1
    assert all(cell != 0 for cell, _ in order)
    assert sum(n for _, n in order) <= 20
    labels = np.bincount([c for c, _ in order], weights=[n for _, n in order], minlength=3).astype(int)
    after, now = (expected_width(state, n, 0.4, quantile=1.96, worst=False) for n in (labels, np.zeros(3, int)))
    assert after < now


def test_where_nothing_is_open_labels_go_by_the_sampling_error_that_is_left():
    state = CellState(
        mass=np.array([0.6, 0.3, 0.1]),
        unsure=np.zeros(3),
        spread=np.full(3, 0.4),
        most=0.5,
        labels=np.zeros(3, dtype=int),
        room=np.array([100, 100, 100]),
        floor=1e-4,
    )
    order = allocate(state, 20, 0.0)
    assert np.bincount([c for c, _ in order], weights=[n for _, n in order]).tolist() == [12, 6, 2]
    given = np.array([12, 6, 2])
    before, after = (expected_width(state, n, 0.0, quantile=1.96, worst=False) for n in (0 * given, given))
    assert after == pytest.approx(before)  # no promise that these narrow anything


def test_no_more_rows_than_a_cell_has():
    state = CellState(
        mass=np.array([0.5, 0.5]),
        unsure=np.array([0.2, 0.2]),
        spread=np.full(2, 0.3),
        most=0.5,
        labels=np.zeros(2, dtype=int),
        room=np.array([4, 2]),
        floor=1e-6,
    )
    planned = np.zeros(2, dtype=int)
    for cell, count in allocate(state, 100, 0.4):
        planned[cell] += count
    assert planned[0] <= 4
    assert planned[1] <= 2


@pytest.mark.slow
def test_intervals_with_labels_cover_what_labels_teach_and_never_exceed_the_best():
    """95% intervals of 40 samples of 300 rows with 6 random labels in every cell.

    Truth: the accuracy of the answers that each half of the labels chooses, which the other half judges; 34 of 40 is
    the 1% quantile of a binomial at 95%. The lower limit also stays below the best classifier's accuracy.
    """
    joint = 0.6 * noisy_views()[::2, ::2] + 0.4 * np.random.default_rng(3).dirichlet(np.ones(8)).reshape(2, 2, 2)
    joint /= joint.sum()
    share = (joint / joint.sum(2, keepdims=True)).reshape(4, 2)
    covered, below = 0, 0
    for seed in range(40):
        counts = many_counts(joint, 300, seed)
        halves = np.random.default_rng(1000 + seed).multinomial(3, np.stack([share, share])).astype(float)
        cells = LabelledCells(halves=halves, prior=np.full((4, 2), 0.5))
        said = cells.answers(cells.shares[:, None], cells.prior[None])[:, 0]
        taught = joint.sum(2).ravel() @ share[np.arange(4), said].mean(0)
        draws = draw_with_labels(counts, cells, np.full((20, 4, 2), 0.5), seed)
        accuracy, _ = accuracy_with_labels(counts, cells, draws, confidence=0.95, looks=1)
        covered += accuracy.ci[0] <= taught <= accuracy.ci[1]
        below += accuracy.ci[0] <= joint.max(2).sum()
    assert covered >= 34
    assert below >= 36


def test_labels_of_groups_count_less_and_are_never_split_between_the_halves():
    """Six groups of five rows, each with one label of its own: as good as six labels."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(6), 5)
    labels = np.repeat(np.array([0, 1, 0, 1, 1, 1]), 5)
    order = rng.permutation(30)
    told = np.zeros(30, dtype=int), labels[order], np.full((1, 2), 0.5), np.ones(1)
    alone, together = label_cells(*told, None), label_cells(*told, groups[order])
    assert alone.design == 1
    assert together.design == pytest.approx(5)
    assert together.halves.sum() == 30
    assert set(np.unique(together.halves % 5)) == {0}
    spread = [c.drawn(4000, 1).mean(0)[:, 0, 1].std() for c in (alone, together)]
    assert spread[1] == pytest.approx(np.sqrt(5) * spread[0], rel=0.1)
    apart = label_cells(*told, rng.permutation(30))
    assert apart.design == pytest.approx(1)


def test_groups_of_equal_answers_are_taken_to_be_alike():
    zeros = np.zeros(8, dtype=int)
    cells = label_cells(zeros, zeros, np.array([[0.9, 0.1]]), np.ones(1), np.repeat([0, 1], 4))
    assert cells.design == pytest.approx(4)
