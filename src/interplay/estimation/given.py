"""Class probabilities that the user brings, in the place of a classifier that we would fit."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from interplay.errors import InputError

SLACK = 1e-3  # by which the probabilities of a row may miss 1


class GivenProbabilities:
    """A classifier that fits nothing: its features are the class probabilities of another model.

    Pass `classifiers={"image": GivenProbabilities()}` and, as the features of "image", that model's
    probabilities (n, K), columns in the order of the sorted classes; for two classes one column, of the second
    class, is enough. The model must not have been trained on these rows: nothing here can make up for that.
    """

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Nothing can be set; scikit-learn asks when it makes a copy."""
        return {}

    def fit(self, X: NDArray, y: NDArray, sample_weight: Any = None) -> Self:
        """Note the classes. Raises InputError for columns that are not probabilities of them."""
        self.classes_ = np.unique(y)
        self._probabilities(X)
        return self

    def predict_proba(self, X: NDArray) -> NDArray[np.float64]:
        """The features themselves, (n, K)."""
        return self._probabilities(X)

    def predict(self, X: NDArray) -> NDArray:
        """The most probable class of each row."""
        return self.classes_[self._probabilities(X).argmax(axis=1)]

    def _probabilities(self, X: NDArray) -> NDArray[np.float64]:
        p = np.asarray(X, dtype=float)
        p = np.hstack([1 - p, p]) if p.shape[1] == 1 and len(self.classes_) == 2 else p
        fits = p.shape[1] == len(self.classes_)
        if not fits or p.min(initial=0) < -SLACK or np.abs(p.sum(axis=1) - 1).max(initial=0) > SLACK:
            raise InputError(
                f"features of shape {p.shape} that are not the probabilities of {len(self.classes_)} classes",
                expected="one column a class, in the order of the sorted classes, rows summing to one",
                next_step="pass predict_proba of a model, or leave the features to a classifier of ours",
            )
        return np.clip(p, 0.0, 1.0)
