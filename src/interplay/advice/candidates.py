"""What a candidate modality is worth, from whatever was seen of it: labels and pairs, labels only, pairs only."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from interplay.advice.checks import check_candidates
from interplay.errors import InputError, UnknownNameError
from interplay.estimation.chance import above_chance
from interplay.estimation.codes import default_code_count, fit_codebook
from interplay.estimation.many import ManyCounts, count_many, largest_entropy, tables_of
from interplay.estimation.preparation import Options, Prepared, prepare
from interplay.estimation.set_accuracy import SetAccuracy, set_accuracy
from interplay.estimation.unimodal import unimodal_accuracy
from interplay.fusion.rules import product_of_experts
from interplay.information import Array
from interplay.inputs import to_features
from interplay.results import Estimate
from interplay.samples import PAIRS

Evidence = Literal["labels and pairs", "labels only", "pairs only"]


@dataclass(frozen=True, kw_only=True)
class Found:
    """The ranges of one candidate; see `interplay.collect`."""

    evidence: Evidence
    accuracy: Estimate
    gain: Estimate
    likely_gain: float
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Sources:
    """What was seen. pairs: by candidate, features by name. shared: the candidates' pairs are the same rows."""

    labeled: Mapping[str, tuple[Any, Any]]
    pairs: Mapping[str, Mapping[str, Any]]
    shared: bool
    have: tuple[str, ...]
    candidates: tuple[str, ...]
    aside: Mapping[str, Mapping[str, Any]]  # groups and sample_weight, by set
    options: Options
    made: dict[tuple[str, ...], Prepared]  # what was prepared, by names

    @staticmethod
    def make(
        labeled: Mapping[str, tuple[Any, Any]],
        pairs: Mapping[str, Any],
        have: tuple[str, ...],
        candidates: str | Sequence[str] | None,
        groups: Mapping[str, Any] | None,
        sample_weight: Mapping[str, Any] | None,
        options: Options,
    ) -> "Sources":
        """Bring both forms of `pairs` into one."""
        nested = bool(pairs) and all(isinstance(v, Mapping) for v in pairs.values())
        names = check_candidates(candidates, have, labeled, pairs)
        if nested:
            by_candidate = {c: pairs[c] for c in names if c in pairs}
        else:
            owned = {n: pairs[n] for n in have if n in pairs}
            by_candidate = {c: {**owned, c: pairs[c]} for c in names if c in pairs}
        for candidate, features in by_candidate.items():
            missing = [n for n in (*have, candidate) if n not in features]
            if missing:
                raise UnknownNameError(
                    f"pairs of {candidate!r} without {missing[0]!r}",
                    expected=f"rows with {', '.join([*have, candidate])}",
                    next_step=f"pass pairs that show {candidate!r} together with what you have, or none of it",
                )
        return Sources(
            labeled=labeled,
            pairs=by_candidate,
            shared=not nested,
            have=have,
            candidates=names,
            aside={"groups": groups or {}, "sample_weight": sample_weight or {}},
            options=options,
            made={},
        )

    def prepared(self, names: tuple[str, ...], pairs: Mapping[str, Any], candidate: str | None) -> Prepared:
        """Coded samples of some labelled modalities, made once where they serve several candidates."""
        key = (*names, "" if self.shared or candidate is None else candidate)
        if key not in self.made:
            self.made[key] = prepare(
                labeled={n: self.labeled[n] for n in names},
                pairs={n: pairs[n] for n in names},
                options=replace(
                    self.options,
                    classifiers={n: c for n, c in self.options.classifiers.items() if n in names},
                ),
                prior=None,
                least=1,
                **{what: self._aside(what, names, candidate) for what in ("groups", "sample_weight")},
            )
        return self.made[key]

    def _aside(self, what: str, names: tuple[str, ...], candidate: str | None) -> dict[str, Any] | None:
        """Groups or weights of some modalities and of the candidate's pairs (which may have their own)."""
        given = self.aside[what]
        found = {n: given[n] for n in names if n in given}
        of_pairs = given.get(PAIRS)
        if isinstance(of_pairs, Mapping):
            of_pairs = of_pairs.get(candidate)
        if of_pairs is not None and candidate is not None:
            found[PAIRS] = of_pairs
        return found or None


def _levels(sources: Sources) -> dict[str, Any]:
    o = sources.options
    return {
        "confidence": o.confidence,
        "looks": len(sources.candidates),
        "replicates": o.replicates,
        "rng": np.random.default_rng(o.seed),
    }


def _complete(sources: Sources) -> tuple[str, ...]:
    """Candidates with labels and pairs."""
    return tuple(c for c in sources.candidates if c in sources.labeled and c in sources.pairs)


def _with_pairs(sources: Sources, candidate: str) -> Prepared:
    """What one has and the candidate; with shared pairs all such candidates at once."""
    together = _complete(sources) if sources.shared else (candidate,)
    pairs = {n: x for c in together for n, x in sources.pairs[c].items()}
    return sources.prepared((*sources.have, *together), pairs, candidate)


def _owned(sources: Sources, candidate: str | None) -> Prepared:
    """What one has alone, coded on the candidate's pairs (or any pairs, or for one modality its own rows)."""
    if candidate is None and _complete(sources):
        return _with_pairs(sources, _complete(sources)[0])
    donor = candidate or next(iter(sources.pairs), None)
    if donor is None and len(sources.have) > 1:
        raise InputError(
            f"{len(sources.have)} modalities that you have, without pairs",
            expected="pairs that show them together",
            next_step="pass pairs of what you have with at least one candidate",
        )
    first = sources.have[0]
    pairs = {first: sources.labeled[first][0]} if donor is None else sources.pairs[donor]
    return sources.prepared(sources.have, pairs, donor)


