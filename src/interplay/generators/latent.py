"""The latent-variable generator of Liang et al. 2023 (arXiv 2302.12247): private and shared causes of a label.

z1, z2, zc ~ N(0, 1.5 I_5) are independent; X1 = [z1 T1, zc Tc] and X2 = [z2 T2, zc Tc] with fixed matrices of
uniform entries. The label adds some coordinates of z1, z2 and zc, each dropped with probability 0.2, and is cut at
the median. In the mixes the coordinates are drawn anew for every row, as in the released code.
"""

import itertools
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from interplay.errors import UnknownNameError
from interplay.generators.truth import Sample, Truth
from interplay.information import Array, entropy, to_bits

SIZE, VARIANCE, DROPPED = 5, 1.5, 0.2
# coordinates of z1, z2, zc in the label: int(share * 5) of the released settings
COUNTS: dict[str, tuple[int, int, int]] = {
    "redundancy": (0, 0, 5),
    "uniqueness0": (5, 0, 0),
    "uniqueness1": (0, 5, 0),
    "synergy": (5, 5, 0),
    "mix1": (2, 2, 2),
    "mix2": (5, 2, 2),
    "mix3": (5, 5, 2),
    "mix4": (2, 2, 5),
    "mix5": (0, 2, 2),
    "mix6": (0, 2, 5),
}
CHUNK = 500  # rows of latents at once: 1,024 sums of kept coordinates each


