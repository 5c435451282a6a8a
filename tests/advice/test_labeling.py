"""Which pairs to label: plans are rows of the pairs, labels narrow the interval, and it still covers."""

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import interplay as ip
from interplay.advice.allocation import CellState, allocate, expected_width
from interplay.errors import InputError, InterplayError, ShapeError, UnknownNameError
from samplers import draw


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


@pytest.fixture(scope="module")
def narrow(world):
    """The same with labels that narrow the accuracy."""
    drawn, _, _ = world
    plain = {n: LogisticRegression() for n in drawn.labeled}
    return ip.plan_labels(
        **drawn.arguments, classifiers=plain, codes="kmeans", budget=48, looks=2, replicates=20, goal="narrow"
    )


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
    assert after.gain.limits[0] > plan.gain.limits[0] + 0.02
    assert len(after.rows) == 0
    assert "Stop" in str(after)
    assert sorted(after.labelled) == sorted(plan.rows)


def test_before_any_label_the_synergy_of_xor_may_be_all_or_nothing_and_labels_tell(world):
    _, truth, plan = world
    bits = ip.decompose(xor()).synergy
    assert plan.synergy.low < 0.05
    assert plan.synergy.high > bits - 0.05
    after = plan.update(plan.rows, truth[plan.rows])
    assert after.synergy.ci[0] <= bits <= after.synergy.ci[1]
    assert after.synergy.limits[0] > 0.2


def test_labels_may_be_asked_for_the_synergy(world):
    drawn, truth, _ = world
    plain = {n: LogisticRegression() for n in drawn.labeled}
    plan = ip.plan_labels(
        **drawn.arguments, classifiers=plain, codes="kmeans", budget=48, looks=2, replicates=20, target="synergy"
    )
    assert plan.decision == "undecided"
    assert [n.expected for n in plan.curve] == sorted([n.expected for n in plan.curve], reverse=True)
    assert "the synergy of image and text is" in str(plan)
    after = plan.update(plan.rows, truth[plan.rows])
    assert after.decision == "synergy"
    assert after.to_dict()["target"] == "synergy"
    assert after.synergy.ci[1] - after.synergy.ci[0] < 0.85 * (plan.synergy.ci[1] - plan.synergy.ci[0])


def test_a_plan_that_narrows_goes_on_after_the_decision(world, narrow):
    truth, plan = world[1], narrow
    after = plan.update(plan.rows, truth[plan.rows])
    assert after.stop
    assert len(after.rows) == 48
    assert after.accuracy.ci[1] - after.accuracy.ci[0] < 0.85 * (plan.accuracy.ci[1] - plan.accuracy.ci[0])
    assert "Decided: the decision no longer depends" in str(after)
    assert "label next" in str(after)
    assert after.to_dict()["goal"] == "narrow"


def test_more_rounds_than_planned_are_named(world):
    _, truth, plan = world
    for k in range(3):
        assert not plan.warnings
        rows = np.flatnonzero(~np.isin(np.arange(400), plan.labelled))[k : k + 1]
        plan = plan.update(rows, truth[rows])
    assert plan.rounds == 3
    assert plan.warnings == ("round 3 of 2 planned: the level is no longer kept; plan with looks=3 or more.",)


