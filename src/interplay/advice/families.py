"""The families of fusion models, and what of the modalities' interaction speaks for each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Family = Literal[
    "single", "ensemble", "agreement", "early", "additive", "tensor", "low_rank", "multiplicative", "cross_attention"
]
FAMILIES: tuple[Family, ...] = (
    "single", "ensemble", "agreement", "early", "additive", "tensor", "low_rank", "multiplicative", "cross_attention",
)  # fmt: skip
SMALL = 0.005  # half a point of accuracy: not worth a second modality, or an interaction
MANY_CLASSES = 5  # from which weights of their own for each class and product cost more than they know
FEW_PAIRS = 100  # a class: below, models that must agree vary less with the sample


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What decides, from ranges only. Accuracies in points of probability, on codes.

    tells: whether any modality alone says something of the label. useless: no classifier gains SMALL over the best
    single modality. likely: gain at maximum entropy, which additive
    log odds reach. room: how much more than that the most favourable joint allows. redundant: share of the identified
    information (redundancy and both unique parts) that both modalities carry. lopsided: how much larger a share of
    it is unique to one modality than to the other. pairs: labelled pairs to train on, as many as pairs were seen if
    nobody said.
    """

    names: tuple[str, str]
    best: str
    tells: bool
    useless: bool
    likely: float
    room: float
    redundant: float
    lopsided: float
    classes: int
    pairs: float
    sequences: bool


NO_ROOM = "no interaction can add half a point to an additive model."
Rule = Callable[[Facts], tuple[bool | None, str]]  # True recommended, None possible, False not needed


def single_leads(f: Facts) -> bool:
    """Whether the better modality alone is more than a yardstick: the other is unlikely to add anything."""
    return f.useless or (f.likely < SMALL and f.lopsided > 0.5)


def _single(f: Facts) -> tuple[bool | None, str]:
    if f.useless:
        return True, f"{f.best} alone: fusing gains less than half a point, whatever the unseen joint."
    if single_leads(f):
        return True, (
            f"{f.best} carries {f.lopsided:.0%} of the information alone, and fusing is likely to gain "
            f"{100 * f.likely:.1f} points only; but up to {100 * f.room:.1f} more are not ruled out."
        )
    if f.tells:
        return True, (
            f"{f.best} alone is what a fusion must beat, here likely by {100 * f.likely:.1f} points, and the quickest "
            "to train."
        )
    return False, "no modality alone says anything of the label."


def _ensemble(f: Facts) -> tuple[bool | None, str]:
    if f.redundant > 0.5:
        return None, (
            f"both modalities carry {f.redundant:.0%} of the information, so averaging their answers cancels errors; "
            "it weighs both alike, though."
        )
    return False, f"only {f.redundant:.0%} of the information is shared: an average would dilute what is unique."


def _agreement(f: Facts) -> tuple[bool | None, str]:
    if f.redundant > 0.5:
        return True, f"{f.redundant:.0%} of the information is in both: models that must agree lose little by it."
    if f.pairs < FEW_PAIRS * f.classes:
        return True, (
            f"{f.pairs:.0f} labelled pairs for {f.classes} classes are few, and models that must agree vary less "
            "with the sample."
        )
    return False, f"only {f.redundant:.0%} of the information is shared: forcing models to agree loses the rest."


def _additive(f: Facts) -> tuple[bool | None, str]:
    return True, (
        f"additive log odds reach the gain that the tables make likely ({100 * f.likely:.1f} points), with the fewest "
        "weights to learn."
    )


def _early(f: Facts) -> tuple[bool | None, str]:
    if f.room < SMALL:
        return False, NO_ROOM
    if f.classes >= MANY_CLASSES:
        return True, f"one network on all features learns interactions that its {f.classes} classes share."
    return None, (
        "one network on all features can learn any interaction, but has to piece together products that other "
        "families form at once, from more labelled pairs."
    )


def _tensor(f: Facts) -> tuple[bool | None, str]:
    if f.room < SMALL:
        return False, NO_ROOM
    if f.classes >= MANY_CLASSES:
        return None, f"all products of hidden features, but each of {f.classes} classes has weights of its own for all."
    return (
        True,
        f"all products of hidden features: if {100 * f.room:.1f} points of interaction are real, it finds them.",
    )


def _low_rank(f: Facts) -> tuple[bool | None, str]:
    if f.room < SMALL:
        return False, NO_ROOM
    return None, "products of hidden features in few dimensions: as tensor, with fewer weights."


def _multiplicative(f: Facts) -> tuple[bool | None, str]:
    if f.room < SMALL:
        return False, NO_ROOM
    return None, "one modality gates the other: fits if the meaning of one depends on the other."


def _cross_attention(f: Facts) -> tuple[bool | None, str]:
    if f.room < SMALL:
        return False, NO_ROOM
    parts = "the parts of one sequence" if f.sequences else "learned parts of one vector"
    return True, (
        f"up to {100 * f.room:.1f} points need interactions that the samples can neither show nor rule out; {parts} "
        "are weighed in the light of the other modality, which finds a few strong products among many features."
    )


RULES: Mapping[Family, Rule] = {
    "single": _single,
    "ensemble": _ensemble,
    "agreement": _agreement,
    "early": _early,
    "additive": _additive,
    "tensor": _tensor,
    "low_rank": _low_rank,
    "multiplicative": _multiplicative,
    "cross_attention": _cross_attention,
}
