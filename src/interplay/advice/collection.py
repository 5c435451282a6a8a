"""Which modality to collect next: guaranteed and possible gain of each candidate over what one has."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from interplay.advice.candidates import Evidence, Found, Sources, judge_candidate, judge_have
from interplay.advice.checks import check_have, check_required, positive_costs
from interplay.estimation.coding import Progress
from interplay.estimation.confidence import DUST
from interplay.estimation.preparation import Options, check_classifiers, silent
from interplay.results import Estimate


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What one more modality is worth.

    accuracy: range of the best classifier on what one has and this. gain: range over what is guaranteed with
    what one has; its low end is guaranteed, its high end possible. likely_gain: at maximum entropy, less bias; zero
    where that leaves nothing, since one more modality can be ignored. score: what the ranking goes by: likely_gain,
    per unit of cost where costs are given. reaches: whether the required accuracy is "certain", "possible" or
    "impossible" (None if none is required).
    """

    name: str
    evidence: Evidence
    accuracy: Estimate
    gain: Estimate
    likely_gain: float
    cost: float | None
    score: float
    reaches: str | None


@dataclass(frozen=True, kw_only=True)
class Collection:
    """What to collect: ranking, best first. baseline: range of the best classifier on what one has."""

    have: tuple[str, ...]
    baseline: Estimate
    ranking: tuple[Candidate, ...]
    required: float | None
    verdict: str
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers, schema interplay/collection/1."""
        return {
            "schema": "interplay/collection/1",
            "have": list(self.have),
            "baseline": plain_estimate(self.baseline),
            "required": self.required,
            "ranking": [
                asdict(c) | {"accuracy": plain_estimate(c.accuracy), "gain": plain_estimate(c.gain)}
                for c in self.ranking
            ],
            "verdict": self.verdict,
            "warnings": list(self.warnings),
        }

    def __str__(self) -> str:
        lines = [self.verdict, "", f"{' + '.join(self.have)}: accuracy {self.baseline}"]
        for place, c in enumerate(self.ranking, 1):
            cost = "" if c.cost is None else f", cost {c.cost:g}"
            lines.append(
                f"{place}. {c.name} ({c.evidence}{cost}): gain guaranteed {_points(c.gain.limits[0])}, likely "
                f"{_points(c.likely_gain)}, at most {_points(c.gain.limits[1])}; accuracy {c.accuracy}"
            )
        return "\n".join([*lines, *(f"warning: {w}" for w in self.warnings)])


def plain_estimate(e: Estimate) -> dict[str, Any]:
    """An estimate as JSON has it."""
    ends = {"low": float(e.low), "high": float(e.high), "ci": [float(v) for v in e.ci]}
    return ends | {"limits": [float(v) for v in e.limits], "confidence": e.confidence, "unit": e.unit, "how": e.how}


def collect(
    *,
    labeled: Mapping[str, tuple[Any, Any]],
    pairs: Mapping[str, Any],
    have: str | Sequence[str],
    candidates: str | Sequence[str] | None = None,
    costs: Mapping[str, float] | None = None,
    required: float | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    groups: Mapping[str, Any] | None = None,
    sample_weight: Mapping[str, Any] | None = None,
    codes: str | int = "auto",
    classifiers: Mapping[str, Any] | None = None,
    folds: int | None = None,
    replicates: int = 60,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Collection:
    """Rank candidate modalities by what adding one of them to what one has is worth.

    labeled: name -> (features, labels), for what one has and for candidates that have labels. pairs: name ->
    features, rows aligned; or candidate -> {name -> features}, if each candidate was seen with what one has on
    rows of its own. A candidate may have labels only (no pairs) or pairs only (no labels); its range is then
    as wide as that leaves it. have: one or more names. candidates: one name or more (default: all others). costs:
    candidate -> cost in any unit, positive. required: accuracy that is needed, in (0, 1]. confidence: of every
    interval, corrected for the number of candidates. The other arguments are those of `interplay.quantify`.

    The ranking goes by the gain at maximum entropy, that is, with no interaction beyond what the samples
    show; of candidates that are likely to add nothing, the one that could add most comes first (both per unit of cost).
    Gains and accuracies are of the best classifier on codes, as in `interplay.quantify`. Raises an InterplayError for a
    candidate with neither labels nor pairs, and for costs that are missing or not positive.
    """
    owned = check_have(have, labeled, pairs)
    options = Options(
        confidence=confidence,
        seed=seed,
        codes=codes,
        classifiers=check_classifiers(classifiers, labeled),
        folds=folds,
        replicates=replicates,
        workers=workers,
        progress=progress or silent,
    )
    sources = Sources.make(labeled, pairs, owned, candidates, groups, sample_weight, options)
    check_required(required)
    prices = positive_costs(costs, sources.candidates)
    baseline, cautions = judge_have(sources)
    found = {name: judge_candidate(sources, name, baseline) for name in sources.candidates}
    ranking = sorted((_candidate(name, f, prices.get(name), required) for name, f in found.items()), key=rank)
    return Collection(
        have=owned,
        baseline=baseline,
        ranking=tuple(ranking),
        required=required,
        verdict=verdict_on(owned, baseline, ranking, required),
        warnings=tuple(dict.fromkeys([*cautions, *(w for f in found.values() for w in f.warnings)])),
    )


def rank(c: Candidate) -> tuple[float, float, str]:
    """Sorts what is most likely to be worth its cost to the front, and where nothing is, what could be."""
    return -c.score, -c.gain.high / (c.cost or 1.0), c.name


def _candidate(name: str, f: Found, cost: float | None, required: float | None) -> Candidate:
    reaches, likely = None, f.likely_gain if f.likely_gain > DUST else 0.0
    if required is not None:
        reaches = "impossible" if f.accuracy.limits[1] < required else "possible"
        reaches = "certain" if f.accuracy.limits[0] >= required else reaches
    return Candidate(
        name=name,
        evidence=f.evidence,
        accuracy=f.accuracy,
        gain=f.gain,
        likely_gain=likely,
        cost=cost,
        score=likely / (cost or 1.0),
        reaches=reaches,
    )


def verdict_on(have: tuple[str, ...], baseline: Estimate, ranking: Sequence[Candidate], required: float | None) -> str:
    """What to do, in words: ranking is sorted."""
    first = ranking[0]
    worth = (
        f"it is guaranteed {_points(first.gain.limits[0])}, likely {_points(first.likely_gain)} and at most "
        f"{_points(first.gain.limits[1])} over {' + '.join(have)} alone ({first.gain.confidence:.0%} confidence)"
    )
    answer = f"Collect {first.name}: {worth}."
    if first.likely_gain <= 0:
        unit = "" if first.cost is None else " per unit of cost"
        answer = f"No candidate is likely to add anything; {first.name} leaves most open{unit}: {worth}."
    if np.all([c.gain.limits[1] < 0.005 for c in ranking]):
        answer = f"Collect none of them: no candidate can add half a point to {' + '.join(have)}."
    if required is None:
        return answer
    if baseline.limits[0] >= required:
        return f"{' + '.join(have)} already reaches {required:.1%}. {answer}"
    able = [c.name for c in ranking if c.reaches != "impossible"]
    if not able:
        return f"No candidate can reach {required:.1%}, on these codes, whatever the unseen joint. {answer}"
    certain = [c.name for c in ranking if c.reaches == "certain"]
    sure = f"certain with {', '.join(certain)}" if certain else "certain with none"
    return f"{answer} {required:.1%} is {sure} and possible with {', '.join(able)}."


def _points(share: float) -> str:
    return f"{100 * max(share, 0.0):.1f} points"
