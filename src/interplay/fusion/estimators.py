"""Fused classifiers as scikit-learn estimators: fitted from labelled single modalities and unlabelled pairs."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from interplay.estimation.judged import combinations, judge, right, width
from interplay.estimation.preparation import Options, Prepared, prepare, silent
from interplay.estimation.unimodal import unimodal_accuracy
from interplay.fusion.additive import Fit, fit_by_fold, held_out_loss, maximum_entropy, product, single
from interplay.fusion.evidence import Additive, gather
from interplay.fusion.fused import AdditiveClassifier, Routed
from interplay.fusion.minimax import fuse_best_pair
from interplay.information import Array
from interplay.inputs import to_labels
from interplay.results import Estimate


class Fusion(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What all fused classifiers share.

    classifiers: by modality, a scikit-learn classifier to fit, or `Fitted(...)` or `Probabilities(...)` to use as
    they are; ours where none is given. codes, folds, replicates, workers, seed: as for `interplay.quantify`.

    After `fit`: classes_; accuracy_ (Estimate): range of the accuracy of exactly what `predict` says with all
    modalities; unimodal_: by modality, the accuracy of what it says with that modality alone; model_: what
    predicts; warnings_: sentences.
    """

    def __init__(
        self,
        *,
        classifiers: Mapping[str, Any] | None = None,
        confidence: float = 0.95,
        codes: str | int = "auto",
        folds: int | None = None,
        replicates: int = 200,
        seed: int = 0,
        workers: int | None = None,
    ):
        self.classifiers = classifiers
        self.confidence = confidence
        self.codes = codes
        self.folds = folds
        self.replicates = replicates
        self.seed = seed
        self.workers = workers

    def fit(
        self,
        labeled: Mapping[str, tuple[Any, Any]],
        pairs: Mapping[str, Any],
        *,
        groups: Mapping[str, Any] | None = None,
        sample_weight: Mapping[str, Any] | None = None,
        prior: Mapping[Any, float] | Sequence[float] | None = None,
    ) -> Self:
        """Fit from labeled {name: (features, labels)} and pairs {name: features}, rows of the pairs aligned.

        The arguments are those of `interplay.quantify`. Raises an InterplayError.
        """
        prepared = prepare(
            labeled=labeled,
            pairs=pairs,
            options=Options(
                confidence=self.confidence,
                seed=self.seed,
                codes=self.codes,
                classifiers=self.classifiers or {},
                folds=self.folds,
                replicates=self.replicates,
                workers=self.workers,
                progress=silent,
            ),
            groups=groups,
            sample_weight=sample_weight,
            prior=prior,
        )
        self.classes_: NDArray = prepared.coded.samples.classes
        self.warnings_: tuple[str, ...] = prepared.coded.samples.warnings
        self.unimodal_ = unimodal_accuracy(prepared.coded, prepared.weights, confidence=self.confidence)
        self.model_, self.accuracy_ = self._fuse(prepared)
        return self

    @abstractmethod
    def _fuse(self, prepared: Prepared) -> tuple[Routed, Estimate]:
        """The classifier and the range of its accuracy."""

    def predict(self, features: Mapping[str, Any]) -> NDArray:
        """Labels (n,) of rows given by modality name; with one modality alone its own classifier answers."""
        check_is_fitted(self)
        return self.model_.predict(features)

    def predict_proba(self, features: Mapping[str, Any]) -> Array:
        """Class probabilities (n, K), columns as in `classes_`; the largest one is what predict says."""
        check_is_fitted(self)
        return self.model_.predict_proba(features)

    def score(self, features: Mapping[str, Any], labels: Any) -> float:
        """Accuracy on labelled pairs, where there are some."""
        return float(np.mean(self.predict(features) == to_labels(labels, "the labels")))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")


class MinimaxFusion(Fusion):
    """The rule on codes with the largest guaranteed accuracy, whatever the unseen joint: `quantify`'s `fused`.

    accuracy_.ci[0] is promised. With three or more modalities it uses the two with the best guarantee (`model_.names`).
    """

    def _fuse(self, prepared: Prepared) -> tuple[Routed, Estimate]:
        return fuse_best_pair(prepared, confidence=self.confidence, replicates=self.replicates)


