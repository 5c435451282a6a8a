"""How much synergy the unseen joint can have: the paper's bounds and ours, by name."""

import math

import numpy as np
from scipy.optimize import minimize_scalar

from interplay.bounds.decomposition import identify
from interplay.information import Array, entropy, mutual_information, to_bits
from interplay.results import Identified, Interval, SynergyBounds
from interplay.solvers.cell_limits import information_ceiling
from interplay.solvers.certificate import entropy_upper_bound
from interplay.solvers.coupling import coupling_upper_bound
from interplay.solvers.maxent import maximum_entropy
from interplay.solvers.synergy_max import largest_information
from interplay.solvers.union import union_information
from interplay.tables import PairTables

NAN = float("nan")
NO_HIGH = "gives no upper end"
NO_LOW = "gives no lower end"


def bound_synergy(tables: PairTables, *, time_limit: float = 5.0) -> SynergyBounds:
    """Certified range of the synergy over every joint that agrees with the tables, in bits.

    The low end is sharp (maximum entropy). The high end is exact for 2x2x2 and small tables and else the
    best outer bound found in `time_limit` seconds; `attained` is the largest synergy of a joint found.
    `methods` has each bound by name; those that are not `valid` never enter low or high. Raises
    MarginsError for margins that disagree.
    """
    p12, p1y, p2y = tables.margins
    identified = identify(tables)
    union = identified.union
    union_low = union - identified.certificate.gap
    low, low_certificate = _largest_entropy_end(p12, p1y, p2y, union)
    largest = largest_information(p12, p1y, p2y, time_limit=time_limit)
    coupling = coupling_upper_bound(p12, p1y, p2y) - union_low
    sharp_high = min(largest.bound - union_low, coupling)
    maxent_reason = "maximum-entropy joint (Theorem 1, sharp)"
    methods = {
        "maxent": Interval(
            low=low,
            high=NAN,
            valid=True,
            reasons=(maxent_reason, NO_HIGH),
            certificates=(low_certificate, None),
        ),
        "chernoff": _low_only(_chernoff(p12, p1y, p2y, identified), "Chernoff disagreement"),
        "pinsker": _low_only(_pinsker(p12, p1y, p2y, identified), "disagreement with a proven constant"),
        "paper_redundancy": _low_only(
            _paper_redundancy(p12, p1y, identified),
            "the reference code's Theorem 1: it drops the second labelled margin, so it is looser than "
            "maxent and can be negative",
        ),
        "paper_disagreement": _low_only(
            _disagreement(p12, p1y, p2y, 2) - max(identified.unique),
            "the reference code's Theorem 2 with constant 1: no bound, it exceeds the true synergy on some tables",
            valid=False,
        ),
        "coupling": Interval(
            low=NAN, high=coupling, valid=True, reasons=(NO_LOW, "minimum-entropy coupling (Theorem 4)")
        ),
        "cells": Interval(
            low=NAN,
            high=information_ceiling(p12, p1y, p2y) - union_low,
            valid=True,
            reasons=(NO_LOW, "minimum-entropy coupling within what the tables allow each cell"),
        ),
        "sharp": Interval(
            low=low,
            high=sharp_high,
            valid=True,
            reasons=(maxent_reason, "largest information over the identified set"),
            certificates=(low_certificate, None),
        ),
    }
    valid = [m for m in methods.values() if m.valid]
    return SynergyBounds(
        low=float(np.nanmax([m.low for m in valid])),
        high=float(np.nanmin([m.high for m in valid])),
        attained=largest.attained - union,
        methods=methods,
        identified=identified,
    )


def _low_only(low: float, reason: str, *, valid: bool = True) -> Interval:
    return Interval(low=low, high=NAN, valid=valid, reasons=(reason, NO_HIGH))


def _largest_entropy_end(p12: Array, p1y: Array, p2y: Array, union: float) -> tuple:
    """Certified low end: min I_r = H(X1,X2) + H(Y) - max H(r), with the dual's upper bound on max H."""
    solution = maximum_entropy(p12, p1y, p2y)
    upper = entropy_upper_bound(p12, p1y, p2y, solution.a, solution.b, solution.c)
    return float(entropy(p12) + entropy(p1y.sum(0))) - upper - union, solution.certificate


def _conditionals(p12: Array, p1y: Array, p2y: Array) -> tuple[Array, Array, Array]:
    """Over the cells with mass: their mass (C,), p(y|x1) (C,K) and p(y|x2) (C,K)."""
    rows, cols = np.nonzero((p12 > 0) & (p1y.sum(1) > 0)[:, None] & (p2y.sum(1) > 0)[None, :])
    y1, y2 = p1y[rows], p2y[cols]
    return p12[rows, cols], y1 / y1.sum(1, keepdims=True), y2 / y2.sum(1, keepdims=True)


def _chernoff(p12: Array, p1y: Array, p2y: Array, identified: Identified) -> float:
    """max over w of E[-log2 sum_y p(y|x1)^(1-w) p(y|x2)^w] - w U1 - (1-w) U2; concave in w.

    From S = E KL(p(y|x1,x2) || p(y|x2)) - U1 = E KL(p(y|x1,x2) || p(y|x1)) - U2. Labels that one
    modality excludes drop out for every w strictly between 0 and 1.
    """
    mass, y1, y2 = _conditionals(p12, p1y, p2y)
    both = (y1 > 0) & (y2 > 0)
    log_y1, log_y2 = (np.log(y, out=np.zeros_like(y), where=both) for y in (y1, y2))
    u1, u2 = identified.unique

    def value(w: float) -> float:
        affinity = np.where(both, np.exp((1 - w) * log_y1 + w * log_y2), 0.0).sum(1)
        disagreement = -np.log(affinity, out=np.zeros_like(affinity), where=affinity > 0)
        return float(to_bits(mass @ disagreement)) - w * u1 - (1 - w) * u2

    edge = 1e-9
    inner = minimize_scalar(lambda w: -value(w), bounds=(edge, 1 - edge), method="bounded")
    return max(value(edge), value(1 - edge), value(float(inner.x)))


def _disagreement(p12: Array, p1y: Array, p2y: Array, order: int) -> float:
    """E_{p12} of the squared distance (L1 or L2) between p(y|x1) and p(y|x2)."""
    mass, y1, y2 = _conditionals(p12, p1y, p2y)
    return float(mass @ np.linalg.norm(y1 - y2, ord=order, axis=1) ** 2)


def _pinsker(p12: Array, p1y: Array, p2y: Array, identified: Identified) -> float:
    """E ||p(y|x1) - p(y|x2)||_1^2 / (8 ln 2) - (U1 + U2)/2: Pinsker twice and (a+b)^2 <= 2a^2 + 2b^2."""
    return to_bits(_disagreement(p12, p1y, p2y, 1) / 8) - math.fsum(identified.unique) / 2


def _paper_redundancy(p12: Array, p1y: Array, identified: Identified) -> float:
    """R - I(X1;X2) + min I(X1;X2|Y) with p(x1,x2) and p(x1,y) fixed only, as the reference code has it.

    That minimum is a union information with X1 in the label's place: H(X1|Y) - max H(X1|X2,Y).
    """
    about_first = union_information(np.ascontiguousarray(p12.T), np.ascontiguousarray(p1y.T)).value
    return identified.redundancy - float(mutual_information(p12)) - identified.information[0] + about_first
