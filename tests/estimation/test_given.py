"""Probabilities in the place of features: they pass unchanged, and what is no probability is refused."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

import interplay as ip
from interplay.errors import InputError
from interplay.estimation.given import GivenProbabilities

P = np.array([[0.2, 0.8], [0.9, 0.1], [0.5, 0.5]])


def test_nothing_is_fitted():
    model = clone(GivenProbabilities()).fit(P, [0, 1, 1])
    np.testing.assert_array_equal(model.predict_proba(P), P)
    np.testing.assert_allclose(model.predict_proba(P[:, 1:]), P, atol=1e-15)
    assert model.predict(P).tolist() == [1, 0, 0]


@pytest.mark.parametrize("bad", [P * 2, P - 0.3, np.column_stack([P, P]), P[:, :1] * 3], ids=range(4))
def test_what_is_no_probability(bad):
    with pytest.raises(InputError, match="probabilities of 2 classes"):
        GivenProbabilities().fit(bad, [0, 1, 1])


def test_quantify_takes_them_and_agrees_with_the_model_itself():
    rng = np.random.default_rng(0)
    sets = [(np.arange(400) % 2, rng.normal(size=(400, 2)), rng.normal(size=(400, 2))) for _ in range(4)]
    sets = [(y, a + y[:, None], b + y[:, None]) for y, a, b in sets]
    models = [LogisticRegression().fit(sets[3][1 + m], sets[3][0]) for m in range(2)]
    scores = [[model.predict_proba(s[1 + m]) for s in sets[:3]] for m, model in enumerate(models)]
    result = ip.quantify(
        labeled={"image": (scores[0][0], sets[0][0]), "text": (scores[1][1], sets[1][0])},
        pairs={"image": scores[0][2], "text": scores[1][2]},
        classifiers={"image": GivenProbabilities(), "text": GivenProbabilities()},
    )
    assert result.settings.classifiers["image"] == "GivenProbabilities"
    assert result.unimodal["image"].low == pytest.approx(models[0].score(sets[0][1], sets[0][0]))
