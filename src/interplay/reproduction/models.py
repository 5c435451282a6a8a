"""Models of one or both modalities and their cross-validated accuracy, with which estimates are compared."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from interplay.information import Array
from interplay.reproduction.study import Json

# simple: each modality adds to the score; complex: they interact
FAMILIES: dict[str, tuple[str, ...]] = {
    "unimodal": ("first, logistic", "first, forest", "second, logistic", "second, forest"),
    "simple": ("both, logistic", "both, mean of logistics"),
    "complex": ("both, forest", "both, products"),
}
FACTORS = 8  # principal components of each modality whose products are features
Views = tuple[Array, Array]


def cross_validated(
    first: Array, second: Array, labels: NDArray[np.intp], groups: NDArray | None, seed: int, folds: int
) -> Json:
    """Accuracy of each model on rows that it never saw, and its standard error; groups stay in one fold."""
    hits = {name: np.zeros(len(labels)) for names in FAMILIES.values() for name in names}
    rarest = int(np.bincount(labels).min())
    count = max(2, min(folds, rarest)) if groups is None else folds
    splitter = (StratifiedKFold if groups is None else StratifiedGroupKFold)(count, shuffle=True, random_state=seed)
    for train, test in splitter.split(first, labels, groups):
        answers = _answers((first[train], second[train]), labels[train], (first[test], second[test]), seed)
        for name, answer in answers.items():
            hits[name][test] = answer == labels[test]
    error = 1 / np.sqrt(len(labels))
    return {n: {"accuracy": float(h.mean()), "error": float(h.std() * error)} for n, h in hits.items()}


def _answers(train: Views, labels: NDArray[np.intp], test: Views, seed: int) -> dict[str, NDArray]:
    """Predictions of every model on the test rows."""
    both = np.hstack(train), np.hstack(test)
    logistics = [_fit(_logistic(), x, labels) for x in train]
    forests = [_fit(_forest(seed), x, labels) for x in train]
    mean = np.mean([m.predict_proba(x) for m, x in zip(logistics, test, strict=True)], axis=0)
    products = _products(train, test, seed)
    answers = {"both, mean of logistics": logistics[0].classes_[mean.argmax(1)]}
    for place, side in enumerate(("first", "second")):
        answers[f"{side}, logistic"] = logistics[place].predict(test[place])
        answers[f"{side}, forest"] = forests[place].predict(test[place])
    told: dict[str, tuple[Callable[[], Any], Views]] = {
        "both, logistic": (_logistic, both),
        "both, forest": (lambda: _forest(seed), both),
        "both, products": (_logistic, products),
    }
    return answers | {name: _fit(make(), x[0], labels).predict(x[1]) for name, (make, x) in told.items()}


def _products(train: Views, test: Views, seed: int) -> Views:
    """Components of both modalities and all products of one with another."""
    factors: list[Views] = []
    for fitted, seen in zip(train, test, strict=True):
        scale = StandardScaler().fit(fitted)
        size = min(FACTORS, *fitted.shape)
        reduce = PCA(size, whiten=True, random_state=seed).fit(scale.transform(fitted))
        factors.append((reduce.transform(scale.transform(fitted)), reduce.transform(scale.transform(seen))))
    (one, one_seen), (two, two_seen) = factors
    return _joined(one, two), _joined(one_seen, two_seen)


def _joined(one: Array, two: Array) -> Array:
    return np.hstack([one, two, (one[:, :, None] * two[:, None, :]).reshape(len(one), -1)])


def _logistic() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=300, tol=1e-3))


def _forest(seed: int) -> Any:
    return RandomForestClassifier(100, min_samples_leaf=2, random_state=seed)


def _fit(model: Any, features: Array, labels: NDArray[np.intp]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # an accuracy needs no converged classifier
        return model.fit(features, labels)
