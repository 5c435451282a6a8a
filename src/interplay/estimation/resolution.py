"""The resolution curve: every range against the number of codes, coarser codes being parts of finer ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interplay.errors import InputError
from interplay.estimation.atoms import atom_estimates
from interplay.estimation.best_accuracy import best_accuracy_estimates
from interplay.estimation.chance import above_chance
from interplay.estimation.codes import Codebook, ScoreCodes, fit_codebook
from interplay.estimation.coding import CodedSamples
from interplay.estimation.confidence import Levels
from interplay.estimation.counts import count_pair
from interplay.estimation.drawn import draw_tables
from interplay.estimation.highest import is_sharp
from interplay.information import Array
from interplay.results import Estimate

Ints = NDArray[np.intp]

NUMBERS = (2, 3, 4, 6, 8, 12)  # of codes for two classes; times the classes (1, 2, 3 levels) for more
ROWS_PER_CELL = 5  # pairs a cell of a table; fewer say too little
MOST_CELLS = 600  # n1 * n2 * K; beyond, a point takes minutes
REFERENCE_ROWS = 2000  # from which the edges of a fold's codes are read


@dataclass(frozen=True, kw_only=True)
class ResolutionPoint:
    """Ranges at one number of codes a modality; each interval covers on its own, not the curve as a whole."""

    codes: int
    accuracy: Estimate
    total: Estimate
    synergy: Estimate


@dataclass(frozen=True, kw_only=True)
class ResolutionCurve:
    """Ranges of two modalities at several numbers of codes of their class probabilities, coarse to fine.

    Low ends of accuracy and total hold for the raw modalities at every resolution, and so do lower limits of synergy;
    high ends hold for the codes of their point only and widen as codes get finer; where `highest.is_sharp` they are
    sharp, and ceilings that need no search elsewhere.
    """

    names: tuple[str, str]
    points: tuple[ResolutionPoint, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data: modalities, and points with codes and for each answer low, high, ci."""
        answers = ("accuracy", "total", "synergy")
        return {
            "modalities": list(self.names),
            "points": [{"codes": p.codes, **{a: _ends(getattr(p, a)) for a in answers}} for p in self.points],
        }


def _ends(e: Estimate) -> dict[str, Any]:
    return {"low": e.low, "high": e.high, "ci": list(e.ci), "unit": e.unit}


def resolution_curve(
    coded: CodedSamples,
    names: tuple[str, str],
    weights: Mapping[str, Array | None],
    *,
    numbers: Sequence[int] | None = None,
    confidence: float = 0.95,
    replicates: int = 100,
    looks: int = 1,
    rng: np.random.Generator,
) -> ResolutionCurve:
    """Ranges at several numbers of codes, from the posteriors that each row's own fold gave.

    numbers: codes a modality, at least 2 (a multiple of the classes for more than two); by sample size if None,
    which can leave none. The finest codes are quantiles of the class probabilities, merged for the rest, so every
    coarser code is a union of finer ones. Other arguments as in `quantify`.
    """
    class_count = len(coded.samples.classes)
    chosen = _numbers(coded, class_count) if numbers is None else _checked(numbers, class_count)
    if not chosen:
        return ResolutionCurve(names=names, points=())
    finest = {n: _finest(coded, n, chosen[-1]) for n in names}
    points = []
    for number in chosen:
        merged = {n: _merge(finest[n], number, chosen[-1], class_count) for n in names}
        coarse = replace(
            coded,
            codes={n: merged[n][finest[n].labelled] for n in names},
            pair_codes={n: merged[n][finest[n].pairs] for n in names},
            code_counts=dict.fromkeys(names, number),
        )
        counts = count_pair(coarse, names, dict(weights))
        draws = draw_tables(counts.sets, counts.shape, replicates, rng)
        levels: Levels = {"confidence": confidence, "looks": looks}
        learned, search = coded.learned(*names), is_sharp(draws)
        lost = coarse.lost(names, weights)
        atoms = atom_estimates(names, draws, search=search, learned=learned, lost=lost, **levels)
        best, _ = best_accuracy_estimates(draws, unseen=counts.unseen, search=search, **levels)
        accuracy = above_chance(best, counts.labelled, coded.accidents(*names), looks=looks)
        points.append(ResolutionPoint(codes=number, accuracy=accuracy, total=atoms["total"], synergy=atoms["synergy"]))
    return ResolutionCurve(names=names, points=tuple(points))


