"""What users can get wrong when they ask for advice: names, costs, required accuracies."""

import math
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interplay.errors import InputError, ShapeError, UnknownNameError
from interplay.inputs import to_labels

Ints = NDArray[np.intp]


def check_have(have: str | Sequence[str], labeled: Any, pairs: Any) -> tuple[str, ...]:
    """Names of what one has, each labelled."""
    for what, value in (("labeled", labeled), ("pairs", pairs)):
        if not isinstance(value, Mapping):
            raise InputError(
                f"{what} of type {type(value).__name__}",
                expected="a dict keyed by modality name",
                next_step=f"pass {what}={{'image': ..., 'text': ...}}",
            )
    names = (have,) if isinstance(have, str) else tuple(have)
    missing = [n for n in names if n not in labeled]
    if not names or missing or len(set(names)) < len(names):
        raise UnknownNameError(
            f"have={list(names)}",
            expected=f"one or more different names among the labelled modalities {sorted(map(str, labeled))}",
            next_step="name what you have, with labels of its own",
        )
    return names


def check_candidates(
    candidates: str | Sequence[str] | None, have: Sequence[str], labeled: Mapping[str, Any], paired: Iterable[str]
) -> tuple[str, ...]:
    """Names of the candidates: those given, or everything that is not yet owned."""
    known = list(dict.fromkeys([*labeled, *paired]))
    told = (candidates,) if isinstance(candidates, str) else candidates
    names = tuple(n for n in known if n not in have) if told is None else tuple(told)
    if not names or set(names) & set(have) or len(set(names)) < len(names):
        raise InputError(
            f"candidates {list(names)}",
            expected=f"one or more different names that are not among {list(have)}",
            next_step="pass labels, pairs or both for at least one candidate",
        )
    nothing = [n for n in names if n not in known]
    if nothing:
        raise InputError(
            f"candidate {nothing[0]!r} has neither labels nor pairs",
            expected="labelled rows of its own, pairs with what you have, or both",
            next_step=f"collect a few hundred of either, or leave {nothing[0]!r} out",
        )
    return names


def positive_costs(costs: Mapping[str, float] | None, candidates: Sequence[str]) -> dict[str, float]:
    """Costs by candidate; none where none are given."""
    if costs is None:
        return {}
    if not isinstance(costs, Mapping):
        raise InputError(
            f"costs of type {type(costs).__name__}",
            expected="a dict of one cost a candidate",
            next_step="pass costs={'audio': 3.0, ...}",
        )
    unknown = [n for n in costs if n not in candidates]
    missing = [n for n in candidates if n not in costs]
    if unknown or missing:
        raise UnknownNameError(
            f"a cost of {unknown[0]!r}" if unknown else f"no cost of {missing[0]!r}",
            expected=f"one cost for each of {list(candidates)}",
            next_step="give every candidate a cost in one unit, or none",
        )
    for name, cost in costs.items():
        if not (_is_number(cost) and math.isfinite(cost) and cost > 0):
            raise InputError(
                f"cost {cost!r} of {name!r}", expected="a positive number", next_step="give costs in one unit"
            )
    return {n: float(c) for n, c in costs.items()}


def check_required(required: float | None) -> None:
    """An accuracy in (0, 1]."""
    if required is not None and not (_is_number(required) and 0 < required <= 1):
        raise InputError(f"required={required!r}", expected="an accuracy above 0 and at most 1", next_step="pass 0.9")


def check_several(modalities: Sequence[str] | None, labeled: Any) -> tuple[str, ...]:
    """The modalities that are to be fused, two or more."""
    known = list(labeled) if isinstance(labeled, Mapping) else []
    names = tuple(known if modalities is None else modalities)
    if len(set(names)) < 2 or len(set(names)) < len(names) or any(n not in known for n in names):
        raise UnknownNameError(
            f"modalities {list(names)}",
            expected=f"two or more different names among the labelled {known}",
            next_step="pass modalities=('image', 'text'), those that are to be fused",
        )
    return names


def check_target(target: str, goal: str, names: tuple[str, ...]) -> None:
    """What labels are to tell: an accuracy, or the synergy of two modalities; to decide or to narrow it."""
    if goal not in ("decide", "narrow"):
        raise InputError(f"goal={goal!r}", expected="'decide' or 'narrow'", next_step="pass goal='decide'")
    if target not in ("accuracy", "synergy"):
        raise InputError(f"target={target!r}", expected="'accuracy' or 'synergy'", next_step="pass target='accuracy'")
    if target == "synergy" and len(names) != 2:
        raise InputError(
            f"target='synergy' for the {len(names)} modalities {list(names)}",
            expected="two modalities",
            next_step=f"pass modalities={names[:2]}, or target='accuracy'",
        )


def check_budget(budget: int, pairs: int, worth: float, looks: int) -> None:
    """Numbers of a label plan."""
    if not (_is_whole(budget) and 1 <= budget <= pairs):
        raise InputError(
            f"budget={budget!r}",
            expected=f"a number of labels from 1 to {pairs}, the number of pairs",
            next_step="ask for fewer labels, or add pairs",
        )
    if not (_is_number(worth) and 0 <= worth < 1):
        raise InputError(f"worth={worth!r}", expected="a gain or bits from 0 to below 1", next_step="pass 0.02")
    if not (_is_whole(looks) and looks >= 1):
        raise InputError(f"looks={looks!r}", expected="a whole number of rounds, 1 or more", next_step="pass 5")


def check_labels(rows: Any, labels: Any, cell_of_row: Ints, classes: NDArray, before: Ints) -> tuple[Ints, Ints]:
    """Rows (r,) that exist and have no label yet, and their labels as positions in `classes`."""
    positions, values = np.atleast_1d(np.asarray(rows)), to_labels(labels, "the labels")
    if len(positions) != len(values) or positions.ndim != 1:
        raise ShapeError(
            f"{len(positions)} rows and {len(values)} labels", expected="one label a row", next_step="align both"
        )
    whole = positions.dtype.kind in "iu" or (positions.dtype.kind == "f" and np.all(positions == np.round(positions)))
    if not whole or positions.min(initial=0) < 0 or positions.max(initial=0) >= len(cell_of_row):
        outside = [r for r in positions.tolist() if not (isinstance(r, int) and 0 <= r < len(cell_of_row))]
        raise InputError(
            f"a label for row {outside[0] if outside else positions[0]!r}",
            expected=f"positions in the pairs, whole numbers from 0 to {len(cell_of_row) - 1}",
            next_step="pass the rows of the plan, as positions in the same pairs",
        )
    positions = positions.astype(np.intp)
    twice = np.concatenate([np.intersect1d(positions, before), _repeated(positions)])
    if len(twice):
        raise InputError(
            f"row {twice[0]} labelled twice", expected="one label a row", next_step="pass only the new rows"
        )
    known = classes.astype(str)
    unknown = np.setdiff1d(values.astype(str), known)
    if len(unknown):
        raise InputError(
            f"label {unknown[0]!s}",
            expected=f"one of {known.tolist()}",
            next_step="use the classes of the labelled sets",
        )
    order = np.argsort(known)
    return positions, order[np.searchsorted(known, values.astype(str), sorter=order)]


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _repeated(positions: Ints) -> Ints:
    values, count = np.unique(positions, return_counts=True)
    return values[count > 1]