def test_weights_of_pairs_weigh_their_labels():
    """Exclusive or, with every other kind of row given seven times over and weighed down to what it was."""
    drawn = draw(xor(), 900, 1)
    image, text = (drawn.pairs[n].argmax(1) for n in ("image", "text"))
    flipped = np.random.default_rng(2).random(900) < 0.05
    label = image ^ text ^ flipped
    rows = np.concatenate([np.flatnonzero(~flipped), np.repeat(np.flatnonzero(flipped), 7)])
    plan = ip.plan_labels(
        labeled=drawn.labeled,
        pairs={n: x[rows] for n, x in drawn.pairs.items()},
        sample_weight={"pairs": np.where(flipped[rows], 1 / 7, 1.0)},
        classifiers={n: LogisticRegression() for n in drawn.labeled},
        codes="kmeans",
        looks=1,
        budget=10,
        replicates=20,
    )
    few = np.random.default_rng(3).permutation(len(rows))[:500]
    after = plan.update(few, label[rows][few])
    assert after.accuracy.ci[0] <= 0.95 <= after.accuracy.ci[1]
    assert after.accuracy.ci[1] - after.accuracy.ci[0] < 0.2


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
        ({"target": "bits"}, InputError, "target='bits'"),
        ({"goal": "win"}, InputError, "goal='win'"),
        ({"modalities": ("image",)}, UnknownNameError, "two or more"),
        ({"modalities": ("image", "depth")}, UnknownNameError, "among the labelled"),
    ],
)
def test_wrong_questions_are_refused(world, arguments, kind, words):
    drawn = world[0]
    plain = {n: LogisticRegression() for n in drawn.labeled}
    with pytest.raises(kind, match=words):
        ip.plan_labels(**drawn.arguments, classifiers=plain, replicates=20, **arguments)


def _state(mass, unsure, room, *, spread, hidden=0.0):
    """Cells without a label yet."""
    return CellState(
        mass=np.array(mass),
        unsure=np.array(unsure),
        spread=np.full(len(mass), spread),
        most=0.5,
        labels=np.zeros(len(mass), dtype=int),
        room=np.array(room),
        floor=1e-4,
        hidden=hidden,
        errors=2 * 1.96,
    )


def test_labels_go_where_the_answer_is_open_and_not_where_it_is_known():
    state = _state([0.5, 0.3, 0.2], [0.0, 0.3, 0.1], [100, 100, 100], spread=0.3)
    order = allocate(state, 20, 0.4)
    assert order[0][0] == 1
    assert all(cell != 0 for cell, _ in order)
    assert sum(n for _, n in order) <= 20
    labels = np.bincount([c for c, _ in order], weights=[n for _, n in order], minlength=3).astype(int)
    after, now = (expected_width(state, n, 0.4, worst=False) for n in (labels, np.zeros(3, int)))
    assert after < now


def test_where_nothing_is_open_labels_go_by_the_sampling_error_that_is_left():
    state = _state([0.6, 0.3, 0.1], [0.0, 0.0, 0.0], [100, 100, 100], spread=0.4)
    order = allocate(state, 20, 0.0)
    assert np.bincount([c for c, _ in order], weights=[n for _, n in order]).tolist() == [12, 6, 2]
    given = np.array([12, 6, 2])
    before, after = (expected_width(state, n, 0.0, worst=False) for n in (0 * given, given))
    assert after == pytest.approx(before)  # no promise that these narrow anything


def test_a_cell_without_pairs_does_not_keep_the_others_from_labels():
    state = _state([0.6, 0.399, 0.001], [0.0, 0.0, 1e-5], [100, 100, 0], spread=0.4)
    assert sum(n for _, n in allocate(state, 20, 0.0)) == 20


def test_labels_go_to_big_cells_where_they_take_away_what_rows_do_not_show():
    mass, nothing = [0.6, 0.3, 0.1], [0.0, 0.0, 0.0]
    order = allocate(_state(mass, nothing, [100, 100, 100], spread=0.4, hidden=0.01), 6, 0.0)
    assert order == [(0, 3), (1, 3)]


def test_no_more_rows_than_a_cell_has():
    state = _state([0.5, 0.5], [0.2, 0.2], [4, 2], spread=0.3)
    planned = np.zeros(2, dtype=int)
    for cell, count in allocate(state, 100, 0.4):
        planned[cell] += count
    assert planned[0] <= 4
    assert planned[1] <= 2


def test_before_any_label_what_tells_nothing_is_not_promised_above_chance(world, narrow):
    truth, plan = world[1], narrow  # each modality of an exclusive or tells nothing alone
    assert "not promised above chance" in plan.accuracy.how
    after = plan.update(plan.rows, truth[plan.rows])
    assert "not promised above chance" not in after.accuracy.how
    assert after.accuracy.limits[0] > 0.6
