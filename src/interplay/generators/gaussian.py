"""Gaussian mixtures: one measurement a modality, two classes, means at an angle; atoms by quadrature."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.integrate import quad
from scipy.special import expit

from interplay.generators.truth import Sample, Truth
from interplay.information import Array, to_bits


@dataclass(frozen=True, kw_only=True)
class GaussianMixture:
    """x_i ~ N(s m_i, 1) given a fair label s = -1 or 1; (m_1, m_2) = distance (cos angle, sin angle).

    angle in degrees from 0 (only the first modality tells anything) to 90 (only the second).
    """

    name: str
    distance: float = 1.5
    angle: float = 45.0

    @property
    def means(self) -> tuple[float, float]:
        """Half the distance of the class means in each modality."""
        return (
            self.distance * math.cos(math.radians(self.angle)),
            self.distance * math.sin(math.radians(self.angle)),
        )

    def sample(self, n: int, seed: int) -> Sample:
        """One column a modality."""
        rng = np.random.default_rng(seed)
        labels = rng.integers(2, size=n)
        one, two = (((2 * labels - 1) * m + rng.standard_normal(n))[:, None] for m in self.means)
        return Sample(first=one, second=two, labels=labels)

    def truth(self) -> Truth:
        """A smaller distance is a larger one with noise added, so the weaker modality has nothing of its own.

        Both together tell what their projection on the line of the means tells.
        """
        single = [two_normals(m) for m in self.means]
        weak, strong = min(single), max(single)
        return Truth(
            redundancy=weak,
            unique=(single[0] - weak, single[1] - weak),
            synergy=two_normals(self.distance) - strong,
            error=0.0,
            how="normal experiments are ordered by distance; information by quadrature",
        )

    def posteriors(self, sample: Sample) -> tuple[Array, Array, Array]:
        """p(label 1) given the first modality, the second, both: (n,) each."""
        one, two = sample.first[:, 0] * self.means[0], sample.second[:, 0] * self.means[1]
        return expit(2 * one), expit(2 * two), expit(2 * (one + two))


def two_normals(mean: float) -> float:
    """Information in bits of x ~ N(s mean, 1) about a fair sign s: 1 - E log2(1 + exp(-2 mean x)), x ~ N(mean, 1).

    Adaptive quadrature over 12 standard deviations; error below 1e-10.
    """

    def lost(x: float) -> float:
        return float(np.logaddexp(0.0, -2 * mean * x)) * math.exp(-((x - mean) ** 2) / 2) / math.sqrt(2 * math.pi)

    value, _ = quad(lost, mean - 12, mean + 12, epsabs=1e-13, epsrel=1e-12, limit=200)
    return 1.0 - to_bits(value)