@dataclass(frozen=True, kw_only=True)
class LatentVariables:
    """One setting of the generator. dimensions: of each projected latent, so a modality has twice as many."""

    setting: str
    dimensions: int = 100
    draws: int = 20_000

    def __post_init__(self) -> None:
        if self.setting not in COUNTS:
            raise UnknownNameError(
                f"setting {self.setting!r}", expected=f"one of {', '.join(COUNTS)}", next_step="name one of them"
            )

    @property
    def name(self) -> str:
        """`latent mix1`, say."""
        return f"latent {self.setting}"

    def latents(self, n: int, seed: int) -> tuple[Array, NDArray[np.intp]]:
        """z (n, 3, 5) in the order z1, z2, zc, and labels (n,), the upper half of the label's score."""
        rng = np.random.default_rng(seed)
        z = rng.normal(scale=math.sqrt(VARIANCE), size=(n, 3, SIZE))
        rank = rng.permuted(np.broadcast_to(np.arange(SIZE), z.shape), axis=2)
        used = rank < np.array(COUNTS[self.setting])[None, :, None]
        kept = used & (rng.random(z.shape) >= DROPPED)
        score = np.where(kept, z, 0.0).sum(axis=(1, 2))
        labels = np.zeros(n, dtype=np.intp)
        labels[np.lexsort((rng.random(n), score))[n // 2 :]] = 1  # rows with nothing kept tie: a coin decides
        return z, labels

    def sample(self, n: int, seed: int) -> Sample:
        """Features (n, 2 dimensions) a modality."""
        z, labels = self.latents(n, seed)
        matrices = np.random.default_rng(2302_12247).uniform(size=(3, SIZE, self.dimensions))
        one, two, common = (z[:, k] @ matrices[k] for k in range(3))
        return Sample(first=np.hstack([one, common]), second=np.hstack([two, common]), labels=labels)

    def posteriors(self, z: Array) -> tuple[Array, Array, Array]:
        """p(label 1) given the first modality, the second, both: exact sums over what is kept, (n,) each."""
        parts = [self._chunk(z[i : i + CHUNK]) for i in range(0, len(z), CHUNK)]
        first, second, both = (np.concatenate(p) for p in zip(*parts, strict=True))
        return first, second, both

    def _chunk(self, z: Array) -> tuple[Array, Array, Array]:
        sums = [z[:, k] @ masks(m)[0].T for k, m in enumerate(COUNTS[self.setting])]
        weights = [masks(m)[1] for m in COUNTS[self.setting]]
        seen = ((0, 2, 1), (1, 2, 0))
        alone = [
            _one_missing(sums[i], sums[c], weights[i], weights[c], COUNTS[self.setting][hidden])
            for i, c, hidden in seen
        ]
        return alone[0], alone[1], _all_known(sums, weights)

    @cached_property
    def _drawn(self) -> tuple[Array, Array, Array]:
        return self.posteriors(self.latents(self.draws, seed=5)[0])

    def truth(self) -> Truth:
        """Monte Carlo over `draws` latents of exact posteriors; ties of the two modalities are known, not estimated."""
        lost = [entropy(np.stack([q, 1 - q], axis=1), batch=1) for q in self._drawn]
        error = sum(float(h.std(ddof=1)) for h in lost) / math.sqrt(self.draws)
        one, two, both = (1 - float(h.mean()) for h in lost)
        m1, m2, _ = COUNTS[self.setting]
        if m1 == m2:
            alone = (one + two) / 2
            return self._told(alone, (0.0, 0.0), both - alone, error, "the modalities have the same law")
        if m1 == 0 or m2 == 0:  # one modality holds every cause
            weak, strong = (one, two) if m1 == 0 else (two, one)
            unique = (0.0, strong - weak) if m1 == 0 else (strong - weak, 0.0)
            return self._told(weak, unique, 0.0, error, "one modality holds every cause of the label")
        redundancy = common_information(self._drawn[0], self._drawn[1])
        unique = (one - redundancy, two - redundancy)
        synergy = both - one - two + redundancy
        return self._told(redundancy, unique, synergy, error, "least of the two Bayes gains at every threshold")

    def _told(self, r: float, unique: tuple[float, float], s: float, error: float, why: str) -> Truth:
        how = f"{self.draws:,} draws of exact posteriors; {why}"
        return Truth(redundancy=r, unique=unique, synergy=s, error=error, how=how)


def masks(count: int) -> tuple[Array, Array]:
    """All sets of kept coordinates (32, 5) and their probabilities when `count` of five are used, each kept by 0.8."""
    table = np.array(list(itertools.product((0.0, 1.0), repeat=SIZE)))
    weights = [
        math.comb(SIZE - k, count - k) / math.comb(SIZE, count) * (1 - DROPPED) ** k * DROPPED ** (count - k)
        if k <= count
        else 0.0
        for k in table.sum(1).astype(int).tolist()
    ]
    kept = np.array(weights) > 0
    return table[kept], np.array(weights)[kept]


def _one_missing(own: Array, common: Array, w_own: Array, w_common: Array, hidden: int) -> Array:
    """P(score > 0) when the other modality's private part is a sum of normals that are kept by chance."""
    score = own[:, :, None] + common[:, None, :]  # (n, masks, masks)
    total = np.zeros_like(score)
    for kept in range(hidden + 1):
        chance = math.comb(hidden, kept) * (1 - DROPPED) ** kept * DROPPED ** (hidden - kept)
        total += chance * (ndtr(score / math.sqrt(VARIANCE * kept)) if kept else (np.sign(score) + 1) / 2)
    return np.einsum("nij,i,j->n", total, w_own, w_common)


def _all_known(sums: list[Array], weights: list[Array]) -> Array:
    """P(score > 0) given all latents: for every sum of two parts, the share of the third that lifts it above 0."""
    order = np.argsort([s.shape[1] for s in sums])
    a, b, c = (sums[k] for k in order)
    wa, wb, wc = (weights[k] for k in order)
    pairs = (a[:, :, None] + b[:, None, :]).reshape(len(a), -1)
    mass = np.outer(wa, wb).ravel()
    out = np.empty(len(a))
    for i in range(len(a)):
        rising = np.argsort(c[i])
        below = np.concatenate([[0.0], np.cumsum(wc[rising])])
        at = [np.searchsorted(c[i][rising], -pairs[i], side=side) for side in ("left", "right")]
        out[i] = mass @ (1 - (below[at[0]] + below[at[1]]) / 2)
    return np.clip(out, 0.0, 1.0)


def common_information(first: Array, second: Array, points: int = 20_000) -> float:
    """Redundancy in bits of a fair label from posteriors (n,) each: information as an integral of Bayes gains.

    h(q) = int min(q (1 - t), t (1 - q)) / (t (1 - t)) dt in nats; at each threshold t the redundant gain is the
    smaller one (the join of two binary experiments has the larger one). Midpoints in the log odds of t.
    """
    edges = np.linspace(-18.0, 18.0, points + 1)
    t = 1 / (1 + np.exp(-(edges[1:] + edges[:-1]) / 2))
    risk = [_bayes_risk(np.sort(q), t) for q in (first, second)]
    prior = np.minimum(t, 1 - t) / 2
    # dt / (t (1 - t)) is the length in log odds
    return float(to_bits((prior - np.maximum(*risk)).sum() * (edges[1] - edges[0])))


def _bayes_risk(q: Array, t: Array) -> Array:
    """E min(q (1 - t), t (1 - q)) at each t, for sorted q."""
    at = np.searchsorted(q, t)
    cumulated = np.concatenate([[0.0], np.cumsum(q)])
    below, n = cumulated[at], len(q)
    return np.asarray(((1 - t) * below + t * (n - at - (cumulated[-1] - below))) / n)
