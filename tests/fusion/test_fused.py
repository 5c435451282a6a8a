"""The fused classifier: exact about what it predicts, the same row the same answer, one modality enough."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import interplay as ip
from interplay.errors import ShapeError, UnknownNameError
from interplay.fusion.routing import route
from samplers import draw, noisy_views


@pytest.fixture(scope="module")
def case():
    drawn = draw(noisy_views(), 600, 3)
    plain = {name: LogisticRegression() for name in drawn.labeled}
    return drawn, ip.quantify(**drawn.arguments, seed=1, classifiers=plain, replicates=50)


def test_probabilities_agree_with_predictions(case):
    drawn, r = case
    p = r.fused.predict_proba(drawn.test)
    assert p.sum(1) == pytest.approx(np.ones(len(p)))
    assert np.array_equal(r.fused.classes_[p.argmax(1)], r.fused.predict(drawn.test))


def test_a_row_is_answered_alike_in_any_batch(case):
    drawn, r = case
    whole = r.fused.predict(drawn.test)
    order = np.random.default_rng(0).permutation(len(whole))[:50]
    some = r.fused.predict({n: x[order] for n, x in drawn.test.items()})
    assert np.array_equal(some, whole[order])


def test_one_modality_is_enough(case):
    drawn, r = case
    for name, x in drawn.test.items():
        alone = (r.fused.predict({name: x}) == drawn.test_labels).mean()
        e = r.unimodal[name]
        assert e.ci[0] - 0.05 < alone < e.ci[1] + 0.05


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda t: {"sound": t["image"]}, UnknownNameError, "features for \\['sound'\\]"),
        (lambda t: {}, UnknownNameError, "expected 'image' and 'text'"),
        (lambda t: {**t, "text": t["text"][:-1]}, ShapeError, "as many rows"),
        (lambda t: {**t, "text": t["text"][:, :-1]}, ShapeError, "3 features; expected 4"),
    ],
)
def test_wrong_rows_are_refused(case, change, error, words):
    drawn, r = case
    with pytest.raises(error, match=words):
        r.fused.predict(change(drawn.test))


def test_routes_are_even_and_ignore_the_sign_of_zero():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((5000, 3))
    share = np.bincount(route([x], 5), minlength=5) / 5000
    assert share == pytest.approx(np.full(5, 0.2), abs=0.025)
    assert np.array_equal(route([np.zeros((1, 2))], 5), route([-np.zeros((1, 2))], 5))
