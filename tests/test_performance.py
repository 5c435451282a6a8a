"""Predicted performance: every range holds what the best decisions really reach, and its sides fit together."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from interplay.errors import InputError, ShapeError
from interplay.information import entropy
from interplay.performance import predict_performance
from samplers import draw, noisy_views

PLAIN = {"image": LogisticRegression(), "text": LogisticRegression()}
JOINT = noisy_views(0.6) * np.array([0.6, 1.4])  # classes of 30 and 70%
COST = np.array([[0.0, 10.0], [2.0, 0.0], [1.5, 1.5]])  # the third decision: ask somebody
BOTH = ("image", "text")


@pytest.fixture(scope="module")
def predicted():
    drawn = draw(JOINT, 1500, 0)
    return predict_performance(**drawn.arguments, cost=COST, classifiers=PLAIN, codes=4, replicates=60).pairs[BOTH]


def inside(e, value, slack=0.0):
    return e.ci[0] - slack <= value <= e.ci[1] + slack


def test_every_range_holds_the_truth_of_the_joint(predicted):
    """Features show the codes with certainty, so the best classifier of the codes is that of the joint."""
    share = JOINT.sum((0, 1))
    assert inside(predicted.accuracy, JOINT.max(2).sum())
    assert inside(predicted.balanced_accuracy, (JOINT / share).max(2).sum() / 2)
    assert inside(predicted.cost, (JOINT @ COST.T).min(2).sum())
    assert inside(predicted.log_loss, entropy(JOINT) - entropy(JOINT.sum(2)))
    assert predicted.independence == pytest.approx(JOINT.max(2).sum(), abs=0.03)  # which holds here


def test_ends_are_in_order_and_in_their_units(predicted):
    for e in (predicted.accuracy, predicted.balanced_accuracy, predicted.log_loss, predicted.cost):
        assert e.ci[0] <= e.low <= e.high + 1e-6 <= e.ci[1] + 1e-5
    assert (predicted.cost.unit, predicted.log_loss.unit) == ("cost", "bits")
    assert predicted.accuracy.low - 1e-6 <= predicted.maximum_entropy <= predicted.accuracy.high + 1e-6


def test_cost_of_mistakes_is_what_accuracy_misses():
    drawn = draw(JOINT, 500, 1)
    p = predict_performance(**drawn.arguments, cost=1 - np.eye(2), classifiers=PLAIN, replicates=30).pairs[BOTH]
    assert p.cost.low == pytest.approx(1 - p.accuracy.high, abs=0.01)
    assert p.cost.high == pytest.approx(1 - p.accuracy.low, abs=1e-4)


def test_a_decision_that_always_costs_nothing_is_taken():
    drawn = draw(JOINT, 300, 2)
    free = np.array([[3.0, 3.0], [0.0, 0.0]])
    p = predict_performance(**drawn.arguments, cost=free, classifiers=PLAIN, replicates=20).pairs[BOTH]
    assert p.cost.ci == pytest.approx((0, 0), abs=1e-6)
    assert "expected cost" not in str(predict_performance(**drawn.arguments, classifiers=PLAIN, replicates=20))


@pytest.mark.parametrize(
    ("cost", "error"), [(np.zeros((2, 3)), ShapeError), (np.full((2, 2), np.inf), InputError), ([1, 2], ShapeError)]
)
def test_wrong_costs_are_refused(cost, error):
    with pytest.raises(error):
        predict_performance(**draw(JOINT, 300, 3).arguments, cost=cost, classifiers=PLAIN, replicates=20)


@pytest.mark.slow
def test_guaranteed_sides_cover():
    """One-sided limits of cost and balanced accuracy against what is attainable under the worst joint, 12 samples."""
    share = JOINT.sum((0, 1))
    missed = np.zeros(2)
    for seed in range(12):
        drawn = draw(JOINT, 400, 100 + seed, test_rows=1)
        p = predict_performance(**drawn.arguments, cost=COST, classifiers=PLAIN, codes=4, replicates=40).pairs[BOTH]
        missed += [
            p.cost.limits[1] < (JOINT @ COST.T).min(2).sum(),
            p.balanced_accuracy.limits[0] > (JOINT / share).max(2).sum() / 2,
        ]
    assert (missed <= 3).all()  # more than 3 of 12 would happen twice in a thousand at 5%
