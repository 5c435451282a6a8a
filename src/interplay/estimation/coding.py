"""From samples to codes: cross-fitted classifiers, then one symbol a row and modality."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interplay.errors import InputError, SparseError
from interplay.estimation.classifiers import Posterior
from interplay.estimation.codes import Codebook, Kind, default_code_count, fewest_codes, fit_codebook
from interplay.estimation.folds import Folds
from interplay.estimation.learner import Learner
from interplay.estimation.lost import information_lost
from interplay.estimation.undecided import tied_variance
from interplay.information import Array
from interplay.samples import Samples

Ints = NDArray[np.intp]
LARGEST = 650  # multipliers of a linear program: 20 classes of 20 codes (380) take minutes a pair
FEWEST_PER_CELL = 0.5  # rows; with fewer every interval is trivial
Progress = Callable[[str, int, int], None]  # (what, done, of)


@dataclass(frozen=True, kw_only=True, eq=False)
class Coder:
    """One fold's classifier and codebook of one modality, fitted without that fold's rows."""

    posterior: Posterior
    codebook: Codebook

    def __call__(self, features: NDArray) -> tuple[Ints, Array]:
        """Codes (n,) and class probabilities (n, K) of rows (n, d)."""
        p = self.posterior(features)
        return self.codebook.codes(p, features), p


@dataclass(frozen=True, kw_only=True, eq=False)
class CodeFacts:
    """answers (n,): the class that the modality's own classifiers most often give to pairs with this code.
    coarser (n,): a symbol of a smaller alphabet for each code."""

    answers: Ints
    coarser: Ints


@dataclass(frozen=True, kw_only=True, eq=False)
class CodedSamples:
    """Samples with each row replaced by the code that its own fold's coder gives it.

    codes, decisions, posteriors (n, K): of labelled rows, by modality. pair_codes, pair_decisions,
    pair_posteriors: of pairs. coders: by modality, one a fold. code_counts: symbols a modality. learners: what
    the coders' classifiers were fitted by. tested: answers of `accidents` so far.
    """

    samples: Samples
    folds: Folds
    coders: Mapping[str, tuple[Coder, ...]]
    codes: Mapping[str, Ints]
    decisions: Mapping[str, Ints]
    pair_codes: Mapping[str, Ints]
    pair_decisions: Mapping[str, Ints]
    posteriors: Mapping[str, Array]
    pair_posteriors: Mapping[str, Array]
    code_counts: Mapping[str, int]
    learners: Mapping[str, Learner]
    tested: dict[str, float] = field(default_factory=dict)

    def accidents(self, *names: str) -> tuple[float, ...]:
        """By modality, the p-value of the hypothesis that it tells nothing about the label.

        May fit one classifier a fold, when first asked for.
        """
        for n in names:
            if n not in self.tested:
                last = self.coders[n][-1].posterior
                self.tested[n] = self.learners[n].accident(self.folds.labeled[n], self.posteriors[n], last)
        return tuple(self.tested[n] for n in names)

    def learned(self, *names: str) -> bool:
        """Whether codes of any of these modalities were learned from the labelled rows that they code."""
        return any(self.learners[n].learns for n in names)

    def lost(self, names: tuple[str, str], weights: Mapping[str, Array | None]) -> tuple[float, float]:
        """Information about the label, bits, that two modalities' codes lose of what their classifiers say."""
        first, second = (
            information_lost(
                self.samples.labeled[n].labels, self.codes[n], self.posteriors[n], self.pair_posteriors[n], weights[n]
            )
            for n in names
        )
        return first, second

    def unseen(self, name: str, weights: Array | None) -> float:
        """Variance of a modality's accuracy that its labelled rows do not show; 0 if nothing was learned from them."""
        s = self.samples.labeled[name]
        return tied_variance(s.labels, self.posteriors[name], weights, s.groups) if self.learned(name) else 0.0

    def facts(self, name: str) -> CodeFacts:
        """What is known of a modality's codes without a label."""
        count = np.zeros((self.code_counts[name], len(self.samples.classes)))
        np.add.at(count, (self.pair_codes[name], self.pair_decisions[name]), 1)
        return CodeFacts(answers=count.argmax(axis=1), coarser=self.coders[name][0].codebook.coarser)


