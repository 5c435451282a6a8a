"""The user's own classifiers: what cannot be used is refused with the reason, order is settled by name."""

import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

import interplay as ip
from interplay.errors import InputError, ShapeError
from interplay.estimation.fitted import Fitted, Probabilities, bind, readers_of
from samplers import draw, noisy_views

Y = np.arange(90) % 3
X = np.eye(3)[Y] + 0.1
CLASSES = np.array(["a", "b", "c"])


@pytest.fixture(scope="module")
def drawn():
    return draw(noisy_views(), 300, 2)


class Says:
    """A classifier that is no scikit-learn estimator."""

    def __init__(self, answer):
        self.answer = answer

    def predict_proba(self, features):
        return self.answer(features)


def good(x):
    return x / x.sum(1, keepdims=True)


@pytest.mark.parametrize(
    ("classifier", "error", "words"),
    [
        (LogisticRegression(), InputError, "a classifier of 'image' that is not fitted"),
        (LogisticRegression().fit(X[:, :2], Y), InputError, "cannot use these features"),
        (object(), InputError, "of type object; expected an object with predict_proba"),
        (Says(lambda x: x[:, 0]), ShapeError, "shape \\(90,\\)"),
        (Says(lambda x: x), InputError, "sum to 1 in every row"),
        (Says(lambda x: -good(x)), InputError, "sum to 1 in every row"),
        (Says(lambda x: np.full((len(x), 3), np.nan)), InputError, "sum to 1 in every row"),
    ],
)
def test_what_gives_no_probabilities_is_refused(classifier, error, words):
    with pytest.raises(error, match=words):
        Fitted(classifier)(X, "image")


@pytest.mark.parametrize(
    ("reader", "shown", "words"),
    [
        (Probabilities(), good(X)[:, :2], "2 columns of probabilities of 'image'; expected one column for each"),
        (Probabilities(classes=["a", "b", "d"]), good(X), "for classes \\['a', 'b', 'd'\\]"),
        (Probabilities(), good(X)[:, [1, 2, 0]], "right for 0% of its labelled rows, and for 100%"),
        (Probabilities(classes=["b", "c", "a"]), good(X), "right for 0% of its labelled rows"),
    ],
)
def test_columns_that_cannot_be_the_classes_are_refused(reader, shown, words):
    with pytest.raises(InputError, match=words):
        bind(reader, "image", shown, Y, CLASSES)


def test_columns_are_put_in_order_by_name():
    turned = good(X)[:, [2, 0, 1]]
    assert bind(Probabilities(classes=["c", "a", "b"]), "image", turned, Y, CLASSES).classes_.tolist() == [2, 0, 1]


def test_one_column_is_enough_for_two_classes():
    second = np.array([0.2, 0.9, 0.5])
    np.testing.assert_allclose(Probabilities()(second, "image"), np.column_stack([1 - second, second]))


def test_probabilities_of_a_model_agree_with_the_model_itself(drawn):
    other = draw(noisy_views(), 300, 8)
    own = {n: LogisticRegression().fit(*other.labeled[n]) for n in other.labeled}
    r = ip.quantify(
        labeled={n: (own[n].predict_proba(x), y) for n, (x, y) in drawn.labeled.items()},
        pairs={n: own[n].predict_proba(x) for n, x in drawn.pairs.items()},
        classifiers=dict.fromkeys(own, Probabilities()),
        replicates=20,
    )
    assert r.settings.classifiers["image"] == "Probabilities"
    assert r.unimodal["image"].low == pytest.approx(own["image"].score(*drawn.labeled["image"]))


def test_a_frozen_estimator_is_not_fitted_again():
    inner = LogisticRegression().fit(X, Y)
    readers = readers_of({"image": FrozenEstimator(inner), "text": LogisticRegression()})
    assert list(readers) == ["image"]
    assert np.array_equal(readers["image"](X, "image"), inner.predict_proba(X))


def test_quantify_and_certify_take_fitted_classifiers(drawn):
    other = draw(noisy_views(), 300, 8)
    own = {n: Fitted(LogisticRegression().fit(*other.labeled[n])) for n in other.labeled}
    r = ip.quantify(**drawn.arguments, classifiers=own, replicates=20)
    right = (own["image"].classifier.predict(drawn.labeled["image"][0]) == drawn.labeled["image"][1]).mean()
    assert r.unimodal["image"].low == pytest.approx(right)
    c = ip.certify(r.fused.predict(drawn.pairs), **drawn.arguments, classifiers=own, replicates=20)
    assert c.accuracy.ci[1] > r.unimodal["image"].low


def test_missing_columns_of_new_rows_are_refused(drawn):
    other = draw(noisy_views(), 300, 8)
    own = {n: Fitted(LogisticRegression().fit(*other.labeled[n])) for n in other.labeled}
    r = ip.quantify(**drawn.arguments, classifiers=own, replicates=20)
    with pytest.raises(InputError, match="cannot use these features"):
        r.fused.predict({n: x[:, :2] for n, x in drawn.test.items()})
