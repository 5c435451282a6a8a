"""Do three count tables describe one population? Tests of the margins they share."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from interplay.information import Array


@dataclass(frozen=True, kw_only=True)
class Mismatch:
    """Homogeneity tests of the three shared margins (G-test, one p-value a margin).

    p_values: keyed by modality name (its codes: labelled rows against pairs) and "label" (the class
    frequencies of the two labelled sets). p_value: the smallest, times three (Bonferroni), at most 1.
    nan where the tables hold probabilities instead of counts.
    """

    p_values: Mapping[str, float]
    p_value: float

    def disagreeing(self, level: float = 0.05) -> tuple[str, ...]:
        """Names of the margins that disagree at family-wise `level`."""
        return tuple(name for name, p in self.p_values.items() if 3 * p < level)


def homogeneity_p_value(a: Array, b: Array) -> float:
    """p-value of the G-test that two count vectors come from one distribution; 1 with a single category."""
    table = np.stack([a, b])
    table = table[:, table.sum(0) > 0]
    if table.shape[1] < 2 or np.any(table.sum(1) == 0):
        return 1.0
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / table.sum()
    seen = table > 0
    statistic = 2 * float(np.sum(table[seen] * np.log(table[seen] / expected[seen])))
    return float(chi2.sf(statistic, table.shape[1] - 1))


def compare_margins(pairs: Array, first: Array, second: Array, names: tuple[str, str]) -> Mismatch:
    """Compare the shared margins of count tables pairs (n1,n2), first (n1,K), second (n2,K)."""
    p_values = {
        names[0]: homogeneity_p_value(pairs.sum(1), first.sum(1)),
        names[1]: homogeneity_p_value(pairs.sum(0), second.sum(1)),
        "label": homogeneity_p_value(first.sum(0), second.sum(0)),
    }
    return Mismatch(p_values=p_values, p_value=min(1.0, 3 * min(p_values.values())))


def untested(names: tuple[str, str]) -> Mismatch:
    """For tables of probabilities, which carry no sample size."""
    return Mismatch(p_values=dict.fromkeys([*names, "label"], float("nan")), p_value=float("nan"))
