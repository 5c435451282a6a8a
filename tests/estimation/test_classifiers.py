"""What classifiers leave behind: probabilities in the order of the classes, and nothing else."""

import warnings

import numpy as np

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