def code_samples(
    samples: Samples,
    folds: Folds,
    *,
    kind: Kind,
    count: int | None,
    classifiers: Mapping[str, Any],
    weights: Mapping[str, Array | None],
    seeds: Mapping[str, int],
    workers: int | None,
    progress: Progress,
) -> CodedSamples:
    """Fit one coder a fold and modality and code the rows that it never saw.

    weights: of labelled rows, by modality, for fitting. count: codes a modality; by sample size if None.
    """
    rows = min(samples.pair_count, *(len(s.labels) for s in samples.labeled.values()))
    wanted = count or default_code_count(rows, len(samples.classes))
    fewest = fewest_codes(kind, wanted, len(samples.classes))
    _check_filled(samples, dict.fromkeys(samples.names, fewest))
    _check_size(len(samples.classes), fewest)
    learners = {
        n: Learner(
            data=samples.labeled[n],
            class_count=len(samples.classes),
            estimator=classifiers.get(n),
            weights=weights[n],
            seed=seeds[n],
            workers=workers,
        )
        for n in samples.names
    }
    coders: dict[str, tuple[Coder, ...]] = {}
    for at, name in enumerate(samples.names):
        fitted: list[Coder] = []
        for fold in range(folds.count):
            progress(
                "fitting single-modality classifiers",
                at * folds.count + fold,
                len(samples.names) * folds.count,
            )
            like = fitted[0].codebook if fitted else None
            fitted.append(_fit_coder(learners[name], samples.pairs[name], folds, name, fold, kind, wanted, like))
        coders[name] = tuple(fitted)
    progress("fitting single-modality classifiers", 1, 1)
    _check_filled(samples, {n: coders[n][0].codebook.count for n in samples.names})
    labelled = {n: _code(coders[n], samples.labeled[n].features, folds.labeled[n]) for n in samples.names}
    paired = {n: _code(coders[n], samples.pairs[n], folds.pairs) for n in samples.names}
    return CodedSamples(
        samples=samples,
        folds=folds,
        coders=coders,
        codes={n: c for n, (c, _) in labelled.items()},
        decisions={n: p.argmax(axis=1) for n, (_, p) in labelled.items()},
        posteriors={n: p for n, (_, p) in labelled.items()},
        pair_codes={n: c for n, (c, _) in paired.items()},
        pair_decisions={n: p.argmax(axis=1) for n, (_, p) in paired.items()},
        pair_posteriors={n: p for n, (_, p) in paired.items()},
        code_counts={n: coders[n][0].codebook.count for n in samples.names},
        learners=learners,
    )


def _check_size(classes: int, codes: int) -> None:
    """Refuse tables whose programs would take hours."""
    if (classes - 1) * codes > LARGEST:
        raise InputError(
            f"{classes} classes and {codes} codes a modality",
            expected=f"(classes - 1) x codes of at most {LARGEST}: beyond that an answer takes hours",
            next_step=f"merge classes into at most {math.isqrt(LARGEST)} groups (each of more than two needs a code)"
            if codes <= classes
            else "pass fewer codes, or merge classes",
        )


def _check_filled(samples: Samples, code_counts: Mapping[str, int]) -> None:
    """Refuse tables that are mostly empty: nothing could be said, at great cost."""
    classes = len(samples.classes)
    least = classes > 2 and max(code_counts.values()) <= classes
    tables = [("pairs", samples.pair_count, math.prod(sorted(code_counts.values())[-2:]))]
    tables += [(f"labelled rows of {n!r}", len(s.labels), code_counts[n] * classes) for n, s in samples.labeled.items()]
    for what, rows, cells in tables:
        if rows < FEWEST_PER_CELL * cells:
            raise SparseError(
                f"{rows} {what} for the {cells} cells of their table",
                expected=f"at least {math.ceil(FEWEST_PER_CELL * cells)}",
                next_step=f"add rows or merge some of the {classes} classes, each of which needs a code"
                if least
                else "add rows, pass fewer codes, or merge rare classes",
            )


def _fit_coder(
    learner: Learner,
    pairs: NDArray,
    folds: Folds,
    name: str,
    fold: int,
    kind: Kind,
    count: int,
    like: Codebook | None,
) -> Coder:
    posterior = learner(folds.labeled[name] != fold, fold)
    # The codebook is fitted on pairs: the classifier has not seen them, so its scores on them are those
    # of new rows, unlike its scores on its own training rows.
    reference = pairs[folds.pairs != fold]
    codebook = fit_codebook(kind, count, posterior(reference), reference, seed=learner.seed + fold, like=like)
    return Coder(posterior=posterior, codebook=codebook)


def _code(coders: tuple[Coder, ...], features: NDArray, folds: Ints) -> tuple[Ints, Array]:
    codes = np.empty(len(features), dtype=np.intp)
    posteriors = np.empty((len(features), coders[0].posterior.class_count))
    for fold, coder in enumerate(coders):
        rows = folds == fold
        if rows.any():
            codes[rows], posteriors[rows] = coder(features[rows])
    return codes, posteriors
