"""Real data for the demo, from inside scikit-learn: digits of which one modality sees the top, one the bottom."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

ENDINGS = (1, 3, 7, 9)  # last digits of every prime above 5
CUTS = (520, 1040, 1540)  # labelled tops, labelled bottoms, pairs; the rest (257) is held out


@dataclass(frozen=True, kw_only=True, eq=False)
class DemoData:
    """What an analyst would have, and apart from it what only the demo knows.

    labeled, pairs: arguments of `quantify`, from disjoint rows. test_*: held-out labelled pairs, for the
    revelation. oracle_*: labelled pairs that nobody had, the rows of `pairs` with their hidden labels.
    """

    labeled: Mapping[str, tuple[NDArray, NDArray]]
    pairs: Mapping[str, NDArray]
    test_features: Mapping[str, NDArray]
    test_labels: NDArray
    oracle_features: Mapping[str, NDArray]
    oracle_labels: NDArray
    title: str
    description: str


def load_demo(seed: int = 0) -> DemoData:
    """1,797 scanned digits, split at random (by `seed`) into four disjoint parts."""
    digits = load_digits()
    views = {"top": digits.images[:, :3].reshape(-1, 24), "bottom": digits.images[:, 5:].reshape(-1, 24)}
    labels = np.where(np.isin(digits.target, ENDINGS), "ending", "other")
    order = np.random.default_rng(seed).permutation(len(labels))
    first, second, both, test = np.split(order, CUTS)
    rows = dict(zip(views, (first, second), strict=True))
    return DemoData(
        labeled={name: (x[rows[name]], labels[rows[name]]) for name, x in views.items()},
        pairs={name: x[both] for name, x in views.items()},
        test_features={name: x[test] for name, x in views.items()},
        test_labels=labels[test],
        oracle_features={name: x[both] for name, x in views.items()},
        oracle_labels=labels[both],
        title="Is the scanned digit a 1, 3, 7 or 9, the last digits of large primes?",
        description=(
            f"{len(labels):,} scanned digits of 8 by 8 pixels from scikit-learn. One modality sees the top three "
            f"rows of pixels, the other the bottom three. interplay gets {len(first)} labelled tops, {len(second)} "
            f"labelled bottoms of other digits, and {len(both)} unlabelled pairs (top and bottom of one digit, of "
            f"yet others). {len(test)} more digits are held out; their labels are opened only to check the "
            "promise. The question was chosen because fusing pays here; with some other seeds, 500 rows a set are "
            "too few to prove it."
        ),
    )
