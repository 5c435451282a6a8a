"""Everything that can be said about labelled sets and pairs before anything is computed from them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interplay.audits.features import check_matrix, read_features
from interplay.audits.findings import Checkup, Finding, Weight, sorted_findings
from interplay.audits.labels import check_giveaway, check_labels, read_labels
from interplay.audits.sharing import (
    check_classes,
    check_drift,
    check_groups,
    check_repeats,
    check_shared_rows,
    check_widths,
    one_row_a_group,
)
from interplay.errors import InterplayError
from interplay.estimation.codes import default_code_count
from interplay.inputs import to_labels
from interplay.samples import LABELED, PAIRS

FEW, ENOUGH = 50, 400  # rows a set: below the first nothing can be promised, above the second ranges are useful
NORMAL = 1.96  # half width of a 95 % interval in standard errors


def check_data(
    *,
    labeled: Mapping[str, tuple[Any, Any]],
    pairs: Mapping[str, Any],
    groups: Mapping[str, Any] | None = None,
) -> Checkup:
    """What is wrong with data for `quantify`, all of it and not the first problem only.

    labeled: name -> (features (n, d), labels (n,)). pairs: name -> features (m, d). groups: by modality and
    "pairs". Never raises for bad values: they become findings of weight "error", with counts and a next step;
    what can mislead (copies, leakage, drift, rare classes) are warnings.
    """
    found: list[Finding] = _names(labeled, pairs)
    sizes: dict[str, tuple[int, int]] = {}
    x, y, together = {}, {}, {}
    for name, value in labeled.items():
        features, labels, more = _labeled(value, name)
        found += more
        sizes[f"{LABELED} {name}"] = (0, 0) if features is None else features.shape
        if features is not None and labels is not None:
            x[name], y[name] = features, labels
    for name, value in pairs.items():
        features, more = read_features(value, f"{PAIRS} {name}")
        found += more
        sizes[f"{PAIRS} {name}"] = (0, 0) if features is None else features.shape
        if features is not None:
            together[name] = features
            found += check_matrix(features, f"{PAIRS} {name}")
    found += _pairs(together)
    known, more_of_groups = _groups(groups, sizes)
    for name in [n for n in x if n in together]:
        found += check_widths(x[name], together[name], name) + check_shared_rows(x[name], together[name], name)
        apart = one_row_a_group(x[name], known.get(name)), one_row_a_group(together[name], known.get(PAIRS))
        found += check_drift(*apart, name)
    if y:
        found += check_classes(y)
    found += more_of_groups
    found += _size_advice(y, together)
    return Checkup(findings=sorted_findings(found), sizes=sizes)


def _names(labeled: Mapping[str, Any], pairs: Mapping[str, Any]) -> list[Finding]:
    if len(labeled) >= 2 and set(labeled) == set(pairs):
        return []
    what = f"labelled modalities {sorted(map(str, labeled))}, pairs of {sorted(map(str, pairs))}"
    step = "pass two or more modalities, named alike in both"
    return [Finding(weight="error", where="modalities", what=what, next_step=step)]


def _labeled(value: Any, name: str) -> tuple[NDArray[np.floating] | None, NDArray | None, list[Finding]]:
    if not isinstance(value, tuple | list) or len(value) != 2:
        step = f"pass {name!r}: (features, labels)"
        what = f"a {type(value).__name__} instead of features and labels"
        return None, None, [Finding(weight="error", where=name, what=what, next_step=step)]
    x, found = read_features(value[0], name)
    y, more = read_labels(value[1], name)
    found += more
    if x is not None:
        found += check_matrix(x, name) + check_repeats(x, name)
    if y is not None:
        found += check_labels(y, name)
    if x is None or y is None:
        return x, y, found
    if len(x) != len(y):
        what = f"{len(x):,} rows and {len(y):,} labels"
        return None, None, [*found, Finding(weight="error", where=name, what=what, next_step="pass one label a row")]
    return x, y, found + check_giveaway(x, y, name)


def _pairs(together: Mapping[str, NDArray[np.floating]]) -> list[Finding]:
    counts = {name: len(x) for name, x in together.items()}
    if len(set(counts.values())) > 1:
        what = " and ".join(f"{n:,} rows of {name}" for name, n in counts.items())
        step = "row i must be the same person or item in every modality: keep only complete pairs, in one order"
        return [Finding(weight="error", where=PAIRS, what=what, next_step=step)]
    return check_repeats(np.hstack(list(together.values())), PAIRS) if together else []


def _groups(
    groups: Mapping[str, Any] | None, sizes: Mapping[str, tuple[int, int]]
) -> tuple[dict[str, NDArray], list[Finding]]:
    """The groups that fit their sets, and what is wrong with them."""
    if not groups:
        step = "pass groups if several rows come from one person, video or device; intervals are too narrow otherwise"
        return {}, [Finding(weight="note", where="groups", what="no groups were given", next_step=step)]
    read, found = {}, []
    for name, value in groups.items():
        try:
            read[name] = to_labels(value, f"groups of {name!r}")
        except InterplayError as error:
            found.append(Finding(weight="error", where=str(name), what=error.found, next_step=error.next_step))
            continue
        rows = {r for key, (r, _) in sizes.items() if key == f"{LABELED} {name}" or key.startswith(f"{name} ")} - {0}
        if rows and len(read[name]) not in rows:
            what = f"{len(read[name]):,} groups for {rows.pop():,} rows"
            found.append(Finding(weight="error", where=str(name), what=what, next_step="pass one group a row"))
            del read[name]
    return read, found + check_groups(read)


def _size_advice(y: Mapping[str, NDArray], together: Mapping[str, NDArray]) -> list[Finding]:
    """How many codes the rows carry, and how wide intervals of an accuracy will be at least."""
    counts = {f"{LABELED} {n}": len(v) for n, v in y.items()}
    if not y or not together:
        return []
    counts[PAIRS] = min(len(x) for x in together.values())
    name = min(counts, key=lambda n: counts[n])
    rows, classes = counts[name], max(len(np.unique(v)) for v in y.values())
    if rows == 0 or classes < 2:
        return []
    codes = default_code_count(rows, classes)
    half = 100 * NORMAL * np.sqrt(0.25 / rows)
    what = (
        f"the smallest set, {name}, has {rows:,} rows: up to {codes} codes a modality, and an accuracy is known to "
        f"about ±{half:.1f} points at best"
    )
    if rows < FEW:
        step = "collect more rows: fewer than fifty promise nothing"
    elif rows < ENOUGH:
        step = f"expect wide ranges; {4 * rows:,} rows would halve them"
    else:
        step = "go on with quantify"
    weight: Weight = "error" if rows < 2 * classes else "warning" if rows < FEW else "note"
    return [Finding(weight=weight, where="size", what=what, next_step=step)]
