"""What a generator of data gives: a sample, and the atoms of the distribution that it comes from."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Atoms in bits of a known distribution (Bertschinger et al. 2014).

    error: 0 for closed forms and quadrature (exact to rounding), else a standard error that no atom's exceeds.
    how: the reason in words.
    """

    redundancy: float
    unique: tuple[float, float]
    synergy: float
    error: float
    how: str

    @property
    def total(self) -> float:
        """Information of both modalities about the label."""
        return self.redundancy + sum(self.unique) + self.synergy

    @property
    def atoms(self) -> tuple[float, float, float, float]:
        """redundancy, unique of the first, unique of the second, synergy."""
        return (self.redundancy, *self.unique, self.synergy)


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample:
    """Rows of both modalities and their labels: first (n, d1), second (n, d2), labels (n,) integers from 0."""

    first: NDArray[np.float64]
    second: NDArray[np.float64]
    labels: NDArray[np.intp]


class Generator(Protocol):
    """A distribution that can be sampled and knows its atoms."""

    @property
    def name(self) -> str: ...

    def sample(self, n: int, seed: int) -> Sample:
        """n independent rows; the same seed gives the same rows."""
        ...

    def truth(self) -> Truth:
        """The atoms of the distribution in bits."""
        ...
