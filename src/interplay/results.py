"""Facts that leave the library: frozen, with units, certificates and the reason for each number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Unit = Literal["bits", "probability", "cost"]


def freeze(*arrays: Array) -> None:
    """Make arrays read-only: results are facts."""
    for array in arrays:
        array.setflags(write=False)


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """How far a solution can be off, computed from the returned point by code that knows no solver.

    gap: certified distance between the returned value and the optimum, in `unit`.
    primal_residual: largest absolute violation of a margin by the returned joint.
    dual_residual: largest violation of a dual constraint after the repair shift (0 if none is needed).
    """

    gap: float
    primal_residual: float
    dual_residual: float
    unit: Unit


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A range over the identified set. `nan` marks an end that the method does not give.

    valid: False for a method that can fail on some tables (shown for comparison, never combined).
    reasons: why the low and the high end hold (theorem or solver), in that order.
    certificates: of the low and of the high end; None for closed formulas.
    """

    low: float
    high: float
    valid: bool
    reasons: tuple[str, str]
    certificates: tuple[Certificate | None, Certificate | None] = (None, None)
    unit: Unit = "bits"

    def __str__(self) -> str:
        return f"[{self.low:.4g}, {self.high:.4g}] {self.unit}"


@dataclass(frozen=True, kw_only=True)
class Identified:
    """What the two labelled margins identify exactly, in bits (no joint needed).

    union is I* = min I_q({X1,X2};Y) over joints q with both labelled margins; `information`
    holds I(X1;Y) and I(X2;Y). redundancy + unique[m] = information[m]; the three atoms
    without synergy add up to `union`.
    """

    redundancy: float
    unique: tuple[float, float]
    union: float
    information: tuple[float, float]
    names: tuple[str, str]
    certificate: Certificate
    joint: Array = field(repr=False)  # (n1, n2, K), attains `union`


@dataclass(frozen=True, kw_only=True)
class Decomposition:
    """Partial information decomposition of a full joint, in bits (Bertschinger et al. 2014)."""

    redundancy: float
    unique: tuple[float, float]
    synergy: float
    total: float
    names: tuple[str, str]
    certificate: Certificate


@dataclass(frozen=True, kw_only=True)
class BatchCertificate:
    """`Certificate` for a batch: arrays of shape (B,)."""

    gap: Array
    primal_residual: Array
    dual_residual: Array
    unit: Unit


@dataclass(frozen=True, kw_only=True)
class Decompositions:
    """`Decomposition` for a batch: arrays of shape (B,); unique is a pair of them."""

    redundancy: Array
    unique: tuple[Array, Array]
    synergy: Array
    total: Array
    certificate: BatchCertificate


@dataclass(frozen=True, kw_only=True)
class SynergyBounds:
    """Range of the synergy over the identified set, in bits.

    low, high: certified (best valid method). attained: the largest synergy of a joint that was
    found in the set, so the sharp upper end lies in [attained, high].
    """

    low: float
    high: float
    attained: float
    methods: Mapping[str, Interval]
    identified: Identified = field(repr=False)
    unit: Unit = "bits"


@dataclass(frozen=True, kw_only=True)
class ModalityBounds:
    """What tables of two or more modalities say about the label, in bits; keyed by the modality's name.

    information: I(X_m;Y). union: I*, the least information that labelled tables alone allow, exact up to
    `certificate.gap`. unique[m]: I* of all less I* of all but m. overlap: union less the unique parts. total and
    synergy = total - union: certified ranges over every joint with the tables. attained: the largest synergy of
    a joint that was found, so the sharp upper end lies in [attained, synergy.high].
    """

    information: Mapping[str, float]
    union: float
    unique: Mapping[str, float]
    overlap: float
    total: Interval
    synergy: Interval
    attained: float
    certificate: Certificate
    unit: Unit = "bits"


@dataclass(frozen=True, kw_only=True)
class AccuracyBounds:
    """Range of the best classifier's accuracy over the identified set.

    unimodal: accuracy of the best classifier of each modality alone. classifier: (n1, n2, K)
    rule, rows sum to one, whose accuracy is at least `low` for every joint in the set.
    attained: the largest best accuracy of a joint that was found in the set.
    """

    low: float
    high: float
    attained: float
    methods: Mapping[str, Interval]
    unimodal: tuple[float, float]
    classifier: Array = field(repr=False)
    unit: Unit = "probability"


@dataclass(frozen=True, kw_only=True)
class DecisionBounds(Interval):
    """Range of what the best decisions pay (or score) over the identified set.

    attained: their value under a joint that was found in the set, on the side that no rule promises. unimodal: of
    the best decisions of each modality alone. rule: (n1, n2, decisions), rows sum to one, keeps the other side.
    """

    attained: float
    unimodal: tuple[float, float]
    rule: Array = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class RobustnessCurve:
    """Accuracy when each labelled table may be off by a total variation of up to `slack` (S,); p12 stays.

    low (S,): certified; of the best classifier, or of a fixed rule. high (S,): of a fixed rule, else nan.
    gaps: how far low and high can be off, (S,) each. smallest: slack below which no joint fits; there all are
    nan. breakdown: slack at which the low end falls to `reference`; it is certified above it before, and
    `smallest` if it never is above it, inf if it always is.
    """

    slack: Array
    low: Array
    high: Array
    gaps: tuple[Array, Array]
    smallest: float
    reference: float
    breakdown: float
    unit: Unit = "probability"


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A range over the identified set, estimated from samples.

    low, high: plug-in ends (point estimates; the low end is biased upward in small samples).
    ci: confidence interval that covers the whole identified set at level `confidence`.
    ci_point: shorter, covers each point of the set at that level, but not all at once (Imbens and Manski 2004).
    limits: one-sided limits at `confidence`: (lower limit of the low end, upper limit of the high end).
    how: how the interval was got, in words. p_value: of the hypothesis that the low end is zero, by inverting its
    one-sided limit; None for accuracies.
    """

    low: float
    high: float
    ci: tuple[float, float]
    ci_point: tuple[float, float]
    limits: tuple[float, float]
    confidence: float
    unit: Unit
    how: str
    p_value: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def exceeds(self, value: float) -> bool:
        """Whether the low end is above `value`, by its one-sided limit."""
        return self.limits[0] > value

    def __str__(self) -> str:
        lo, hi = self.ci
        return (
            f"[{lo:.3f}, {hi:.3f}] {self.unit} at {self.confidence:.0%} confidence "
            f"(plug-in [{self.low:.3f}, {self.high:.3f}])"
        )
