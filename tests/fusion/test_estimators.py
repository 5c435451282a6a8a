"""The fusion estimators: manners of scikit-learn, honest ranges, the user's own classifiers, missing modalities."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

import interplay as ip
from interplay.errors import InputError, UnknownNameError
from interplay.fusion import AutoFusion, Fitted, MaxEntFusion, MinimaxFusion, Probabilities, ProductOfExperts
from samplers import draw, noisy_views

KINDS = [MinimaxFusion, MaxEntFusion, ProductOfExperts, AutoFusion]
PLAIN = {"image": LogisticRegression(), "text": LogisticRegression()}
FAST = {"classifiers": PLAIN, "replicates": 40}


@pytest.fixture(scope="module")
def drawn():
    return draw(noisy_views(0.6), 900, 5)


@pytest.fixture(scope="module")
def fitted(drawn):
    return {kind: kind(**FAST).fit(**drawn.arguments) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_are_kept_and_cloned(kind):
    estimator = kind(confidence=0.9, seed=3, codes=4)
    copy = clone(estimator).set_params(folds=3)
    assert copy.get_params() == {**estimator.get_params(), "folds": 3}
    with pytest.raises(NotFittedError):
        estimator.predict({})


@pytest.mark.parametrize("kind", KINDS)
def test_the_accuracy_lies_in_its_range_and_beats_one_modality(fitted, drawn, kind):
    f = fitted[kind]
    accuracy = f.score(drawn.test, drawn.test_labels)
    assert f.accuracy_.ci[0] - 0.02 <= accuracy <= f.accuracy_.ci[1] + 0.02
    assert f.accuracy_.low <= f.accuracy_.high + 1e-3
    alone = max(f.score({n: x}, drawn.test_labels) for n, x in drawn.test.items())
    assert accuracy >= alone - 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_agree_with_predictions_in_any_batch(fitted, drawn, kind):
    f = fitted[kind]
    p = f.predict_proba(drawn.test)
    assert p.sum(1) == pytest.approx(np.ones(len(p)))
    assert np.array_equal(f.classes_[p.argmax(1)], f.predict(drawn.test))
    some = {n: x[::7] for n, x in drawn.test.items()}
    assert np.array_equal(f.predict(some), f.predict(drawn.test)[::7])


@pytest.mark.parametrize("kind", KINDS)
def test_one_modality_is_enough_and_has_its_own_guarantee(fitted, drawn, kind):
    for name, x in drawn.test.items():
        accuracy = fitted[kind].score({name: x}, drawn.test_labels)
        low, high = fitted[kind].unimodal_[name].ci
        assert low - 0.02 <= accuracy <= high + 0.02


def test_minimax_is_what_quantify_hands_over(fitted, drawn):
    r = ip.quantify(**drawn.arguments, **FAST)
    f = fitted[MinimaxFusion]
    assert f.accuracy_ == r.guarantee
    assert np.array_equal(f.predict(drawn.test), r.fused.predict(drawn.test))
    assert f.unimodal_ == r.unimodal


def test_the_smallest_log_loss_is_chosen(fitted, drawn):
    auto = fitted[AutoFusion]
    assert set(auto.log_losses_) == {"product of experts", "maximum entropy", "image alone", "text alone"}
    assert auto.log_losses_[auto.chosen_] == min(auto.log_losses_.values())
    for name, c in auto.candidates_.items():  # the truth about it, from labels that fit never saw
        p = c.predict_proba(drawn.test)[np.arange(len(drawn.test_labels)), drawn.test_labels]
        error = np.hypot(auto.log_loss_errors_[name], np.log2(p).std() / np.sqrt(len(p)))
        assert auto.log_losses_[name] == pytest.approx(-np.log2(p).mean(), abs=3 * error)


def test_a_useless_modality_does_no_harm():
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=2400)
    x = {"image": y[:, None] + rng.standard_normal((2400, 1)), "text": rng.standard_normal((2400, 1))}
    part = np.arange(2400) // 600
    f = AutoFusion(**FAST).fit(
        labeled={n: (x[n][part == k], y[part == k]) for k, n in enumerate(x)},
        pairs={n: v[part == 2] for n, v in x.items()},
    )
    test = {n: v[part == 3] for n, v in x.items()}
    assert f.score(test, y[part == 3]) >= f.score({"image": test["image"]}, y[part == 3]) - 0.01
    assert f.log_losses_[f.chosen_] <= f.log_losses_["image alone"]


def test_three_modalities(drawn):
    rng = np.random.default_rng(1)
    sound = {n: v["text"] + rng.standard_normal(v["text"].shape) for n, v in (("p", drawn.pairs), ("t", drawn.test))}
    x, y = drawn.labeled["text"]
    labeled = {**drawn.labeled, "sound": (x + rng.standard_normal(x.shape), y)}
    f = MaxEntFusion(replicates=20, classifiers={**PLAIN, "sound": LogisticRegression()})
    f.fit(labeled, {**drawn.pairs, "sound": sound["p"]})
    assert f.weights_["text"] + f.weights_["sound"] < 1.6  # sound is a noisy copy of text
    assert f.score({**drawn.test, "sound": sound["t"]}, drawn.test_labels) > 0.75
    two = {"sound": sound["t"], "text": drawn.test["text"]}  # the better of those that are there answers alone
    alone = f.predict({"text": drawn.test["text"]})
    assert (f.predict(two) == alone).mean() > 0.95  # a row may be routed to another fold


@pytest.mark.parametrize("kind", [ProductOfExperts, MinimaxFusion])
def test_fitted_classifiers_and_their_probabilities_say_the_same(drawn, kind):
    """A user's own classifiers, and arrays of what they say with the columns in another order, fuse alike."""
    other = draw(noisy_views(0.6), 600, 9)
    own = {n: LogisticRegression().fit(*other.labeled[n]) for n in other.labeled}
    words = np.array(["no", "yes"])
    labeled = {n: (x, words[y]) for n, (x, y) in drawn.labeled.items()}
    named = {n: LogisticRegression().fit(x, words[y]) for n, (x, y) in other.labeled.items()}
    a = kind(classifiers={n: Fitted(c) for n, c in named.items()}, replicates=20).fit(labeled, drawn.pairs)
    says = {n: (lambda x, c=c: c.predict_proba(x)[:, ::-1]) for n, c in own.items()}
    turned = {n: Probabilities(classes=["yes", "no"]) for n in own}
    b = kind(classifiers=turned, replicates=20).fit(
        {n: (says[n](x), y) for n, (x, y) in labeled.items()}, {n: says[n](x) for n, x in drawn.pairs.items()}
    )
    assert a.accuracy_.ci == pytest.approx(b.accuracy_.ci, abs=1e-9)
    test = {n: says[n](x) for n, x in drawn.test.items()}
    agree = (a.predict(drawn.test) == b.predict(test)).mean()
    assert agree > 0.97  # rows are routed by what was passed, and folds differ a little in their codes


def test_a_name_that_does_not_exist_is_refused(fitted, drawn):
    with pytest.raises(UnknownNameError, match="features for \\['sound'\\]"):
        fitted[AutoFusion].predict({"sound": drawn.test["image"]})
    with pytest.raises(InputError, match="features of type ndarray"):
        fitted[AutoFusion].predict(drawn.test["image"])