def judge_have(sources: Sources) -> tuple[Estimate, tuple[str, ...]]:
    """Range of the best classifier on what one has, and warnings about its samples."""
    ready = _owned(sources, None)
    counts = count_many(ready.coded, sources.have, ready.weights)
    return _answers(sources, ready, counts).accuracy, ready.coded.samples.warnings


def _answers(sources: Sources, ready: Prepared, counts: ManyCounts) -> SetAccuracy:
    """Of a set of modalities; nothing is promised above chance if none of the labelled ones tells anything."""
    levels = _levels(sources)
    s = set_accuracy(counts, **levels)
    accidents = ready.coded.accidents(*counts.names[: len(counts.labeled)])
    return replace(s, accuracy=above_chance(s.accuracy, counts.labelled, accidents, looks=levels["looks"]))


def judge_candidate(sources: Sources, name: str, baseline: Estimate) -> Found:
    """Ranges of what one has together with one candidate."""
    if name not in sources.pairs:
        return _labels_only(sources, name, baseline)
    if name not in sources.labeled:
        return _pairs_only(sources, name)
    ready = _with_pairs(sources, name)
    counts = count_many(ready.coded, (*sources.have, name), ready.weights)
    s = _answers(sources, ready, counts)
    return Found(
        evidence="labels and pairs",
        accuracy=s.accuracy,
        gain=s.gain,
        likely_gain=s.likely_gain,
        warnings=ready.coded.samples.warnings,
    )


def _pairs_only(sources: Sources, name: str) -> Found:
    """No label of the candidate: it may be worth nothing, and at most what its codes can tell apart."""
    ready = _owned(sources, name)
    samples, features = ready.coded.samples, to_features(sources.pairs[name][name], f"the pairs of {name!r}")
    classes = len(samples.classes)
    count = default_code_count(min(len(features), *(len(s.labels) for s in samples.labeled.values())), classes)
    none = np.zeros((len(features), classes))
    book = fit_codebook("kmeans", count, none, features, seed=sources.options.seed)
    counts = count_many(
        ready.coded, sources.have, ready.weights, unlabeled=(name, book.codes(none, features), book.count)
    )
    s = _answers(sources, ready, counts)
    return Found(
        evidence="pairs only",
        accuracy=s.accuracy,
        gain=s.gain,
        likely_gain=s.likely_gain,
        warnings=(
            f"{name}: no labels of its own, so nothing is guaranteed and its {book.count} clusters bound what it "
            "can add; label some of its rows.",
        ),
    )


def _labels_only(sources: Sources, name: str, baseline: Estimate) -> Found:
    """No pairs: the better of both is guaranteed, nothing is ruled out; likely if independent given the label."""
    ready = sources.prepared((name,), {name: sources.labeled[name][0]}, None)
    levels = _levels(sources)
    alone = unimodal_accuracy(ready.coded, ready.weights, confidence=levels["confidence"], looks=levels["looks"])[name]
    better = alone if alone.limits[0] > baseline.limits[0] else baseline
    accuracy = replace(
        better,
        low=max(alone.low, baseline.low),
        high=1.0,
        ci=(max(alone.ci[0], baseline.ci[0]), 1.0),
        ci_point=(max(alone.ci_point[0], baseline.ci_point[0]), 1.0),
        limits=(max(alone.limits[0], baseline.limits[0]), 1.0),
        how=f"{better.how}; the better of both alone; without pairs nothing above it is ruled out",
    )
    lead = alone.low - baseline.low
    return Found(
        evidence="labels only",
        accuracy=accuracy,
        gain=_lead(alone, baseline, lead),
        likely_gain=_independent_gain(sources, ready),
        warnings=(f"{name}: no pairs with {' + '.join(sources.have)}, so no gain is ruled out; collect pairs.",),
    )


def _lead(alone: Estimate, baseline: Estimate, lead: float) -> Estimate:
    """Gain that is certain because the candidate alone is better than what one has, if it is."""

    def least(a: tuple[float, float], b: tuple[float, float]) -> float:
        return max(0.0, lead - math.hypot(alone.low - a[0], b[1] - baseline.high))

    return replace(
        alone,
        low=max(lead, 0.0),
        high=1 - baseline.low,
        ci=(least(alone.ci, baseline.ci), 1 - baseline.ci[0]),
        ci_point=(least(alone.ci_point, baseline.ci_point), 1 - baseline.ci_point[0]),
        limits=(least(alone.limits, baseline.limits), 1 - baseline.limits[0]),
        how="difference of the accuracies alone; without pairs nothing above it is ruled out",
    )


def _independent_gain(sources: Sources, ready: Prepared) -> float:
    """Gain on codes if candidate and possessions are independent given the label."""
    owned = _owned(sources, None)
    own_classes, classes = (p.coded.samples.classes for p in (owned, ready))
    if len(own_classes) != len(classes) or np.any(own_classes != classes):
        raise InputError(
            f"classes {[str(c) for c in classes]} of {ready.coded.samples.names[0]!r}",
            expected=f"those of what you have, {[str(c) for c in own_classes]}",
            next_step="label both with the same classes",
        )
    counts = count_many(owned.coded, sources.have, owned.weights)
    tables = tables_of(counts)
    joint = tables.margins[0][0] if len(sources.have) == 1 else largest_entropy(counts.codes, tables)[0]
    candidate = tables_of(count_many(ready.coded, ready.coded.samples.names, ready.weights)).margins[0][0]
    both: Array = product_of_experts(joint[None], candidate[None])[0]
    return float(both.max(2).sum() - joint.max(1).sum())
