"""Discrete generators: gates on bits, and noisy views of a label with nuisance dimensions. All truths are exact."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from interplay.errors import InputError
from interplay.generators.truth import Sample, Truth
from interplay.information import Array, entropy, mutual_information, uniform_entropy

Ints = np.ndarray
Cells = dict[tuple[int, int, int], float]


def _binary_entropy(p: float) -> float:
    return float(entropy([p, 1 - p]))


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A joint of codes (n1, n2, K) whose atoms follow from a short argument, given in `why`."""

    name: str
    joint: Array = field(repr=False)
    redundancy: float = 0.0
    unique: tuple[float, float] = (0.0, 0.0)
    synergy: float = 0.0
    why: str

    def sample(self, n: int, seed: int) -> Sample:
        """Codes as one column a modality."""
        flat = np.random.default_rng(seed).choice(self.joint.size, size=n, p=self.joint.ravel())
        first, second, labels = np.unravel_index(flat, self.joint.shape)
        return Sample(first=first[:, None].astype(float), second=second[:, None].astype(float), labels=labels)

    def truth(self) -> Truth:
        """Closed form."""
        return Truth(redundancy=self.redundancy, unique=self.unique, synergy=self.synergy, error=0.0, how=self.why)


def _joint(cells: Cells) -> Array:
    table = np.zeros(np.max(list(cells), axis=0) + 1)
    for cell, mass in cells.items():
        table[cell] += mass
    return table


def _of_two_bits(
    rule: Callable[[int, int], int],
    *,
    view: Callable[[int, int], int] = lambda a, b: a,
    other: Callable[[int, int], int] = lambda a, b: b,
) -> Array:
    """Label rule(a, b) of two fair bits, seen through view(a, b) and other(a, b)."""
    cells: Cells = {}
    for a in (0, 1):
        for b in (0, 1):
            cell = (view(a, b), other(a, b), rule(a, b))
            cells[cell] = cells.get(cell, 0.0) + 0.25
    return _joint(cells)


def _six_bits() -> Array:
    """From the authors' notebook: x1 is three fair bits, x2 shares the third, the label is the parity of all six.

    After the label is made, the third bit of x2 survives with probability 0.5 and its first with 0.3, else reads 0.
    """
    cells: Cells = {}
    for code in range(128):
        a0, a1, a2, b0, b1, keep2, keep0 = ((code >> i) & 1 for i in range(7))
        mass = (0.3 if keep0 else 0.7) * 0.5 / 32
        cell = (a0 + 2 * a1 + 4 * a2, b0 * keep0 + 2 * b1 + 4 * a2 * keep2, (a0 + b0 + a1 + b1) % 2)
        cells[cell] = cells.get(cell, 0.0) + mass
    return _joint(cells)


_QUARTER = _binary_entropy(0.25)  # H of AND of two fair bits
_ONE_KNOWN = _QUARTER - 0.5  # what one of its bits tells
_SAME_LAW = "both bits have the same law, so neither has unique information: redundancy is what one bit tells"
_INSIDE = "the second modality is a part of the first: redundancy is what the second tells, and there is no synergy"