def _numbers(coded: CodedSamples, class_count: int) -> list[int]:
    """What the pairs can fill and the solvers can do in seconds."""
    candidates = NUMBERS if class_count == 2 else [class_count * level for level in (1, 2, 3)]
    rows = min(coded.samples.pair_count, *(len(s.labels) for s in coded.samples.labeled.values()))
    return [n for n in candidates if n * n * ROWS_PER_CELL <= rows and n * n * class_count <= MOST_CELLS]


def _checked(numbers: Sequence[int], class_count: int) -> list[int]:
    step = 1 if class_count == 2 else class_count
    wrong = [n for n in numbers if n < 2 or n > 100 or n % step]
    if wrong or not len(numbers):
        raise InputError(
            f"numbers of codes {list(numbers)}",
            expected="numbers from 2 to 100" + (f", multiples of the {class_count} classes" if step > 1 else ""),
            next_step="leave numbers out",
        )
    return sorted(set(numbers))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Finest:
    """Codes of labelled rows and pairs. below: how many of them are on the first class's side (two classes)."""

    labelled: Ints
    pairs: Ints
    below: int


def _finest(coded: CodedSamples, name: str, count: int) -> _Finest:
    """Codes of every row by its own fold's class probabilities, with edges from pairs of the other folds."""
    folds, samples = coded.folds, coded.samples
    labelled, pairs = (np.zeros(len(f), dtype=np.intp) for f in (folds.labeled[name], folds.pairs))
    share = float((coded.pair_decisions[name] == 0).mean())
    below = int(np.clip(round(share * count), 1, count - 1))
    for fold, coder in enumerate(coded.coders[name]):
        others = np.flatnonzero(folds.pairs != fold)
        reference = samples.pairs[name][others[:: max(1, len(others) // REFERENCE_ROWS)]]
        posterior = coder.posterior(reference)
        book = _book(posterior, count, below) if posterior.shape[1] == 2 else _posterior_codes(posterior, count)
        for codes, known, own in (
            (labelled, coded.posteriors[name], folds.labeled[name] == fold),
            (pairs, coded.pair_posteriors[name], folds.pairs == fold),
        ):
            codes[own] = book.codes(known[own], known[own])
    return _Finest(labelled=labelled, pairs=pairs, below=below)


def _posterior_codes(posterior: Array, count: int) -> Codebook:
    return fit_codebook("posterior", count, posterior, posterior, seed=0)


def _book(posterior: Array, count: int, below: int) -> Codebook:
    """Quantiles on either side of the decision, so that it is the same edge in every fold."""
    scores = posterior[:, 1]
    sides = (scores[scores < 0.5], below), (scores[scores >= 0.5], count - below)
    edges = [
        np.quantile(side, np.arange(1, bins) / bins) if len(side) else np.full(bins - 1, 0.5) for side, bins in sides
    ]
    return ScoreCodes(edges=np.concatenate([edges[0], [0.5], edges[1]]))


def _merge(finest: _Finest, number: int, count: int, class_count: int) -> Ints:
    """Coarse code (count,) of each finest code.

    Two classes: the lightest neighbours are joined, again and again, never across the decision. More: the
    levels of confidence within a class are joined.
    """
    if class_count > 2:
        levels = count // class_count
        code = np.arange(count)
        coarse = number // class_count
        return np.asarray(code // levels * coarse + code % levels * coarse // levels)
    mass = [float(m) for m in np.bincount(finest.pairs, minlength=count)]
    starts = list(range(count))  # first finest code of each coarse one
    while len(starts) > number:
        joints = [i for i in range(1, len(starts)) if starts[i] != finest.below] or [1]
        at = min(joints, key=lambda i: mass[i - 1] + mass[i])
        mass[at - 1] += mass.pop(at)
        starts.pop(at)
    return np.searchsorted(starts, np.arange(count), side="right") - 1
