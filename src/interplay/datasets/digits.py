"""Real data for the demo, from inside scikit-learn: scanned digits, of which one modality sees each half."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

LOOPS = (0, 6, 8, 9)  # digits that are written with a closed loop
SHARES = (0.27, 0.27, 0.26)  # labelled first, labelled second, pairs; the rest is held out


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
    views = {"top": digits.images[:, :4].reshape(-1, 32), "bottom": digits.images[:, 4:].reshape(-1, 32)}
    labels = np.where(np.isin(digits.target, LOOPS), "loop", "no loop")
    order = np.random.default_rng(seed).permutation(len(labels))
    cuts = (np.cumsum(SHARES) * len(labels)).astype(int)
    first, second, both, test = np.split(order, cuts)
    rows = dict(zip(views, (first, second), strict=True))
    return DemoData(
        labeled={name: (x[rows[name]], labels[rows[name]]) for name, x in views.items()},
        pairs={name: x[both] for name, x in views.items()},
        test_features={name: x[test] for name, x in views.items()},
        test_labels=labels[test],
        oracle_features={name: x[both] for name, x in views.items()},
        oracle_labels=labels[both],
        title="Is the digit written with a closed loop (0, 6, 8, 9)?",
        description=(
            f"{len(labels):,} scanned digits from scikit-learn; one modality sees the top half of each image, the "
            f"other the bottom half. interplay gets {len(first)} labelled tops, {len(second)} labelled bottoms of "
            f"other digits, and {len(both)} unlabelled whole digits. {len(test)} digits are held out; their "
            "labels are opened at the end."
        ),
    )
