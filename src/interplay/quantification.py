"""The main job: from labelled single modalities and unlabelled pairs to what fusing is worth."""

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from interplay.advice.narrowing import Narrowing, desk_of, expected_narrowing
from interplay.advice.verdict import advise
from interplay.audits.sharing import check_copies
from interplay.documents import to_document, to_text
from interplay.estimation.coding import CodedSamples, Progress
from interplay.estimation.counts import count_pair, pair_tables
from interplay.estimation.drawn import affordable
from interplay.estimation.many import count_many
from interplay.estimation.preparation import Options, Prepared, prepare, silent
from interplay.estimation.resolution import ResolutionCurve, resolution_curve
from interplay.estimation.unimodal import unimodal_accuracy
from interplay.files import write_text
from interplay.fusion.fused import FusedClassifier
from interplay.information import Array
from interplay.mismatch import Mismatch
from interplay.pair_analysis import PairResult, Rung, analyse_pair
from interplay.parallel import in_threads
from interplay.plots import plot_accuracy
from interplay.report.html import render
from interplay.report.notebook import notebook_table
from interplay.results import Estimate
from interplay.samples import Samples

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLANNED = 300  # labels that `Result.narrowing` looks ahead


@dataclass(frozen=True, kw_only=True, eq=False)
class Settings:
    """How an answer was computed."""

    confidence: float
    seed: int
    codes: str
    code_counts: Mapping[str, int]
    classifiers: Mapping[str, str]
    folds: int
    replicates: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Result:
    """What `quantify` found. Estimates carry plug-in ends, a confidence interval, and how it was got.

    With more than two modalities `pairs` has every pair; redundancy, unique, synergy, total, fused and
    guarantee speak of `chosen_pair`, the one with the largest guaranteed accuracy (its confidence level is
    corrected for the choice).
    """

    samples: Samples
    settings: Settings
    unimodal: Mapping[str, Estimate]
    pairs: Mapping[tuple[str, str], PairResult]
    chosen_pair: tuple[str, str]
    warnings: tuple[str, ...]
    verdict: str
    next_steps: tuple[str, ...]
    inputs: Mapping[str, str]
    coded: CodedSamples = field(repr=False)
    weights: Mapping[str, Array | None] = field(repr=False)

    @cached_property
    def resolution(self) -> ResolutionCurve:
        """Accuracy, total and synergy of the chosen pair against the number of codes; computed when first asked for.

        100 replicates a point; seconds. Empty where the sample fills no table or each would take minutes.
        """
        return resolution_curve(
            self.coded,
            self.chosen_pair,
            self.weights,
            confidence=self.settings.confidence,
            looks=len(self.pairs),
            rng=np.random.default_rng([self.settings.seed, 0]),
        )

    @cached_property
    def narrowing(self) -> tuple[Narrowing, ...]:
        """Expected width of the accuracy interval if pairs were labelled by a plan; computed when first asked for.

        The chosen pair, up to 300 labels in one round, 40 replicates; seconds. A model, not a bound.
        """
        desk = desk_of(
            count_many(self.coded, self.chosen_pair, dict(self.weights)),
            self.samples.classes,
            accidents=self.coded.accidents(*self.chosen_pair),
            lost=None,
            budget=min(PLANNED, self.samples.pair_count),
            confidence=self.settings.confidence,
            looks=1,
            seed=self.settings.seed,
            replicates=40,
        )
        return expected_narrowing(desk)

    @property
    def chosen(self) -> PairResult:
        """The pair that the top-level answers speak of."""
        return self.pairs[self.chosen_pair]

    @property
    def best_single(self) -> str:
        """Name of the modality that is most accurate alone."""
        return max(self.unimodal, key=lambda n: self.unimodal[n].low)

    @property
    def redundancy(self) -> Estimate:
        """Information about the label that both modalities carry, in bits."""
        return self.chosen.redundancy

    @property
    def unique(self) -> Mapping[str, Estimate]:
        """Information that one modality carries alone, in bits, by name."""
        return self.chosen.unique

    @property
    def synergy(self) -> Estimate:
        """Range of the information that only both together carry, in bits."""
        return self.chosen.synergy

    @property
    def total(self) -> Estimate:
        """Range of the information that both carry about the label, in bits."""
        return self.chosen.total

    @property
    def information(self) -> Mapping[str, Estimate]:
        """Information that each modality carries about the label, in bits, by name."""
        return self.chosen.information

    @property
    def accuracy(self) -> Estimate:
        """Range of the best fused classifier's accuracy; ci[0] is what the best is guaranteed to reach."""
        return self.chosen.accuracy

    @property
    def guarantee(self) -> Estimate:
        """Range of the accuracy of exactly what `fused.predict` does."""
        return self.chosen.guarantee

    @property
    def gain(self) -> Estimate:
        """Range of the best fused accuracy minus the better single modality's, on codes."""
        return self.chosen.gain

    @property
    def ladder(self) -> tuple[Rung, ...]:
        """Accuracy by assumption, from none to the most favourable."""
        return self.chosen.ladder

    @property
    def mismatch(self) -> Mismatch:
        """Test that the three samples describe one population."""
        return self.chosen.mismatch

    @property
    def fused(self) -> FusedClassifier:
        """The classifier that `guarantee` speaks of."""
        return self.chosen.fused

    def to_dict(self) -> dict:
        """The JSON twin of the report, schema interplay/result/1."""
        return to_document(self)

    def to_json(self, path: str | Path | None = None) -> str:
        """JSON text of `to_dict`; written atomically if a path is given."""
        text = to_text(self.to_dict())
        if path is not None:
            write_text(path, text)
        return text

    def save_report(self, path: str | Path) -> None:
        """Write the one-file HTML report atomically."""
        write_text(path, render(self.to_dict()))

    def plot(self, *, ax: "Axes | None" = None) -> "Axes":
        """The accuracies on matplotlib Axes (extra `plot`); more pictures are in `interplay.plots`."""
        return plot_accuracy(self, ax=ax)

    def _repr_html_(self) -> str:
        return notebook_table(self.to_dict())

    def __str__(self) -> str:
        lines = [self.verdict, ""]
        rows: list[tuple[str, Estimate]] = [(f"{n} alone", e) for n, e in self.unimodal.items()]
        rows += [("fused, guaranteed", self.guarantee), ("best fused", self.accuracy)]
        rows += [("redundancy", self.redundancy)]
        rows += [(f"unique to {n}", e) for n, e in self.unique.items()]
        rows += [("synergy", self.synergy), ("total", self.total)]
        width = max(len(label) for label, _ in rows)
        lines += [f"{label:<{width}}  {e}" for label, e in rows]
        lines += [f"warning: {w}" for w in self.warnings]
        return "\n".join(lines)


