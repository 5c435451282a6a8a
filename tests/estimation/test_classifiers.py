"""What classifiers leave behind: probabilities in the order of the classes, and nothing else."""

import warnings

import numpy as np
import pytest

from interplay.estimation.classifiers import Posterior


class Careless:
    """Empties the warning filters while it predicts, as threads of a forest can."""

    classes_ = np.array([2, 0])

    def predict_proba(self, features):
        warnings.resetwarnings()
        return np.tile([0.25, 0.75], (len(features), 1))


def test_the_caller_keeps_his_warning_filters():
    before = list(warnings.filters)
    assert before
    Posterior(members=(Careless(),), class_count=3, kind="careless")(np.zeros((4, 1)))
    assert list(warnings.filters) == before


def test_columns_are_in_the_order_of_the_classes():
    found = Posterior(members=(Careless(),), class_count=3, kind="careless")(np.zeros((2, 1)))
    assert found.tolist() == [[0.75, 0.0, 0.25]] * 2


class Noisy:
    """A classifier that warns as scikit-learn's threads do when they find their filters empty, or of something else."""

    classes_ = np.arange(2)

    def __init__(self, words):
        self.words = words

    def predict_proba(self, features):
        warnings.warn(self.words, UserWarning, stacklevel=1)
        return np.full((len(features), 2), 0.5)


def test_a_race_of_threads_for_the_warning_filters_is_no_error():
    empty = "`sklearn.utils.parallel.delayed` should be used with `sklearn.utils.parallel.Parallel` to make it possible"
    before = list(warnings.filters)
    Posterior(members=(Noisy(empty),), class_count=2, kind="noisy")(np.zeros((3, 1)))
    assert warnings.filters == before
    with pytest.raises(UserWarning, match="something else"):
        Posterior(members=(Noisy("something else"),), class_count=2, kind="noisy")(np.zeros((3, 1)))
