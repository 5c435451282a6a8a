"""New rows on their way to a fold's classifiers: the same row always to the same fold, whatever its label."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interplay.errors import InputError, ShapeError, UnknownNameError
from interplay.estimation.coding import CodedSamples
from interplay.information import Array

Ints = NDArray[np.intp]
Rows = Mapping[str, NDArray]
Answer = Callable[[int, Rows], tuple[Ints, Array]]  # (fold, rows) -> class positions (n,), probabilities (n, K)


def known_rows(coded: CodedSamples, names: tuple[str, ...], features: Mapping[str, Any]) -> dict[str, NDArray]:
    """Features of those of `names` that are given, validated, as many rows in each.

    Other modalities of the samples may be there too and are left out. Raises UnknownNameError, ShapeError.
    """
    if not isinstance(features, Mapping):
        raise InputError(
            f"features of type {type(features).__name__}",
            expected="a dict of features by modality name",
            next_step=f"pass {{{names[0]!r}: ..., {names[-1]!r}: ...}}",
        )
    known = [n for n in names if n in features]
    unknown = [n for n in features if n not in coded.samples.names]
    if unknown or not known:
        raise UnknownNameError(
            f"features for {sorted(map(str, features))}",
            expected=f"{' and '.join(map(repr, names))}, or one of them",
            next_step="pass a dict keyed by modality name",
        )
    arrays = {n: coded.samples.select(n, features[n]) for n in known}
    lengths = {n: len(x) for n, x in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise ShapeError(f"rows {lengths}", expected="as many rows in each modality", next_step="align the rows")
    return arrays


def answer_by_fold(coded: CodedSamples, rows: Rows, answer: Answer) -> tuple[Ints, Array]:
    """Every row's class position and probabilities, by the fold that it is routed to."""
    fold = route(list(rows.values()), coded.folds.count)
    decisions = np.empty(len(fold), dtype=np.intp)
    probabilities = np.empty((len(fold), len(coded.samples.classes)))
    for k in np.unique(fold):
        here = fold == k
        decisions[here], probabilities[here] = answer(int(k), {name: x[here] for name, x in rows.items()})
    return decisions, probabilities


def alone(coded: CodedSamples, name: str, fold: int, features: NDArray) -> tuple[Ints, Array]:
    """What one modality's own classifier says."""
    p = coded.coders[name][fold].posterior(features)
    return p.argmax(1), p


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