def quantify(
    *,
    labeled: Mapping[str, tuple[Any, Any]],
    pairs: Mapping[str, Any],
    confidence: float = 0.95,
    seed: int = 0,
    groups: Mapping[str, Any] | None = None,
    sample_weight: Mapping[str, Any] | None = None,
    prior: Mapping[Any, float] | Sequence[float] | None = None,
    codes: str | int = "auto",
    classifiers: Mapping[str, Any] | None = None,
    folds: int | None = None,
    replicates: int = 200,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """How modalities interact for a label, and what fusing them is worth, without one labelled pair.

    labeled: name -> (features (n, d), labels (n,)), two or more modalities, from different people or the
    same. pairs: name -> features (m, d), rows aligned. confidence: of every interval. groups,
    sample_weight: by modality name for its labelled rows and "pairs" for the pairs; rows of one group are
    never split. prior: class -> known share (or the shares in the order of the sorted classes), which
    corrects labelled sets with another mix of classes. codes: "auto", "posterior", "simplex", "kmeans", "product" or
    a number of codes. classifiers: name -> scikit-learn classifier with predict_proba, instead of ours. folds,
    replicates: of cross-fitting and bootstrap (fewer for very large tables, with a warning). workers: threads for
    fitting and for pairs of modalities (None: one a core; same answer for any number). progress: called with
    (what, done, of).

    Returns a `Result`. Raises an InterplayError that says what was found, expected and to do next.
    """
    options = Options(
        confidence=confidence,
        seed=seed,
        codes=codes,
        classifiers=classifiers or {},
        folds=folds,
        replicates=replicates,
        workers=workers,
        progress=progress or silent,
    )
    prepared = prepare(
        labeled=labeled, pairs=pairs, options=options, groups=groups, sample_weight=sample_weight, prior=prior
    )
    coded, weights, samples = prepared.coded, prepared.weights, prepared.coded.samples
    unimodal = unimodal_accuracy(coded, weights, confidence=confidence)  # asks each modality once, before the threads
    results = _analyse(prepared, options)
    chosen = max(results, key=lambda names: results[names].guarantee.limits[0])
    settings = Settings(
        confidence=confidence,
        seed=seed,
        codes=prepared.kind,
        code_counts=dict(coded.code_counts),
        classifiers={n: coded.coders[n][0].posterior.kind for n in samples.names},
        folds=coded.folds.count,
        replicates=affordable(results[chosen].tables.shape, replicates),
    )
    advice = advise(unimodal, results[chosen].guarantee, results[chosen].accuracy, results[chosen].gain)
    return Result(
        samples=samples,
        settings=settings,
        unimodal=unimodal,
        pairs=results,
        chosen_pair=chosen,
        warnings=(*samples.warnings, *check_copies(samples), *(w for r in results.values() for w in r.warnings)),
        verdict=advice.verdict,
        next_steps=advice.next_steps,
        inputs=_hashes(samples),
        coded=coded,
        weights=weights,
    )


def _analyse(prepared: Prepared, options: Options) -> dict[tuple[str, str], PairResult]:
    """Every pair of modalities, side by side; each has random numbers of its own."""
    coded, what = prepared.coded, "bounding pairs of modalities"
    combinations = list(itertools.combinations(coded.samples.names, 2))

    def one(job: tuple[tuple[str, str], np.random.SeedSequence]) -> PairResult:
        names, seeds = job
        counts = count_pair(coded, names, prepared.weights)
        return analyse_pair(
            coded,
            counts,
            pair_tables(counts, coded.samples.classes, codebook=""),
            confidence=options.confidence,
            replicates=options.replicates,
            looks=len(combinations),
            rng=np.random.default_rng(seeds),
        )

    options.progress(what, 0, len(combinations))
    jobs = list(zip(combinations, prepared.stream.spawn(len(combinations)), strict=True))
    found = in_threads(one, jobs, workers=options.workers, report=partial(options.progress, what))
    return dict(zip(combinations, found, strict=True))


def _hashes(samples: Samples) -> dict[str, str]:
    """SHA-256 of what was analysed, so that a report can be matched with its data."""

    def digest(*arrays: NDArray) -> str:
        h = hashlib.sha256()
        for a in arrays:
            h.update(f"{a.shape}{a.dtype.str}".encode())
            h.update(np.ascontiguousarray(a).tobytes())
        return f"sha256:{h.hexdigest()}"

    out = {f"labeled:{n}": digest(s.features, s.labels) for n, s in samples.labeled.items()}
    return out | {f"pairs:{n}": digest(x) for n, x in samples.pairs.items()}