class AdditiveFusion(Fusion):
    """Fusions that add up weighted log probabilities.

    log_losses_: cross-fitted log loss (bits) of the candidates, which needs no labelled pair, for it is the same
    under every joint that agrees with the samples; log_loss_errors_: standard errors. candidates_: their
    classifiers. chosen_: the name of the one with the smallest. weights_: its exponent by modality, the mean over
    folds. expected_accuracy_: its accuracy if its probabilities are right.
    """

    def _fuse(self, prepared: Prepared) -> tuple[Routed, Estimate]:
        coded, names = prepared.coded, prepared.coded.samples.names
        evidence = gather(coded, prepared.weights)
        preference = tuple(sorted(names, key=lambda n: -self.unimodal_[n].limits[0]))
        self.candidates_ = {
            name: AdditiveClassifier(
                names=names,
                classes_=coded.samples.classes,
                coded=coded,
                models=fit_by_fold(fit, evidence, coded.folds.count),
                preference=preference,
            )
            for name, fit in self._candidates(names).items()
        }
        losses = {name: held_out_loss(c.models, evidence) for name, c in self.candidates_.items()}
        self.log_losses_ = {name: value for name, (value, _) in losses.items()}
        self.log_loss_errors_ = {name: error for name, (_, error) in losses.items()}
        self.chosen_ = min(self.log_losses_, key=lambda name: self.log_losses_[name])
        chosen = self.candidates_[self.chosen_]
        weights = np.mean([m.weights for m in chosen.models], axis=0)
        self.weights_ = dict(zip(names, weights.tolist(), strict=True))
        answers, probabilities = chosen.answers_on_pairs(evidence)
        self.expected_accuracy_ = float(evidence.pairs[0].mean(probabilities.max(1)))
        return chosen, self._range(prepared, chosen.models, answers)

    @abstractmethod
    def _candidates(self, names: tuple[str, ...]) -> dict[str, Fit]:
        """What may be chosen, by name."""

    def _range(self, prepared: Prepared, models: tuple[Additive, ...], answers: NDArray[np.intp]) -> Estimate:
        """Exact interval for a modality alone; else linear programs on the answers beside the codes of any two."""
        names, count = prepared.coded.samples.names, len(self.classes_)
        alone = [n for n, w in zip(names, models[0].weights, strict=True) if w > 0]
        if len(alone) == 1:
            exact = unimodal_accuracy(prepared.coded, prepared.weights, confidence=self.confidence, looks=len(names))
            return exact[alone[0]]
        found = combinations(prepared)
        ranges = [
            judge(
                prepared, two, answers, count, replicates=self.replicates, stream=np.random.default_rng(stream)
            ).range(right(count), confidence=self.confidence, looks=len(found))
            for two, stream in found
        ]
        return min(ranges, key=width)


class ProductOfExperts(AdditiveFusion):
    """p(y) prod_m p(y|x_m) / p(y): right where the modalities are independent given the label."""

    def _candidates(self, names: tuple[str, ...]) -> dict[str, Fit]:
        return {PRODUCT: product}


class MaxEntFusion(AdditiveFusion):
    """Additive logits of maximum entropy: weights and biases that agree with the unlabelled pairs.

    Dependence between modalities that the pairs show is corrected for: weights below 1 where they repeat each other.
    """

    def _candidates(self, names: tuple[str, ...]) -> dict[str, Fit]:
        return {MAXENT: maximum_entropy}


class AutoFusion(AdditiveFusion):
    """The product of experts, maximum entropy or one modality alone: whichever has the smallest log loss.

    The log loss of each is known without a labelled pair, so this choice is not a guess.
    """

    def _candidates(self, names: tuple[str, ...]) -> dict[str, Fit]:
        alone = {f"{name} alone": single(m) for m, name in enumerate(names)}
        return {PRODUCT: product, MAXENT: maximum_entropy, **alone}


PRODUCT, MAXENT = "product of experts", "maximum entropy"
