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
