"""2x2x2 by brute force: the identified set is the segment r + t (-1)^(x1+x2+y), so every range is one-dimensional."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from interplay.information import mutual_information

Array = NDArray[np.float64]
PARITY = np.fromfunction(lambda a, b, y: (-1.0) ** (a + b + y), (2, 2, 2))


def ends(joint: Array) -> tuple[float, float]:
    """The range of t that keeps every cell of joint + t PARITY non-negative."""
    return -float(joint[PARITY > 0].min()), float(joint[PARITY < 0].min())


def information_range(joint: Array) -> tuple[float, float]:
    """Smallest (convex: bounded search) and largest (at an end) I({X1,X2};Y) over the segment, in bits."""

    def value(t: float) -> float:
        return float(mutual_information(np.maximum(joint + t * PARITY, 0.0)))

    low, high = ends(joint)
    inner = minimize_scalar(value, bounds=(low, high), method="bounded", options={"xatol": 1e-12})
    return min(value(low), value(high), float(inner.fun)), max(value(low), value(high))


def accuracy_range(joint: Array) -> tuple[float, float]:
    """Smallest and largest best accuracy: convex and piecewise linear in t, so ends and kinks suffice."""
    low, high = ends(joint)
    kinks = (joint[..., 1] - joint[..., 0]) / (PARITY[..., 0] - PARITY[..., 1])
    places = [low, high, *np.clip(kinks.ravel(), low, high)]
    values = [float((joint + t * PARITY).max(2).sum()) for t in places]
    return min(values), max(values)
