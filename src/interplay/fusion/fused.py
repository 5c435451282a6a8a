"""The fused classifiers: what they answer for new rows, with one modality or all, and on the pairs."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from interplay.estimation.coding import CodedSamples
from interplay.fusion.evidence import Additive, Evidence
from interplay.fusion.routing import Rows, alone, answer_by_fold, known_rows
from interplay.fusion.rules import agree_with_decisions
from interplay.information import Array

Ints = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class Routed(ABC):
    """A classifier with one model a fold of `coded`. names: modalities it uses; classes_: sorted labels.

    A new row is routed to one fold by a hash of its features: always the same fold for the same row, and
    unrelated to the label, so its accuracy is the average over folds, of which the guarantee speaks.
    """

    names: tuple[str, ...]
    classes_: NDArray
    coded: CodedSamples

    def predict(self, features: Mapping[str, Any]) -> NDArray:
        """Labels (n,) of rows given by modality name: {"image": (n, d1), "text": (n, d2)}."""
        return self.classes_[self._answer(features)[0]]

    def predict_proba(self, features: Mapping[str, Any]) -> Array:
        """Class probabilities (n, K), columns as in `classes_`; the largest one is what predict says."""
        return self._answer(features)[1]

    def _answer(self, features: Mapping[str, Any]) -> tuple[Ints, Array]:
        return answer_by_fold(self.coded, known_rows(self.coded, self.names, features), self._answer_fold)

    @abstractmethod
    def _answer_fold(self, fold: int, rows: Rows) -> tuple[Ints, Array]:
        """Class positions (n,) and probabilities (n, K) of rows that were routed to this fold."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FusedClassifier(Routed):
    """Predicts from two modalities; `guarantee` of the result speaks of exactly these predictions.

    rule: its kind; decisions (n1, n2): class position for each pair of codes; probabilities (n1, n2, K).
    Each fold has its own unimodal classifiers and codes, which never saw the rows that they are judged on. With
    one modality missing, the other one's own classifier answers.
    """

    rule: str
    decisions: Ints
    probabilities: Array

    def _answer_fold(self, fold: int, rows: Rows) -> tuple[Ints, Array]:
        if len(rows) == 1:
            (name, x), *_ = rows.items()
            return alone(self.coded, name, fold, x)
        z1, z2 = (self.coded.coders[name][fold](rows[name])[0] for name in self.names)
        decisions = self.decisions[z1, z2]
        return decisions, agree_with_decisions(self.probabilities[z1, z2], decisions)


@dataclass(frozen=True, kw_only=True, eq=False)
class AdditiveClassifier(Routed):
    """Predicts from two or more modalities by adding up weighted log probabilities; one model a fold.

    preference: modalities, best first; where some are missing the best of those that are there answers alone.
    """

    models: tuple[Additive, ...]
    preference: tuple[str, ...]

    def answers_on_pairs(self, evidence: Evidence) -> tuple[Ints, Array]:
        """Class positions (m,) and probabilities (m, K) of the pairs it was made from, each by its own fold."""
        folds = evidence.pairs[0].folds
        probabilities = np.empty_like(evidence.pairs[0].posteriors)
        for k, model in enumerate(self.models):
            here = folds == k
            probabilities[here] = softmax(model.logits([s.posteriors[here] for s in evidence.pairs]), axis=1)
        return probabilities.argmax(1), probabilities

    def _answer_fold(self, fold: int, rows: Rows) -> tuple[Ints, Array]:
        if len(rows) < len(self.names):
            best = next(n for n in self.preference if n in rows)
            return alone(self.coded, best, fold, rows[best])
        posteriors = [self.coded.coders[n][fold].posterior(rows[n]) for n in self.names]
        p = softmax(self.models[fold].logits(posteriors), axis=1)
        return p.argmax(1), p
