"""Pairs that nobody has: the joint of smallest entropy that given distributions can have, and what none goes below."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interplay.errors import InputError, ShapeError
from interplay.information import Array, entropy
from interplay.results import freeze
from interplay.solvers.coupling import greedy_coupling_of, meet_entropy, smallest_coupling

BASES = 20_000  # vertices of small problems that are looked at: about a second
DENSE = 50_000_000  # cells up to which `joint` is built
EXACT = 1e-9  # bits


@dataclass(frozen=True, kw_only=True)
class Coupling:
    """A joint of k distributions with small entropy, as its few cells with mass.

    entropy: bits, of this joint. lower: bits, no joint of the distributions has less; exact: both meet. dependence:
    bits, the sum of the single entropies less `entropy` (two distributions: their mutual information, nearly the
    largest possible). codes (m,k): positions of the m cells; mass (m,): their probabilities; shape (n_1, ..., n_k).
    """

    entropy: float
    lower: float
    exact: bool
    dependence: float
    codes: NDArray[np.intp] = field(repr=False)
    mass: Array = field(repr=False)
    shape: tuple[int, ...]

    @cached_property
    def joint(self) -> Array:
        """The joint as a table (n_1, ..., n_k); InputError where that has more than 50 million cells."""
        cells = int(np.prod(self.shape, dtype=object))
        if cells > DENSE:
            raise InputError(
                f"a joint table of {cells} cells", expected=f"at most {DENSE}", next_step="use codes and mass"
            )
        table = np.zeros(self.shape)
        np.add.at(table, tuple(self.codes.T), self.mass)
        freeze(table)
        return table


def minimum_entropy_coupling(*marginals: ArrayLike) -> Coupling:
    """A joint of small entropy of two or more distributions, with a certified lower bound on any joint's entropy.

    marginals: counts or probabilities, each (n_i,), of any lengths; zeros are normal. Up to 64 cells and 20,000 bases
    of the transport polytope all vertices are listed, which is exact; beyond, the greedy joint, of two distributions
    at most log2(e)/e = 0.531 bits above the least (Kocaoglu et al. 2017, Compton 2022), and the entropy of the
    distributions' majorization meet below (Cicalese, Gargano & Vaccaro 2019). InputError for negative, non-finite or
    empty distributions and fewer than two of them, ShapeError for tables.
    """
    given = _distributions(marginals)
    shape = tuple(len(p) for p in given)
    codes, mass = greedy_coupling_of(given)
    value, lower = float(entropy(mass)), meet_entropy(*given)
    listed = smallest_coupling(*given, limit=BASES) if value - lower > EXACT else None
    if listed is not None:
        if listed[0] < value:
            codes = np.argwhere(listed[1] > 0)
            mass = listed[1][tuple(codes.T)]
            value = float(entropy(mass))
        lower = max(lower, listed[0] - EXACT / 10)
    freeze(mass)
    codes.setflags(write=False)
    lower = min(lower, value)
    singles = sum(float(entropy(p)) for p in given)
    return Coupling(
        entropy=value,
        lower=lower,
        exact=value - lower <= EXACT,
        dependence=singles - value,
        codes=codes,
        mass=mass,
        shape=shape,
    )


def _distributions(marginals: Sequence[ArrayLike]) -> list[Array]:
    """Each summing to one, or an error that names the fault."""
    if len(marginals) < 2:
        raise InputError(
            f"{len(marginals)} distributions", expected="two or more", next_step="give every marginal as an argument"
        )
    found = []
    for i, given in enumerate(marginals, start=1):
        p = np.asarray(given, dtype=np.float64)
        if p.ndim != 1:
            raise ShapeError(
                f"distribution {i} of shape {p.shape}",
                expected="one axis",
                next_step="flatten a table, or give its rows as distributions",
            )
        if not (np.isfinite(p).all() and p.min(initial=0.0) >= 0 and p.sum() > 0):
            raise InputError(
                f"distribution {i} has negative, non-finite or no mass",
                expected="counts or probabilities",
                next_step="check it for missing values",
            )
        found.append(p / p.sum())
    return found