GATES: tuple[Gate, ...] = (
    Gate(name="and", joint=_of_two_bits(lambda a, b: a & b), redundancy=_ONE_KNOWN, synergy=0.5, why=_SAME_LAW),
    Gate(name="or", joint=_of_two_bits(lambda a, b: a | b), redundancy=_ONE_KNOWN, synergy=0.5, why=_SAME_LAW),
    Gate(name="xor", joint=_of_two_bits(lambda a, b: a ^ b), synergy=1.0, why="either bit alone tells nothing"),
    Gate(
        name="unique first",
        joint=_of_two_bits(lambda a, b: a),
        unique=(1.0, 0.0),
        why="the label is the first bit, the second is an independent coin",
    ),
    Gate(
        name="unique second",
        joint=_of_two_bits(lambda a, b: b),
        unique=(0.0, 1.0),
        why="the label is the second bit, the first is an independent coin",
    ),
    Gate(
        name="redundant",
        joint=_of_two_bits(lambda a, b: a, other=lambda a, b: a),
        redundancy=1.0,
        why="both modalities are the label",
    ),
    Gate(
        name="copy",
        joint=_of_two_bits(lambda a, b: 2 * a + b),
        unique=(1.0, 1.0),
        why="the label is the pair of independent bits: the product coupling of the two has 2 bits, as many as any",
    ),
    Gate(
        name="and, second inside first",
        joint=_of_two_bits(lambda a, b: a & b, view=lambda a, b: 2 * a + b),
        redundancy=_ONE_KNOWN,
        unique=(0.5, 0.0),
        why=_INSIDE,
    ),
    Gate(
        name="xor, second inside first",
        joint=_of_two_bits(lambda a, b: a ^ b, view=lambda a, b: 2 * a + b),
        unique=(1.0, 0.0),
        why=_INSIDE,
    ),
    Gate(
        name="six bits",
        joint=_six_bits(),
        synergy=1 - 0.85 * _binary_entropy(10 / 17),
        why="either modality lacks a fair bit of the parity; together they lack only the first bit of x2 where it "
        "reads 0, which has probability 0.85 and then is 0 with probability 10/17",
    ),
)


@dataclass(frozen=True, kw_only=True)
class NoisyViews:
    """Two views of a uniform label, each wrong with its own probability, hidden among nuisance dimensions.

    flips: probability (0 to 1 - 1/K) that a view shows another label, uniformly chosen. A view has K one-hot
    columns and `nuisance` standard normal ones, mixed by one fixed invertible matrix, so that nothing is lost.
    """

    name: str
    classes: int = 2
    flips: tuple[float, float] = (0.1, 0.2)
    nuisance: int = 5

    def __post_init__(self) -> None:
        if self.classes < 2 or not all(0 <= f <= 1 - 1 / self.classes for f in self.flips):
            raise InputError(
                f"{self.classes} classes and flips {self.flips}",
                expected="at least two classes and probabilities from 0 to 1 - 1/K",
                next_step="a view that is wrong more often than by chance is another channel",
            )

    @property
    def joint(self) -> Array:
        """Joint (K, K, K) of what the views show and the label."""
        one, two = (self._channel(flip) for flip in self.flips)
        return np.einsum("yi,yj->ijy", one, two) / self.classes

    def _channel(self, flip: float) -> Array:
        k = self.classes
        return np.full((k, k), flip / (k - 1)) + (1 - flip - flip / (k - 1)) * np.eye(k)

    def sample(self, n: int, seed: int) -> Sample:
        """Features (n, K + nuisance) a modality."""
        rng = np.random.default_rng(seed)
        labels = rng.integers(self.classes, size=n)
        views = [self._view(labels, flip, rng, modality) for modality, flip in enumerate(self.flips)]
        return Sample(first=views[0], second=views[1], labels=labels)

    def _view(self, labels: Ints, flip: float, rng: np.random.Generator, modality: int) -> Array:
        n, k = len(labels), self.classes
        shown = np.where(rng.random(n) < flip, (labels + rng.integers(1, k, size=n)) % k, labels)
        plain = np.concatenate([np.eye(k)[shown], rng.standard_normal((n, self.nuisance))], axis=1)
        turned, _ = np.linalg.qr(
            np.random.default_rng([modality, k, self.nuisance]).standard_normal(plain.shape[1:] * 2)
        )
        return np.asarray(plain @ turned)

    def truth(self) -> Truth:
        """The noisier symmetric channel is the other one with more noise behind it, so it has nothing of its own."""
        k = self.classes
        single = [uniform_entropy(k) - float(entropy(self._channel(f)[0])) for f in self.flips]
        weak, strong = min(single), max(single)
        unique = (single[0] - weak, single[1] - weak)
        return Truth(
            redundancy=weak,
            unique=unique,
            synergy=float(mutual_information(self.joint)) - strong,
            error=0.0,
            how="symmetric channels are ordered: the noisier view is a noisy copy of the other one",
        )
