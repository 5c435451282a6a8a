"""How accurate each modality's own classifier is on labelled rows that it never saw."""

from collections.abc import Mapping

from interplay.estimation.chance import above_chance
from interplay.estimation.coding import CodedSamples
from interplay.estimation.confidence import proportion
from interplay.information import Array
from interplay.results import Estimate


def unimodal_accuracy(
    coded: CodedSamples, weights: Mapping[str, Array | None], *, confidence: float, looks: int = 1
) -> dict[str, Estimate]:
    """By modality; the exact interval of a proportion. weights: of labelled rows. looks: if one is picked later."""
    return {
        name: above_chance(
            proportion(
                (coded.decisions[name] == s.labels).astype(float),
                weights=weights[name],
                groups=s.groups,
                confidence=confidence,
                looks=looks,
                unseen=coded.unseen(name, weights[name]),
            ),
            [(s.labels, weights[name], s.groups)],
            coded.accidents(name),
            looks=looks,
        )
        for name, s in coded.samples.labeled.items()
    }
