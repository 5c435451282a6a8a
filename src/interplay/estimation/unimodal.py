"""How accurate each modality's own classifier is on labelled rows that it never saw."""

from collections.abc import Mapping

import numpy as np

from interplay.estimation.coding import CodedSamples
from interplay.estimation.confidence import proportion
from interplay.information import Array
from interplay.results import Estimate


def unimodal_accuracy(
    coded: CodedSamples, weights: Mapping[str, Array | None], *, confidence: float, looks: int = 1
) -> dict[str, Estimate]:
    """By modality; the exact interval of a proportion. weights: of labelled rows. looks: if one is picked later."""
    return {
        name: proportion(
            (coded.decisions[name] == s.labels).astype(float),
            weights=weights[name],
            groups=s.groups,
            confidence=confidence,
            looks=looks,
            chance=float(np.bincount(s.labels, weights=weights[name]).max() / _total(weights[name], len(s.labels))),
        )
        for name, s in coded.samples.labeled.items()
    }


def _total(weights: Array | None, count: int) -> float:
    return float(count if weights is None else weights.sum())
