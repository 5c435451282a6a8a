"""Unimodal classifiers: the class probabilities that codes are made of."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from interplay.errors import InputError
from interplay.estimation.fitted import Columns
from interplay.information import Array

SELECTION_ROWS = 4000  # rows on which the kind of classifier is chosen
TREE_ROWS = 4000  # drawn for each tree: the forest still sees every row
TREES = 100
SELECTION_TREES = 40  # enough to tell which kind is better


@dataclass(frozen=True, kw_only=True, eq=False)
class Posterior:
    """Mean of the class probabilities of fitted classifiers; columns in the order 0..class_count-1."""

    members: tuple[Any, ...]
    class_count: int
    kind: str

    def __call__(self, features: NDArray) -> Array:
        """Probabilities (n, K), rounded to ten digits."""
        total = np.zeros((len(features), self.class_count))
        with _threads_of_forests():
            for member in self.members:
                total[:, member.classes_] += member.predict_proba(features)
        # A forest adds its trees in any order: rounding keeps equal rows on one side of an edge.
        return np.round(total / total.sum(axis=1, keepdims=True), 10)


def fit_posterior(
    features: NDArray,
    labels: NDArray,
    *,
    class_count: int,
    weights: Array | None,
    seed: int,
    workers: int | None,
    estimator: Any = None,
) -> Posterior:
    """Fit the user's estimator, or the best of logistic regression, a forest and their mean.

    The choice is made on a quarter of these rows held back (log loss); the winner is fitted on all.
    """
    if estimator is not None:
        _check_estimator(estimator)
        kind = estimator.kind if isinstance(estimator, Columns) else type(estimator).__name__
        members: tuple[Any, ...] = (_fit(clone(estimator), features, labels, weights),)
        return Posterior(members=members, class_count=class_count, kind=kind)
    kind = _choose(features, labels, class_count, weights, seed, workers)
    members = tuple(
        _fit(CANDIDATES[name](len(labels), TREES, seed, workers), features, labels, weights)
        for name in kind.split(" + ")
    )
    return Posterior(members=members, class_count=class_count, kind=kind)


@contextmanager
def _threads_of_forests() -> Iterator[None]:
    """Warning filters that survive scikit-learn's threads.

    Each of them empties the list that all share and fills it again, so some find it empty and warn of that.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="`sklearn.utils.parallel", category=UserWarning)
        yield


def _logistic(rows: int, trees: int, seed: int, workers: int | None) -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=300, tol=1e-3))


def _forest(rows: int, trees: int, seed: int, workers: int | None) -> Any:
    return RandomForestClassifier(
        trees,
        min_samples_leaf=2,
        max_samples=TREE_ROWS if rows > TREE_ROWS else None,
        random_state=seed,
        n_jobs=workers or -1,
    )


CANDIDATES: dict[str, Callable[[int, int, int, int | None], Any]] = {"logistic": _logistic, "forest": _forest}


def _fit(estimator: Any, features: NDArray, labels: NDArray, weights: Array | None) -> Any:
    last = estimator.steps[-1][0] + "__" if hasattr(estimator, "steps") else ""
    options = {} if weights is None else {f"{last}sample_weight": weights}
    with _threads_of_forests():
        # Codes need no converged classifier: every bound holds whatever makes them.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(features, labels, **options)


def _check_estimator(estimator: Any) -> None:
    if isinstance(estimator, type):
        raise InputError(
            f"the class {estimator.__name__} as a classifier",
            expected="an object of it",
            next_step=f"write {estimator.__name__}()",
        )
    copied = hasattr(estimator, "get_params") or hasattr(estimator, "__sklearn_clone__")
    if not (hasattr(estimator, "fit") and hasattr(estimator, "predict_proba") and copied):
        raise InputError(
            f"a classifier of type {type(estimator).__name__}",
            expected="a scikit-learn classifier with fit, predict_proba and get_params",
            next_step="wrap it in CalibratedClassifierCV, or pass another one",
        )


def _choose(
    features: NDArray,
    labels: NDArray,
    class_count: int,
    weights: Array | None,
    seed: int,
    workers: int | None,
) -> str:
    """Name of the candidate (or of both, " + ") with the smallest log loss on held-back rows."""
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.random(len(labels)), rng.permutation(class_count)[labels]))
    held = np.zeros(len(labels), dtype=bool)
    held[order[::4]] = True  # every fourth row of each class
    training = rng.permutation(np.flatnonzero(~held))[: 3 * SELECTION_ROWS // 4]
    held_rows = np.flatnonzero(held)[: SELECTION_ROWS // 2]
    if len(np.unique(labels[training])) < 2 or len(held_rows) == 0:
        return "logistic"
    losses: dict[str, float] = {}
    probabilities: dict[str, Array] = {}
    for name in CANDIDATES:
        w = None if weights is None else weights[training]
        candidate = CANDIDATES[name](len(training), SELECTION_TREES, seed, workers)
        member = _fit(candidate, features[training], labels[training], w)
        posterior = Posterior(members=(member,), class_count=class_count, kind=name)
        probabilities[name] = posterior(features[held_rows])
    probabilities[" + ".join(CANDIDATES)] = np.mean(list(probabilities.values()), axis=0)
    for name, p in probabilities.items():
        chosen = p[np.arange(len(held_rows)), labels[held_rows]]
        losses[name] = -float(np.log(np.clip(chosen, 1e-3, 1)).mean())
    return min(losses, key=lambda name: losses[name])
