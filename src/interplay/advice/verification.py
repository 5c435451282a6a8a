"""Did the advice hold: the recommended families and the others, trained on labelled pairs and tested on others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interplay.advice.families import FAMILIES
from interplay.advice.selection import Recommendation
from interplay.errors import UnknownNameError
from interplay.fusion import zoo
from interplay.inputs import to_labels

TEST = 0.25  # share of the labelled pairs, or of their groups, that tests


@dataclass(frozen=True, kw_only=True)
class Score:
    """One family. accuracy: mean over the splits, with its standard error; seconds: of training, all splits."""

    family: str
    recommended: bool
    accuracy: float
    standard_error: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Verification:
    """Scores, best first. chosen: the recommended family with the least loss on validation rows. held: whether the best
    of the others is not better than it by more than twice the standard error of their difference. regret: how much
    better the best family is than the chosen one, on the test rows."""

    scores: tuple[Score, ...]
    chosen: str
    regret: float
    held: bool
    verdict: str

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers, schema interplay/verification/1."""
        return {
            "schema": "interplay/verification/1",
            "scores": [vars(s) for s in self.scores],
            "chosen": self.chosen,
            "regret": self.regret,
            "held": self.held,
            "verdict": self.verdict,
        }


def verify_models(
    recommendation: Recommendation,
    features: Mapping[str, Any],
    labels: Any,
    *,
    groups: Any = None,
    families: Sequence[str] = FAMILIES,
    splits: int = 3,
    device: str = "cpu",
    seed: int = 0,
) -> Verification:
    """Train recommended and other families on labelled pairs, several times, and compare them on rows held out.

    features: name -> (n,d) or (n,T,d) for the recommendation's modalities; labels (n,). families: which to train
    besides the recommended ones. Needs the extra torch. Raises UnknownNameError for a modality that is missing.
    """
    names = _ordered(recommendation, features)
    arrays = {n: np.asarray(features[n]) for n in names}
    y = to_labels(labels, "the labels")
    wanted = list(dict.fromkeys([*recommendation.recommended, *families]))
    right: dict[str, list[NDArray]] = {f: [] for f in wanted}
    losses: dict[str, list[float]] = {f: [] for f in wanted}
    seconds = dict.fromkeys(wanted, 0.0)
    for split in range(splits):
        test = _test_rows(y, groups, np.random.default_rng([seed, split]))
        for family in wanted:
            model = zoo.train(
                family,
                {n: x[~test] for n, x in arrays.items()},
                y[~test],
                groups=None if groups is None else np.asarray(groups)[~test],
                device=device,
                seed=seed + split,
            )
            right[family].append(model.predict({n: x[test] for n, x in arrays.items()}) == y[test])
            losses[family].append(model.validation_loss)
            seconds[family] += model.seconds
    hits = {f: np.concatenate(r).astype(float) for f, r in right.items()}
    # the loss varies less than the accuracy, which sees of each row only whether it is right
    chosen = min(recommendation.recommended, key=lambda f: float(np.mean(losses[f])))
    return _judge(recommendation, hits, seconds, chosen, splits)


def _judge(
    recommendation: Recommendation, hits: Mapping[str, NDArray], seconds: Mapping[str, float], chosen: str, splits: int
) -> Verification:
    scores = [
        Score(
            family=f,
            recommended=f in recommendation.recommended,
            accuracy=float(h.mean()),
            standard_error=_error(h, splits),
            seconds=seconds[f],
        )
        for f, h in hits.items()
    ]
    best = max(hits, key=lambda f: hits[f].mean())
    lead = hits[best] - hits[chosen]
    held = bool(lead.mean() <= 2 * _error(lead, splits))
    how = "within what chance explains" if held else "more than chance explains"
    verdict = (
        f"The advice {'held' if held else 'did not hold'}: {chosen}, the recommended family that validation prefers, "
        f"reaches {hits[chosen].mean():.1%}; the best in hindsight, {best}, {hits[best].mean():.1%} ({how})."
    )
    return Verification(
        scores=tuple(sorted(scores, key=lambda s: -s.accuracy)),
        chosen=chosen,
        regret=float(lead.mean()),
        held=held,
        verdict=verdict,
    )


def _error(values: NDArray, splits: int) -> float:
    """Standard error of a mean over test rows; splits share rows, so only one split's rows are counted."""
    return float(values.std() / np.sqrt(max(len(values) / splits, 1)))


def _ordered(recommendation: Recommendation, features: Mapping[str, Any]) -> list[str]:
    """The modalities, the one that carries more information first, for the family "single"."""
    missing = [n for n in recommendation.names if n not in features]
    if missing:
        raise UnknownNameError(
            f"labelled pairs without {missing[0]!r}",
            expected=f"features of {' and '.join(recommendation.names)}",
            next_step="pass both modalities",
        )
    unique = {n: recommendation.profile[f"unique to {n}"].low for n in recommendation.names}
    return sorted(recommendation.names, key=lambda n: -unique[n])


def _test_rows(y: NDArray, groups: Any, rng: np.random.Generator) -> NDArray[np.bool_]:
    if groups is not None:
        names, position = np.unique(np.asarray(groups), return_inverse=True)
        return np.isin(position, rng.permutation(len(names))[: max(1, round(TEST * len(names)))])
    order = np.lexsort((rng.random(len(y)), y))
    test = np.zeros(len(y), dtype=bool)
    test[order[:: round(1 / TEST)]] = True
    return test
