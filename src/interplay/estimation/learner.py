"""One modality's classifiers: how they are fitted, and whether what they found may be an accident of the sample."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.chance import accident_p_value
from interplay.estimation.classifiers import Posterior, fit_posterior
from interplay.estimation.fitted import Columns
from interplay.information import Array
from interplay.samples import LabeledSet

Ints = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class Learner:
    """What fits the classifiers of one modality. estimator: the user's, or None for ours. weights: for fitting."""

    data: LabeledSet
    class_count: int
    estimator: Any
    weights: Array | None
    seed: int
    workers: int | None

    def __call__(self, training: NDArray[np.bool_], seed: int) -> Posterior:
        """A classifier that saw only these of the labelled rows; `seed` is added to the modality's own."""
        return fit_posterior(
            self.data.features[training],
            self.data.labels[training],
            class_count=self.class_count,
            weights=None if self.weights is None else self.weights[training],
            seed=self.seed + seed,
            workers=self.workers,
            estimator=self.estimator,
        )

    @property
    def learns(self) -> bool:
        """Whether anything is fitted to these rows."""
        return not isinstance(self.estimator, Columns)

    def accident(self, folds: Ints, posteriors: Array, last: Posterior) -> float:
        """`accident_p_value` of cross-fitted posteriors (n, K). last: the classifier that never saw the last fold."""
        count = int(folds.max()) + 1

        def answer(fold: int) -> Array | None:
            before = folds < fold
            if len(np.unique(self.data.labels[before])) < 2:
                return None
            classifier = last if fold == count - 1 else self(before, count + fold)
            return classifier(self.data.features[folds == fold])

        rows = self.data.labels, self.weights, self.data.groups
        return accident_p_value(rows, folds, posteriors, answer if self.learns else None)
