"""Certify: the range contains a model's accuracy, whatever the model, without a labelled pair."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import interplay as ip
from interplay.errors import InputError, ShapeError
from samplers import draw, noisy_views

FAST = {"replicates": 50}


@pytest.fixture(scope="module")
def case():
    drawn = draw(noisy_views(), 1200, 0)
    level = {name: np.argmax(x, axis=1) for name, x in drawn.pairs.items()}  # features are one-hot codes
    test = {name: np.argmax(x, axis=1) for name, x in drawn.test.items()}
    return drawn, level, test


MODELS = {
    "sum of both": lambda z: (z["image"] + z["text"] >= 3).astype(int),
    "first alone": lambda z: (z["image"] >= 2).astype(int),
    "always wrong": lambda z: (z["image"] + z["text"] < 3).astype(int),
    "one class": lambda z: np.zeros(len(z["image"]), dtype=int),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_range_contains_the_accuracy(case, name):
    drawn, level, test = case
    plain = {n: LogisticRegression() for n in drawn.labeled}
    c = ip.certify(MODELS[name](level), **drawn.arguments, classifiers=plain, **FAST)
    accuracy = (MODELS[name](test) == drawn.test_labels).mean()
    se = np.sqrt(accuracy * (1 - accuracy) / len(drawn.test_labels))
    assert c.accuracy.ci[0] - 2 * se <= accuracy <= c.accuracy.ci[1] + 2 * se
    assert c.accuracy.low <= c.accuracy.high + 1e-6
    assert c.accuracy.unit == "probability"


def test_words_and_numbers_name_the_same_classes(case):
    drawn, level, _ = case
    y = MODELS["sum of both"](level)
    words = np.array(["no", "yes"])
    labeled = {n: (x, words[labels]) for n, (x, labels) in drawn.labeled.items()}
    a = ip.certify(y, **drawn.arguments, **FAST)
    b = ip.certify(words[y], labeled=labeled, pairs=drawn.pairs, **FAST)
    assert a.accuracy.ci == b.accuracy.ci


PLAIN = {"image": LogisticRegression(), "text": LogisticRegression()}


def inside(estimate, values):
    """Whether the mean of values lies in the interval, but for its own noise."""
    error = 2 * values.std() / np.sqrt(len(values))
    return estimate.ci[0] - error <= values.mean() <= estimate.ci[1] + error


@pytest.fixture(scope="module")
def certified(case):
    drawn, level, test = case
    price = np.array([[0.0, 5.0], [1.0, -2.0]])
    c = ip.certify(MODELS["sum of both"](level), **drawn.arguments, classifiers=PLAIN, cost=price, **FAST)
    return c, MODELS["sum of both"](test), drawn.test_labels, price


def test_every_number_lies_in_its_range(certified):
    c, said, y, price = certified
    recalls = [said[y == k] == k for k in (0, 1)]
    assert inside(c.cost, price[said, y])
    assert c.cost.unit == "cost"
    assert inside(c.balanced_accuracy, np.concatenate([r[: min(map(len, recalls))] for r in recalls]))
    for k in (0, 1):
        assert inside(c.recall[str(k)], recalls[k])
        assert inside(c.precision[str(k)], y[said == k] == k)
        for j in (0, 1):
            assert inside(c.confusion[str(k), str(j)], (y == k) & (said == j))


def test_ranges_fit_together(certified):
    """Two classes, known margins: recall is a joint share over a class share, and errors are what accuracy misses."""
    c, _, y, _ = certified
    tolerance = 0.01  # low and high ends come from differently shrunk tables
    assert c.recall["1"].low == pytest.approx(c.confusion["1", "1"].low / y.mean(), abs=0.04)
    assert c.balanced_accuracy.low >= (c.recall["0"].low + c.recall["1"].low) / 2 - tolerance
    assert c.balanced_accuracy.high <= (c.recall["0"].high + c.recall["1"].high) / 2 + tolerance
    hit = c.confusion["0", "0"], c.confusion["1", "1"]
    assert sum(e.low for e in hit) - tolerance <= c.accuracy.low <= c.accuracy.high
    assert "recall of 1" in str(c)
    assert "expected cost" in str(c)


def test_cost_of_mistakes_is_the_other_side_of_accuracy(case):
    drawn, level, _ = case
    mistakes = 100 * (1 - np.eye(2))
    c = ip.certify(MODELS["sum of both"](level), **drawn.arguments, classifiers=PLAIN, cost=mistakes, **FAST)
    assert c.cost.low == pytest.approx(100 * (1 - c.accuracy.high), abs=1)
    assert c.cost.high == pytest.approx(100 * (1 - c.accuracy.low), abs=1)


def test_three_classes_by_class():
    drawn = draw(noisy_views(classes=3), 600, 4)
    level = {n: np.argmax(x, axis=1) for n, x in drawn.pairs.items()}
    test = {n: np.argmax(x, axis=1) for n, x in drawn.test.items()}

    def model(z):
        return np.clip(np.round((z["image"] + z["text"]) / 3), 0, 2).astype(int)

    c = ip.certify(model(level), **drawn.arguments, classifiers=PLAIN, **FAST)
    said, y = model(test), drawn.test_labels
    assert inside(c.accuracy, said == y)
    for i in range(3):
        assert inside(c.recall[str(i)], said[y == i] == i)
        for j in range(3):
            assert inside(c.confusion[str(i), str(j)], (y == i) & (said == j))


@pytest.fixture(scope="module")
def compared(case):
    drawn, level, _ = case
    said = {name: model(level) for name, model in MODELS.items()} | {"the same": MODELS["sum of both"](level)}
    return ip.compare_models(said, **drawn.arguments, classifiers=PLAIN, **FAST)


def test_differences_hold_the_truth_and_who_is_better_is_right(case, compared):
    drawn, _, test = case
    hit = {name: (MODELS[name](test) == drawn.test_labels).astype(float) for name in MODELS}
    for (a, b), e in compared.difference.items():
        if "the same" not in (a, b):
            assert inside(e, hit[a] - hit[b])
            winner = compared.better.get((a, b))
            assert winner is None or hit[winner].mean() == max(hit[a].mean(), hit[b].mean())
    assert compared.better["sum of both", "always wrong"] == "sum of both"
    assert compared.better["sum of both", "one class"] == "sum of both"


def test_equal_answers_are_never_told_apart(compared):
    e = compared.difference["sum of both", "the same"]
    assert e.ci == pytest.approx((0, 0), abs=1e-6)
    assert ("sum of both", "the same") not in compared.better
    assert "not decided" in str(compared)


def test_a_difference_is_never_wider_than_two_ranges_allow(compared):
    for (a, b), e in compared.difference.items():
        assert e.high <= compared.accuracy[a].high - compared.accuracy[b].low + 0.01
        assert e.low >= compared.accuracy[a].low - compared.accuracy[b].high - 0.01


@pytest.mark.parametrize(
    ("said", "words"),
    [(np.zeros(1200, dtype=int), "of ndarray"), ({"one": np.zeros(1200, dtype=int)}, "of 1 models")],
)
def test_a_comparison_needs_two_models_by_name(case, said, words):
    with pytest.raises(InputError, match=words):
        ip.compare_models(said, **case[0].arguments, **FAST)


@pytest.mark.parametrize(
    ("cost", "words"),
    [(np.zeros((3, 2)), "cost of shape \\(3, 2\\); expected \\(2, 2\\)"), ([[0, 1], [np.nan, 0]], "not finite")],
)
def test_wrong_costs_are_refused(case, cost, words):
    drawn, level, _ = case
    with pytest.raises(InputError, match=words):
        ip.certify(MODELS["one class"](level), **drawn.arguments, cost=cost, classifiers=PLAIN, **FAST)


@pytest.mark.parametrize(
    ("predictions", "error", "words"),
    [
        (np.zeros(7, dtype=int), ShapeError, "7 predictions for 1200 pairs"),
        (np.full(1200, 5), InputError, "predicted class 5"),
        (np.full(1200, 0.5), InputError, "fractions"),
    ],
)
def test_wrong_predictions_are_refused(case, predictions, error, words):
    drawn, _, _ = case
    with pytest.raises(error, match=words):
        ip.certify(predictions, **drawn.arguments, **FAST)
