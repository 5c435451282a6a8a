"""The fused classifier that comes with the guarantee, trained without one labelled pair."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interplay.errors import ShapeError, UnknownNameError
from interplay.estimation.coding import CodedSamples
from interplay.fusion.rules import agree_with_decisions
from interplay.information import Array

Ints = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class FusedClassifier:
    """Predicts from two modalities; `guarantee` of the result speaks of exactly these predictions.

    rule: its kind; decisions (n1, n2): class position for each pair of codes; probabilities (n1, n2, K).
    Each fold has its own unimodal classifiers and codes, which never saw the rows that they are judged on. A
    new row is routed to one fold by a hash of its features: always the same fold for the same row, and
    unrelated to the label, so its accuracy is the average over folds, of which the guarantee speaks. With
    one modality missing, the other one's own classifier answers.
    """

    names: tuple[str, str]
    classes_: NDArray
    rule: str
    decisions: Ints
    probabilities: Array
    coded: CodedSamples

    def predict(self, features: Mapping[str, Any]) -> NDArray:
        """Labels (n,) of rows given by modality name: {"image": (n, d1), "text": (n, d2)}."""
        return self.classes_[self._answer(features)[0]]

    def predict_proba(self, features: Mapping[str, Any]) -> Array:
        """Class probabilities (n, K), columns as in `classes_`; the largest one is what predict says."""
        return self._answer(features)[1]

    def _answer(self, features: Mapping[str, Any]) -> tuple[Ints, Array]:
        given = self._check(features)
        fold = route(list(given.values()), self.coded.folds.count)
        decisions = np.empty(len(fold), dtype=np.intp)
        probabilities = np.empty((len(fold), len(self.classes_)))
        for k in np.unique(fold):
            rows = fold == k
            some = {name: x[rows] for name, x in given.items()}
            decisions[rows], probabilities[rows] = self._answer_fold(int(k), some)
        return decisions, probabilities

    def _answer_fold(self, fold: int, features: Mapping[str, NDArray]) -> tuple[Ints, Array]:
        if len(features) == 1:
            (name, x), *_ = features.items()
            p = self.coded.coders[name][fold].posterior(x)
            return p.argmax(1), p
        z1, z2 = (self.coded.coders[name][fold](features[name])[0] for name in self.names)
        decisions = self.decisions[z1, z2]
        return decisions, agree_with_decisions(self.probabilities[z1, z2], decisions)

    def _check(self, features: Mapping[str, Any]) -> dict[str, NDArray]:
        known = [n for n in self.names if n in features]
        unknown = [n for n in features if n not in self.coded.samples.names]
        if unknown or not known:
            raise UnknownNameError(
                f"features for {sorted(map(str, features))}",
                expected=f"{self.names[0]!r} and {self.names[1]!r}, or one of them",
                next_step="pass a dict keyed by modality name",
            )
        arrays = {n: self.coded.samples.select(n, features[n]) for n in known}
        lengths = {n: len(x) for n, x in arrays.items()}
        if len(set(lengths.values())) > 1:
            raise ShapeError(f"rows {lengths}", expected="as many rows in each modality", next_step="align the rows")
        return arrays


def route(features: list[NDArray], folds: int) -> Ints:
    """Fold (n,) of each row by a hash of its bytes: fixed, spread evenly, the same in any batch."""
    state = np.full(len(features[0]), 0x9E3779B97F4A7C15, dtype=np.uint64)
    for matrix in features:
        words = np.ascontiguousarray(matrix, dtype=np.float64) + 0.0  # -0.0 becomes 0.0
        for column in words.view(np.uint64).T:
            state = _mix(state ^ column)
    return (_mix(state) % np.uint64(folds)).astype(np.intp)


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finaliser of splitmix64 (Steele, Lea and Flood 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
