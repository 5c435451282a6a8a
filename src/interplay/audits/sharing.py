"""Checks between sets: rows that occur twice, groups that cross, classes and columns that differ."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2_contingency, ks_2samp

from interplay.audits.findings import Finding
from interplay.samples import PAIRS, Samples, copies_matter, row_keys

LEVEL = 0.001
TESTED_COLUMNS = 200
TESTED_ROWS = 5000
Matrix = NDArray[np.floating]


def check_repeats(x: Matrix, where: str) -> list[Finding]:
    """Rows that occur more than once, where rows are otherwise distinct."""
    keys = row_keys(x)
    distinct = len(set(keys))
    if distinct == len(keys) or not copies_matter(keys):
        return []
    step = "drop copies, or pass groups that keep them together: copies make intervals too narrow"
    what = f"{len(keys) - distinct:,} of {len(keys):,} rows are exact copies of others"
    return [Finding(weight="warning", where=where, what=what, next_step=step)]


def check_shared_rows(labeled: Matrix, pairs: Matrix, name: str) -> list[Finding]:
    """Rows of a labelled set that are also among the pairs."""
    if labeled.shape[1] != pairs.shape[1]:
        return []
    known, seen = row_keys(pairs), row_keys(labeled)
    if not copies_matter(known):
        return []
    shared = len(set(known) & set(seen))
    if not shared:
        return []
    step = "draw the sets apart, or pass groups that name the person or item: the same rows are not two samples"
    what = f"{shared:,} of {len(seen):,} labelled rows are also among the pairs"
    return [Finding(weight="warning", where=name, what=what, next_step=step)]


def check_copies(samples: Samples) -> list[str]:
    """Sentences about rows that occur twice, where rows are otherwise distinct."""
    findings = [f for n, s in samples.labeled.items() for f in check_shared_rows(s.features, samples.pairs[n], n)]
    findings += [f for n, s in samples.labeled.items() if s.groups is None for f in check_repeats(s.features, n)]
    if samples.pair_groups is None:
        findings += check_repeats(np.hstack(list(samples.pairs.values())), PAIRS)
    return [f"{f.where}: {f.what}; {f.next_step}." for f in findings]


def check_widths(labeled: Matrix, pairs: Matrix, name: str) -> list[Finding]:
    """The same number of columns where labelled and in the pairs."""
    if labeled.shape[1] == pairs.shape[1]:
        return []
    what = f"{labeled.shape[1]} features where labelled and {pairs.shape[1]} in the pairs"
    return [Finding(weight="error", where=name, what=what, next_step="build both with the same feature extractor")]


def one_row_a_group(x: Matrix, groups: NDArray | None) -> Matrix:
    """The first row of each group: rows of one person resemble each other, and a test must not count them all."""
    return x if groups is None else x[np.unique(groups.astype(str), return_index=True)[1]]


def check_drift(labeled: Matrix, pairs: Matrix, name: str) -> list[Finding]:
    """Columns distributed otherwise where labelled than in the pairs (Kolmogorov-Smirnov, Bonferroni)."""
    if labeled.shape[1] != pairs.shape[1] or min(len(labeled), len(pairs)) < 20:
        return []
    columns = range(min(labeled.shape[1], TESTED_COLUMNS))
    a, b = (x[:: -(-len(x) // TESTED_ROWS)] for x in (labeled, pairs))
    tests = [ks_2samp(a[:, c], b[:, c], method="asymp") for c in columns]
    level = LEVEL / len(tests)
    moved = [c for c, t in zip(columns, tests, strict=True) if t.pvalue < level]
    if not moved:
        return []
    worst = max(moved, key=lambda c: tests[c].statistic)
    what = (
        f"{len(moved)} of {len(tests)} columns are distributed otherwise than in the pairs (most: column {worst}, "
        f"{tests[worst].statistic:.0%} of the rows would have to move)"
    )
    step = "sample the sets alike and preprocess them together; if only the mix of classes differs, pass the prior"
    return [Finding(weight="warning", where=name, what=what, next_step=step)]


def check_classes(labels: Mapping[str, NDArray]) -> list[Finding]:
    """The same classes, of one kind, in every labelled set; shares that differ by more than chance."""
    if len({y.dtype.kind in "US" for y in labels.values()}) > 1:
        what = "labels are text in one set and numbers in another"
        return [Finding(weight="error", where="labels", what=what, next_step="convert the labels of all sets alike")]
    everything = {str(c) for y in labels.values() for c in np.unique(y)}
    found = []
    for name, y in labels.items():
        missing = sorted(everything - {str(c) for c in np.unique(y)})
        if missing:
            what = f"no row of class {', '.join(missing[:5])}, which another set has"
            step = "add such rows, or drop the class from the other sets (check the spelling first)"
            found.append(Finding(weight="error", where=name, what=what, next_step=step))
    return found or _check_shares(labels)


def _check_shares(labels: Mapping[str, NDArray]) -> list[Finding]:
    """Class shares that differ between labelled sets by more than chance (chi-squared)."""
    classes = np.unique(np.concatenate(list(labels.values())))
    counts = np.array([[(y == c).sum() for c in classes] for y in labels.values()])
    if len(labels) < 2 or len(classes) < 2 or chi2_contingency(counts).pvalue >= LEVEL:
        return []
    shares = counts / counts.sum(axis=1, keepdims=True)
    worst = int(np.ptp(shares, axis=0).argmax())
    told = " and ".join(f"{s:.1%} of {n}" for n, s in zip(labels, shares[:, worst], strict=True))
    step = "sample the sets alike, or pass the true class shares as prior"
    what = f"the mix of classes differs between sets: class {classes[worst]} is {told}"
    return [Finding(weight="warning", where="labels", what=what, next_step=step)]


def check_groups(groups: Mapping[str, NDArray]) -> list[Finding]:
    """Few groups, a group that swallows a set, groups that cross sets, groups that group nothing."""
    found = []
    for name, g in groups.items():
        values, counts = np.unique(g.astype(str), return_counts=True)
        if len(values) < 10:
            what = "a single group" if len(values) == 1 else f"{len(values)} groups"
            step = "intervals from so few groups are rough; add groups (people, videos) rather than rows"
            found.append(
                Finding(weight="warning" if len(values) > 1 else "error", where=name, what=what, next_step=step)
            )
        if len(values) > 1 and counts.max() > len(g) / 2:
            what = f"group {values[counts.argmax()]} holds {counts.max() / len(g):.0%} of the rows"
            found.append(Finding(weight="warning", where=name, what=what, next_step="split it or collect other groups"))
    singles = bool(groups) and all(len(np.unique(g)) == len(g) for g in groups.values())
    sets = {name: set(g.astype(str)) for name, g in groups.items()}
    crossing = set.intersection(*sets.values()) if len(sets) > 1 else set()
    if crossing:
        what = f"groups that occur in every set: {len(crossing):,}"
        step = "none needed: a group stays in one fold of all sets"
        found.append(Finding(weight="note", where="groups", what=what, next_step=step))
    elif singles:
        what = "every group has one row"
        step = "leave the groups out, or name the column that rows share"
        found.append(Finding(weight="note", where="groups", what=what, next_step=step))
    return found
