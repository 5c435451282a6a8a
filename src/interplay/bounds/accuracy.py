"""How accurate the best multimodal classifier must be and can be: the paper's formulas and ours, by name."""

import math

import numpy as np
from scipy.optimize import brentq
from scipy.special import entr

from interplay.information import Array, entropy, mutual_information, to_bits, uniform_entropy
from interplay.results import AccuracyBounds, Interval
from interplay.solvers.accuracy import highest_accuracy, lowest_accuracy
from interplay.solvers.cell_limits import information_ceiling
from interplay.solvers.certificate import entropy_upper_bound
from interplay.solvers.maxent import maximum_entropy
from interplay.tables import PairTables


def bound_accuracy(tables: PairTables, *, time_limit: float = 10.0) -> AccuracyBounds:
    """Certified range, over every joint that agrees with the tables, of the best classifier's accuracy.

    low: linear program; `classifier` is the rule that reaches it whatever the joint. high: within
    `time_limit` seconds, with the solver's dual bound. methods: "sharp", "fano" (both ends valid), and
    "paper" (the published formulas; the upper one fails for skewed labels). Raises MarginsError for
    margins that disagree.
    """
    p12, p1y, p2y = tables.margins
    lowest = lowest_accuracy(p12, p1y, p2y)
    highest = highest_accuracy(p12, p1y, p2y, time_limit=time_limit)
    smallest, largest = _information_range(p12, p1y, p2y)
    label = float(entropy(p1y.sum(0)))
    unimodal = (float(p1y.max(1).sum()), float(p2y.max(1).sum()))
    methods = {
        "paper": paper_interval(smallest, largest, label, p1y.shape[1]),
        "fano": Interval(
            low=lowest_accuracy_given_entropy(label - smallest),
            high=highest_accuracy_given_entropy(label - largest, p1y.shape[1]),
            valid=True,
            reasons=("Feder and Merhav 1994 at the smallest information", "Fano inverted at the largest"),
            unit="probability",
        ),
        "sharp": Interval(
            low=lowest.lower,
            high=min(highest.bound, 1.0),
            valid=True,
            reasons=("linear program over the identified set", "largest over the identified set"),
            certificates=(lowest.certificate, None),
            unit="probability",
        ),
    }
    valid = [m for m in methods.values() if m.valid]
    return AccuracyBounds(
        low=max(*(m.low for m in valid), *unimodal),
        high=min(m.high for m in valid),
        attained=highest.attained,
        methods=methods,
        unimodal=unimodal,
        classifier=lowest.rule if lowest.lower >= max(unimodal) else _single(p1y, p2y),
    )


def _single(p1y: Array, p2y: Array) -> Array:
    """The better single modality's rule (n1, n2, K): used where rounding left the program's below it."""
    first = p1y.max(1).sum() >= p2y.max(1).sum()
    best = np.eye(p1y.shape[1])[(p1y if first else p2y).argmax(1)]
    shape = (len(p1y), len(p2y), p1y.shape[1])
    return np.broadcast_to(best[:, None, :] if first else best[None, :, :], shape).copy()


def _information_range(p12: Array, p1y: Array, p2y: Array) -> tuple[float, float]:
    """Certified smallest and largest I({X1,X2};Y) in bits over the identified set."""
    solution = maximum_entropy(p12, p1y, p2y)
    upper = entropy_upper_bound(p12, p1y, p2y, solution.a, solution.b, solution.c)
    label = float(entropy(p1y.sum(0)))
    smallest = max(float(entropy(p12)) + label - upper, float(mutual_information(p1y)), float(mutual_information(p2y)))
    return smallest, min(information_ceiling(p12, p1y, p2y), label)


def paper_interval(smallest: float, largest: float, label: float, class_count: int) -> Interval:
    """2^(I - H(Y)) at the smallest and (I + 1) / log2 K at the largest information (bits), as published."""
    high = (largest + 1) / uniform_entropy(class_count) if class_count > 1 else float("nan")
    return Interval(
        low=2.0 ** (smallest - label),
        high=high,
        valid=False,
        reasons=(
            "published lower formula: valid (Jensen) but loose",
            "published upper formula: assumes equal classes, above 1 for two classes, fails for skewed labels",
        ),
        unit="probability",
    )


def lowest_accuracy_given_entropy(conditional: float) -> float:
    """Smallest possible accuracy of the best classifier when H(Y|X) is `conditional` bits, in [0, 1].

    Feder and Merhav 1994, equation 14: between log2 i and log2(i+1) bits the largest error is linear in
    the conditional entropy. Attained by mixtures of uniform distributions on i and i + 1 labels.
    """
    h = max(conditional, 0.0)
    i = max(math.floor(2.0**h + 1e-12), 1)
    slope = i * (i + 1) * (uniform_entropy(i + 1) - uniform_entropy(i))
    return 1.0 - ((i - 1) / i + (h - uniform_entropy(i)) / slope)


def highest_accuracy_given_entropy(conditional: float, class_count: int) -> float:
    """Largest possible accuracy when H(Y|X) is `conditional` bits: Fano's inequality solved exactly.

    The smallest e with h(e) + e log2(K - 1) >= H(Y|X), by bisection to 1e-13. One class: 1.
    """
    if class_count < 2 or conditional <= 0:
        return 1.0

    def shortfall(e: float) -> float:
        return to_bits(entr(e) + entr(1 - e)) + e * uniform_entropy(class_count - 1) - conditional

    worst = 1.0 - 1.0 / class_count
    if shortfall(worst) <= 0:
        return 1.0 / class_count
    return 1.0 - brentq(shortfall, 0.0, worst, xtol=1e-14)
